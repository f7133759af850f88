"""Quantities are found wherever they begin, though most words are passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.diff.hunks import Side
from reports.diff.lexicon import Lexicon, languages, lexicon
from reports.diff.quantities import _BEGINS, _found, _pattern, quantities
from tests.reports.diff.written import texts

SPACED = [code for code in languages() if lexicon(code).spaced]
PIECES = [
    "in May.",
    "by May,",
    "5 May",
    "May 5",
    "mid-May;",
    "may",
    "May",
    "minus 5",
    "US$ 5",
    "A$5",
    "5 Mio. Euro",
    "hunderttausend Euro",
    "zwei Millionen",
    "der 3. März",
    "8h30",
    "14:30 Uhr",
    "Uhr 5",
    "zwanzig%",
    "per cent",
    "5 per cent",
    "a million",
    "one",
    "eine",
    "einundzwanzig",
    "½",
    "5½ Prozent",
    "G20",
    "2024",
    "19. Mai 2024",
    "1,5",
    "cent.",
    "Euro-",
    "US-Dollar",
    "us-dollar",
    "kilo",
    "Dutzende.",
    "dreifach",
    "twice",
    "اثنين",
    "١٢٪",
    "पाँच",
    "пять тысяч",
    "ايار",
    "20 Mayıs",
    "mayıs.",
]


def said(text: str) -> Side:
    return Side(text, 0, len(text))


def everywhere(text: str, lex: Lexicon) -> list[tuple[int, int, str | None]]:
    """What is found by trying every place."""
    found, end = [], 0
    for place in _BEGINS.finditer(text):
        match = _pattern(lex).match(text, place.start()) if place.start() >= end else None
        if match:
            end = match.end()
            found.append((match.start(), end, match.lastgroup))
    return found


@given(st.sampled_from(SPACED), st.lists(st.sampled_from(PIECES) | texts(), max_size=6).map(" ".join))
def test_passing_over_words_passes_over_no_quantity(language: str, text: str) -> None:
    lex, alike = lexicon(language), said(text).alike
    assert [(m.start(), m.end(), m.lastgroup) for m in _found(alike, lex)] == everywhere(alike, lex)


@pytest.mark.parametrize(
    "text", ["It begins in May.", "It begins in May", "It ends by May; so be it", "mid-May.", "on 5 May."]
)
def test_a_month_that_only_what_stands_before_tells_from_a_verb_is_found(text: str) -> None:
    assert [piece.kind.value for piece in quantities(said(text), lexicon("en"))] == ["date"]


def test_a_verb_is_no_month() -> None:
    assert list(quantities(said("They may. May they?"), lexicon("en"))) == []
