"""A change in the terminal: moves name both their ends, what stayed is folded, marks need no colour."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from reports import terminal
from reports.diff import assess
from storage.types import Article, Baseline, Block, BlockKind, Change, Content, Origin, Version

TEXTS = {
    "de": (
        "Die Küste liegt ruhig da. Die Fähre fährt deshalb bis zum Herbst nur zweimal am Tag. Danach sieht man weiter.",
        "Am Ufer wartete niemand mehr. Es regnete seit dem frühen Morgen ohne Pause.",
        "Der Rat berät am Abend über das neue Schiff und seine Kosten.",
    ),
    "en": (
        "The coast is quiet. The ferry therefore runs only twice a day until autumn. After that we will see.",
        "Nobody waited on the quay any more. It had been raining since the early morning.",
        "The council will talk about the new ship and its cost tonight.",
    ),
    "ar": (
        "الساحل هادئ اليوم. لذلك تبحر العبارة مرتين فقط في اليوم حتى الخريف. بعد ذلك سنرى.",
        "لم يبق أحد ينتظر على الرصيف. المطر يهطل منذ الصباح الباكر دون توقف.",
        "يناقش المجلس هذا المساء السفينة الجديدة وكلفتها.",
    ),
}


def printed(
    old: Content,
    new: Content,
    language: str,
    *,
    times: tuple[datetime | None, datetime | None] = (None, None),
    id: int = 1,
) -> str:
    change = Change(
        id=id, article="a-1", baseline=Baseline.PREVIOUS, from_version=1, to_version=2,
        observed_after=times[0], observed_by=times[1], assessment=assess(old, new),
    )  # fmt: skip
    versions = [
        Version(article="a-1", number=n, origin=Origin.CRAWL, content=c, fingerprint="", first_seen=at, last_seen=at)
        for n, c, at in ((1, old, times[0]), (2, new, times[1]))
    ]
    article = Article(id="a-1", outlet="dw", url="https://www.dw.com/a-1", language=new.language)
    out = StringIO()
    terminal.show(Console(file=out, width=400), change, versions[0], versions[1], article, language)
    return out.getvalue()


def content(texts: list[str], language: str) -> Content:
    return Content(
        headline="-", language=language, blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=t) for t in texts)
    )


@pytest.mark.parametrize("language", TEXTS)
def test_both_ends_of_a_moved_sentence_name_each_other(language: str) -> None:
    first, second, third = TEXTS[language]
    start, sentence, end = first.split(". ")
    opening, rest = second.split(". ")
    old = content([first, third, second], language)
    new = content([f"{start}. {end}", third, f"{opening}. {sentence}. {rest}"], language)
    shown = printed(old, new, "de" if language == "de" else "en")
    assert f"[-⇄ 2: {sentence}. -]" in shown
    assert f"{{+⇄ 1: {sentence}. +}}" in shown
    assert ("eine passage verschoben" if language == "de" else "a passage moved") in shown.lower()
    assert third not in shown
    assert ("… 1 Absatz unverändert" if language == "de" else "… 1 paragraph unchanged") in shown


@pytest.mark.parametrize("language", TEXTS)
def test_where_a_moved_paragraph_stood_is_said(language: str) -> None:
    first, second, third = TEXTS[language]
    old, new = content([first, second, third], language), content([third, first, second], language)
    shown = printed(old, new, "en")
    assert "⇄ 1 moved" in shown
    assert (
        shown.index("⇄ 1 moved")
        < shown.index("2 paragraphs unchanged")
        < shown.index("⇄ Change 1: this passage stood here before")
    )
    assert "{+" not in shown


def test_a_pair_asked_for_the_other_way_round_claims_no_interval_and_no_newer_headline() -> None:
    old, new = (replace(content(list(TEXTS["en"]), "en"), headline=text) for text in ("The ferry", "The boat"))
    early, late = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC)
    forward = printed(old, new, "en", times=(early, late))
    assert "against the version before" in forward
    assert "changed between" in forward
    assert "The newer headline" in forward
    back = printed(new, old, "en", times=(late, early), id=0)
    assert "against the version before" not in back
    assert "changed between" not in back
    assert "The newer headline" not in back


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Also different: declared time of modification, targets of links (recorded"),
        ("de", "Auch verschieden: angegebene Zeit der Änderung, Ziele von Links (festgehalten"),
    ],
)
def test_what_is_different_around_a_text_has_names_in_both_languages(language: str, words: str) -> None:
    old, new = (
        Content(
            headline="-", language="en", modified=modified,
            blocks=(Block(kind=BlockKind.PARAGRAPH, text=TEXTS["en"][0], links=(link,)),),
        )
        for modified, link in (("2026-03-02T08:00:00Z", "https://a.example"), ("2026-03-02T09:00:00Z", "https://b.example"))
    )  # fmt: skip
    assert words in printed(old, new, language)


def test_of_two_texts_that_are_the_same_nothing_more_is_said() -> None:
    same = Content(
        headline="The ferry",
        language="en",
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in TEXTS["en"]),
    )
    said = printed(same, same, "en")
    assert "No differences." in said
    assert "differs" not in said
