"""Everything the reports say is said in both languages, and nothing is kept that nobody says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import resources
from io import BytesIO
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.messages import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from reports import wording
from storage.types import REASONS

ROOT = Path(__file__).parents[2]
# keys that are chosen by an expression
_CHOSEN = re.compile(r'(?:say|count|plural)\(\s*"([a-z_]+)" if [^)]+? else "([a-z_]+)"')
_NAMED = re.compile(r'(?:say|count|plural)\(\s*["\']([a-z_0-9]+)["\']')
_HELD = re.compile(r'^ +(?:key|baseline) = "([a-z_]+)" if .+ else "([a-z_]+)"$', re.MULTILINE)


def catalogue(language: str) -> Catalog:
    file = resources.files("reports") / "locale" / language / "LC_MESSAGES" / "reports.po"
    return read_po(BytesIO(file.read_bytes()), locale=language, abort_invalid=True)


def keys(language: str) -> set[str]:
    return {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue(language) if message.id
    }


def said() -> set[str]:
    found: set[str] = {f"{family}.{value}" for family, values in wording.FAMILIES.items() for value in values}
    for path in (
        *(ROOT / "reports").rglob("*.html"),
        *(ROOT / "reports").rglob("*.py"),
        *(ROOT / "scheduler").rglob("*.py"),
    ):
        text = path.read_text(encoding="utf-8")
        found |= set(_NAMED.findall(text))
        found |= {key for pattern in (_CHOSEN, _HELD) for pair in pattern.findall(text) for key in pair}
    return found


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    assert said() - keys(language) == set()
    assert keys(language) - said() == set()


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_text_is_there_in_every_number(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            texts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
            assert all(text and text.strip() for text in texts), message.id


def test_both_languages_fill_in_the_same_values() -> None:
    def places(language: str) -> dict[str, set[str]]:
        return {
            str(message.id): set(re.findall(r"{(\w+)}", str(message.string)))
            for message in catalogue(language)
            if message.id
        }

    assert places("en") == places("de")


def test_every_reason_of_a_disclosure_has_words() -> None:
    assert set(wording.FAMILIES["reason"]) == set(REASONS)


def test_an_unknown_key_is_an_error_and_not_shown() -> None:
    with pytest.raises(KeyError):
        wording.say("no_such_text", "en")
    with pytest.raises(KeyError):
        wording.count("no_such_text", 2, "de")


def test_dates_numbers_and_counts_are_those_of_the_language() -> None:
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert wording.moment(summer, "de") == "2. Juli 2026, 00:30 Berlin (1. Juli 2026, 22:30 UTC)"
    assert wording.moment(summer, "en") == "2 July 2026, 00:30 Berlin (1 Jul 2026, 22:30 UTC)"
    assert (wording.count("looks", 1, "de"), wording.count("looks", 1200, "de")) == ("1 Abruf", "1.200 Abrufe")
    assert (wording.count("looks", 1, "en"), wording.count("looks", 1200, "en")) == ("1 look", "1,200 looks")
    assert (wording.percent(0.1234, "de"), wording.percent(0.1234, "en")) == ("12,3 %", "12.3%")
    assert (wording.tongue("fa", "de"), wording.tongue("zh", "en"), wording.tongue("x?", "en")) == (
        "Persisch",
        "Chinese",
        "x?",
    )


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_days_are_written_as_babel_writes_them(language: str, month: int) -> None:
    day = datetime(2026, month, month, 12, tzinfo=UTC)
    long, short = {"de": ("d. MMMM y", "d. MMM y"), "en": ("d MMMM y", "d MMM y")}[language]
    assert wording.moment(day, language).startswith(f"{format_date(day, long, locale=language)}, ")
    assert wording.short(day, language).startswith(f"{format_date(day, short, locale=language)}, ")


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_two_looks_within_a_minute_are_told_apart_by_their_seconds(language: str) -> None:
    first, second = datetime(2026, 3, 2, 8, 10, 3, tzinfo=UTC), datetime(2026, 3, 2, 8, 10, 41, tzinfo=UTC)
    assert "09:10:03 Berlin (08:10:03 UTC)" in wording.observed(first, second, language)
    assert "09:10:41 Berlin (08:10:41 UTC)" in wording.observed(first, second, language)
    assert "08:10:03" not in wording.observed(first, second.replace(minute=40), language)


@pytest.mark.parametrize(("language", "claim"), [("en", "changed between"), ("de", "geändert zwischen")])
def test_no_interval_is_claimed_of_texts_that_do_not_stand_in_the_order_of_time(language: str, claim: str) -> None:
    saved, seen = datetime(2026, 3, 10, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)
    told = wording.observed(saved, seen, language)
    assert claim not in told
    assert wording.moment(saved, language) in told
    assert wording.moment(seen, language) in told
    assert claim in wording.observed(seen, saved, language)


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("number", [0, 7, 999, 1000, 10_000, 123_456, 1_234_567, -4_321])
def test_whole_numbers_are_written_as_babel_writes_them(number: int, language: str) -> None:
    assert wording.decimal(number, language) == format_decimal(number, locale=language)
