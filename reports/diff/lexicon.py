"""What the ranking rules know of languages, read from ``data/``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import regex

from reports.diff.gazetteer import days, months


@dataclass(frozen=True)
class Lexicon:
    """Words that carry meaning for the rules, case-folded."""

    months: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    clock: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    percent: frozenset[str] = frozenset()
    negation: frozenset[str] = frozenset()
    hedging: frozenset[str] = frozenset()
    attribution: frozenset[str] = frozenset()
    confusable: frozenset[frozenset[str]] = field(default=frozenset())


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language; where there is no table, only what the Unicode locale data know of it."""
    data = _data("languages.toml")
    tables = [data[language]] if language in data else []
    names = [name for name in Lexicon.__dataclass_fields__ if name != "confusable"]
    words = {name: frozenset(word.casefold() for table in tables for word in table.get(name, ())) for name in names}
    words["months"] |= months(language)
    words["days"] |= days(language)
    pairs = frozenset(frozenset(pair) for table in data.values() for pair in table["confusable"])
    return Lexicon(**words, confusable=pairs)


@cache
def note_patterns() -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """Patterns of a correction note and of an update note."""
    data = _data("notes.toml")
    start = r"(?:^|[.!?\n]\s)\W*"
    correction, update = (
        regex.compile(f"{start}(?:{'|'.join(data[name])})", regex.IGNORECASE) for name in ("correction", "update")
    )
    return correction, update


@cache
def _data(name: str) -> dict[str, dict[str, list[str]]]:
    text = (resources.files("reports.diff") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)
