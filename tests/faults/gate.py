"""``python -m tests.faults.gate``: pages that are no article never become a version, and what looks like one of them is accepted.

The words stand in ``gate.toml``. Each bad page is answered at the article's own address, bare and inside the templates of
three layouts and of an outlet without one of its own, at a first look and after good ones; beside them pages that hold no
text at all (a shell of a program, an overview, a search, a page of teasers). Good pages: the same templates with headlines
that speak of captchas, errors and maintenance, very short and very long articles, right to left and without spaces, and the
real pages in ZAESUR_TEST_DATA.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from benchmarks.comparison.texts import LANGUAGES
from crawler.localsite.rendering import Page, render
from crawler.reading import read
from storage.types import Block, BlockKind, Content, Look, Outcome
from tests.faults import scene
from tests.faults.pages import DAY, LAYOUTS, Sample, content, look, real

CORPUS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
NUMBER = 74_500_001
GENERIC = "https://www.example.org/politik/ein-dorf-ohne-uhren"


class Case(NamedTuple):
    """A page, what it is, and what was last read at its address."""

    kind: str
    sample: Sample
    last: Content | None


def in_layout(article: Content, layout: str) -> Sample:
    """An article's page in one of DW's layouts."""
    url = f"https://www.dw.com/{article.language}/x/a-{NUMBER}"
    page = Page(
        content=article, number=NUMBER, url=url, published=DAY, modified=DAY, layout=layout, noise=random.Random(1)
    )
    return Sample(layout, url, render(page))


def plain(article: Content) -> Sample:
    """An article's page of an outlet whose layout is not known."""
    paragraphs = "".join(f"<p>{escape(block.text)}</p>" for block in article.blocks)
    return Sample(
        "generic",
        GENERIC,
        f'<!doctype html><html lang="{article.language}"><head><meta charset="utf-8"><title>{escape(article.headline or "")}</title>'
        f'<link rel="canonical" href="{GENERIC}"></head><body><nav><a href="/">Start</a></nav><main><article>'
        f"<h1>{escape(article.headline or '')}</h1><p>{escape(article.teaser or '')}</p>{paragraphs}</article></main>"
        "<footer>Impressum</footer></body></html>",
    )


def bare(headline: str, text: str, language: str, url: str) -> Sample:
    """A page of its own with these words, as a gateway or a wall answers."""
    title = escape(headline)
    body = f'<div class="main-wrapper" role="main"><h1>{title}</h1><p>{escape(text)}</p><form><button>OK</button></form></div>'
    return Sample(
        "bare",
        url,
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>',
    )


def bad() -> Iterator[Case]:
    """Pages that are no article."""
    known = content("de")
    dw = f"https://www.dw.com/de/x/a-{NUMBER}"
    for kind, languages in CORPUS.items():
        if kind == "good":
            continue
        for language, lines in languages.items():
            for line in lines:
                headline, _, text = line.partition(" | ")
                said = Content(
                    headline=headline,
                    teaser=text,
                    language=language,
                    blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),),
                )
                pages = [bare(headline, text, language, dw), bare(headline, text, language, GENERIC), plain(said)]
                pages += [in_layout(said, layout) for layout in LAYOUTS]
                for sample in pages:
                    for last in (None, known):
                        yield Case(f"{kind} {language} {sample.name} {headline!r}", sample, last)
    for name, page in textless(dw):
        for last in (None, known):
            yield Case(name, Sample(name, dw, page), last)


def textless(url: str) -> Iterator[tuple[str, str]]:
    """Pages without an article on them."""
    head = f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>DW</title><link rel="canonical" href="{url}"></head>'
    teasers = "".join(
        f'<a href="/de/x/a-{n}"><h3>Meldung {n}</h3><p>Anreißer</p></a>' for n in range(70_000_000, 70_000_030)
    )
    yield "shell of a program", f'{head}<body><div id="root"></div><script src="/app.js"></script></body></html>'
    yield "shell that loads", f'{head}<body><div id="root"><h1>DW</h1><p>Loading …</p></div></body></html>'
    yield "overview", f"{head}<body><main><h1>Themen</h1>{teasers}</main></body></html>"
    yield "search", f'{head}<body><main><h1>Suche</h1><form><input name="q"></form>{teasers}</main></body></html>'
    yield (
        "home page",
        f"{head.replace(url, 'https://www.dw.com/de/')}<body><main><h1>Startseite</h1>{teasers}</main></body></html>",
    )
    yield "article without text", f"{head}<body><main><article><h1>Ein Dorf</h1></article></main></body></html>"
    other = in_layout(content("de"), "dw-2026").page.replace(str(NUMBER), "74500002")
    yield "another article", other
    whole = in_layout(content("de"), "dw-2026").page
    yield "cut page", whole[: len(whole) * 6 // 10]
    yield "cut and closed up", whole[: whole.find("rich-text") + 400] + "</body></html>"
    yield "empty", ""
    yield "white space", " \n " * 200


def good() -> Iterator[Case]:
    """Articles, however they look."""
    for language, headlines in CORPUS["good"].items():
        base = content(language if language in LANGUAGES else "en")
        for headline in headlines:
            article = replace(base, headline=headline, language=language)
            pages = [in_layout(article, layout) for layout in LAYOUTS] + [plain(article)]
            for sample in pages:
                # a headline that is nothing but such a word is doubted unless the article bore it before
                single = headline.casefold() in ("error", "500", "fehler", "404")
                for last in (article,) if single else (None, article, base):
                    yield Case(f"{language} {sample.name} {headline!r}", sample, last)
    for language in LANGUAGES:
        base = content(language)
        shapes = {
            "as written": base,
            "one line": replace(base, blocks=base.blocks[:1]),
            "a long one": replace(base, blocks=base.blocks * 8),
            "without teaser": replace(base, teaser=""),
            "with a note": replace(
                base, blocks=(*base.blocks, Block(kind=BlockKind.NOTE, text="Korrektur: 12, nicht 21."))
            ),
        }
        for name, article in shapes.items():
            for layout in LAYOUTS:
                yield Case(f"{language} {layout} {name}", in_layout(article, layout), None)
        grown = replace(base, blocks=base.blocks * 5)
        for layout in LAYOUTS:
            yield Case(f"{language} {layout} grown", in_layout(grown, layout), base)
            yield Case(
                f"{language} {layout} shortened", in_layout(replace(base, blocks=base.blocks[:-1]), layout), base
            )
    for sample in real():
        yield Case(f"real {sample.name}", sample, None)


def accepted(case: Case) -> Look:
    """The look at this page as it ends."""
    return read(look(case.sample, case.sample.page.encode("utf-8", "surrogatepass")), case.last)


def run(size: int, seed: int) -> int:
    """The whole corpus (``size`` and ``seed`` change nothing: it is all of it each time); the number of the exit."""
    reasons: Counter[str] = Counter()
    wrong = bads = refused = goods = 0
    for case in bad():
        ended, bads = accepted(case), bads + 1
        reasons[(ended.reason or "")[:40]] += 1
        if ended.outcome not in (Outcome.SET_ASIDE, Outcome.GONE):
            wrong += 1
            print(f"ACCEPTED: {case.kind} {'after a good one' if case.last else 'at the first look'}")
    for case in good():
        ended, goods = accepted(case), goods + 1
        if ended.outcome is not None:
            refused += 1
            print(f"SET ASIDE: {case.kind} {'after another' if case.last else 'at the first look'}: {ended.reason}")
    for reason, count in reasons.most_common(8):
        print(f"{count:>8}  {reason}")
    print(
        f"gate: {wrong} accepted of {bads} bad pages; target 0; {refused} set aside of {goods} good ones; target {goods // 100}"
    )
    return 1 if wrong or refused > goods // 100 else 0


if __name__ == "__main__":
    scene.command("gate", run, 1)
