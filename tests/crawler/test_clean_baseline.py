"""The promise everything rests on: the same article never differs from itself, and each edit is found, alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from crawler.copies import read_copy
from crawler.extraction import extract
from crawler.localsite.edits import EDITS, scripted
from crawler.localsite.rendering import Page, render
from storage.types import BlockKind, Content, EditOp, SpanOp

ROOT = Path(__file__).parents[2]
URL = "http://127.0.0.1:8000/de/das-gipfeltreffen/a-71703285"
DAY = datetime(2025, 2, 24, 9, 30, tzinfo=UTC)


def seed() -> Content:
    name = "000_9a4a2732b8d94b39.txt"
    return read_copy(name, (ROOT / "seeds" / name).read_bytes())[0].content


def on_page(content: Content, noise: int, layout: str = "dw-2026") -> Content:
    whole = replace(content, kicker="Politik | USA")
    page = Page(
        content=whole,
        number=71703285,
        url=URL,
        published=DAY,
        modified=DAY,
        layout=layout,
        noise=random.Random(noise),  # noqa: S311 - seeded on purpose
    )
    return extract(render(page), URL)


def test_the_seed_reads_as_a_person_reads_it() -> None:
    content = seed()
    assert content.headline == "Das Gipfeltreffen von Trump und Putin - eine Zäsur"
    assert (content.authors, content.place) == (("Janelle Dumalaon",), "Washington")
    assert (content.published, content.language, content.kicker) == ("2025-02-24", "de", None)
    assert content.teaser is not None
    assert content.teaser.startswith("Das geplante Treffen")
    kinds = [block.kind for block in content.blocks]
    assert kinds.count(BlockKind.HEADING) == 5
    assert kinds.count(BlockKind.CAPTION) == kinds.count(BlockKind.CREDIT) == 2
    assert content.blocks[-1].kind is BlockKind.NOTE
    text = "\n".join(block.text for block in content.blocks)
    for furniture in (
        "02:45",
        "video element",
        "Lässt Trump die Ukraine fallen",
        "Seltene Erden?",
        "Mehr zum Thema",
        "hände-schüttelnd",
    ):
        assert furniture not in text


@pytest.mark.parametrize("layout", ["dw-2026", "dw-2023"])
def test_the_seed_does_not_differ_from_its_page_under_any_noise(layout: str) -> None:
    from reports.diff import assess

    saved = seed()
    for noise in range(200):
        differences = [e for e in assess(saved, on_page(saved, noise, layout)).diff.edits if e.op is not EditOp.KEEP]
        assert not differences, f"noise {noise}"


def test_noise_never_makes_a_difference_between_two_looks() -> None:
    from storage.content import digest

    saved = seed()
    assert len({digest(on_page(saved, noise)) for noise in range(60)}) == 1


def test_a_relaunch_is_not_an_edit() -> None:
    from reports.diff import assess

    saved = seed()
    classic = on_page(saved, 1, "dw-classic")
    assert classic.layout == "dw-classic"
    for layout in ("dw-2023", "dw-2026"):
        assert not assess(classic, on_page(saved, 2, layout)).diff.changed


@pytest.mark.parametrize("name", sorted(EDITS))
def test_each_edit_is_found_and_nothing_else(name: str) -> None:
    from reports.diff import assess

    saved = seed()
    before = on_page(saved, 0)
    for number in range(17):
        edit = scripted(saved, random.Random(f"{name}-{number}"), name)  # noqa: S311 - seeded on purpose
        after = on_page(edit.content, number + 1)
        for baseline in (saved, before):
            edits = [e for e in assess(baseline, after).diff.edits if e.op is not EditOp.KEEP]
            assert len(edits) == 1, (number, edits)
            dropped = "".join(span.text for span in edits[0].spans if span.op is SpanOp.DROP)
            added = "".join(span.text for span in edits[0].spans if span.op is SpanOp.ADD)
            assert (edits[0].field, dropped, added) == (edit.field, edit.old_words, edit.new_words)
