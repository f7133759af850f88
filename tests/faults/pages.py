"""The pages that the page suites cut and spoil: invented articles in nine languages and three layouts, and real ones where they are at hand."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.comparison.texts import LANGUAGES, article
from crawler.decoding import decode
from crawler.localsite.rendering import Page, render
from crawler.urls import identify
from storage.types import Block, BlockKind, Content, Look

DAY = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LAYOUTS = ("dw-2026", "dw-2023", "dw-classic")


@dataclass(frozen=True)
class Sample:
    """A page as decoded, and its address."""

    name: str
    url: str
    page: str


def invented() -> Iterator[Sample]:
    """An article of our own in each language and layout."""
    for n, language in enumerate(LANGUAGES):
        for layout in LAYOUTS:
            number = 74_000_000 + n
            url = f"https://www.dw.com/{language}/x/a-{number}"
            whole = Page(
                content=content(language),
                number=number,
                url=url,
                published=DAY,
                modified=DAY,
                layout=layout,
                noise=random.Random(n),
            )
            yield Sample(f"{language} {layout}", url, render(whole))


def content(language: str) -> Content:
    """The article of that language."""
    joint = "" if language == "zh" else " "
    paragraphs = [joint.join(joint.join(words) for words in sentences) for sentences in article(language)]
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs[1:])
    return Content(
        headline=paragraphs[0][:60], teaser=paragraphs[0], authors=("Nora Feldkamp",), language=language, blocks=blocks
    )


def real() -> Iterator[Sample]:
    """The real article pages in ZAESUR_TEST_DATA; none without it."""
    folder = Path(os.environ.get("ZAESUR_TEST_DATA", "nowhere")) / "dw"
    for path in sorted(folder.glob("*.html")):
        language, _, number = path.stem.partition("_")
        name = number if number.startswith("av") else f"a-{number}"
        yield Sample(
            path.stem,
            f"https://www.dw.com/{language}/x/{name.replace('av', 'av-')}",
            decode(path.read_bytes(), ()).text,
        )


def look(sample: Sample, body: bytes, *headers: tuple[str, str]) -> Look:
    """A look that was answered 200 with this body."""
    return Look(
        requested_url=sample.url,
        final_url=sample.url,
        article=identify(sample.url),
        started=DAY,
        answered=DAY,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"), *headers),
        body=body,
    )
