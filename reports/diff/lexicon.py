"""What the ranking rules know of a language, read from ``data/languages/``."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import regex

from reports.diff.gazetteer import days, months

_UNSPACED = frozenset({"zh"})
_UNCASED = frozenset("ar fa prs ps ur hi bn ta am zh".split())  # noqa: SIM905 - reads as the list it is
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("’‘ʼ＇`´", "'"),
        **dict.fromkeys("„“”‟«»〝〞＂", '"'),
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
    }
)
_NOWHERE = "(?!)"


@dataclass(frozen=True, eq=False)  # one per language: told apart by identity
class Lexicon:
    """The words of a language that carry meaning for the rules, as patterns over ``alike`` text."""

    language: str
    checked: bool
    cased: bool
    spaced: bool
    inflects: bool
    day_after_month: bool
    values: Mapping[str, str]
    number: str
    one: str
    scales: str
    units: str
    percent: str
    percent_before: str
    clock: str
    time_forms: str
    months: str
    days: str
    titles: str
    surnames: str
    prefixes: tuple[str, ...]
    negation: regex.Pattern[str]
    negated: tuple[regex.Pattern[str], ...]
    hedging: regex.Pattern[str]
    attribution: regex.Pattern[str]
    sources: tuple[regex.Pattern[str], ...]
    confusable: frozenset[frozenset[str]]
    places: tuple[str, ...]


def alike(text: str) -> str:
    """The text with signs and letters that look the same made the same, one for one: places in it stay where they are.

    The text must be NFC; digits stay as written, patterns match them all.
    """
    return text.translate(_ALIKE)


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language; where there is no table, only what the Unicode locale data know of it."""
    code = language.lower().replace("_", "-").split("-")[0]
    table = _table(code)
    write = _Writer(code, tuple(table.get("prefixes", "").split()))
    counting: list[str] = table.get("counting", [])
    values = {alike(_spelt(word)).casefold(): str(n) for n, forms in enumerate(counting) for word in forms.split()}
    spaced = code not in _UNSPACED  # there a single sign may be part of any word
    many = [word for n, forms in enumerate(counting) if n != 1 and spaced for word in forms.split()]
    one = [word for forms in counting[1:2] if spaced for word in forms.split()]
    number = write.terms((*many, *_listed(table.get("numbers", ""))))
    forms = table.get("number_forms", [])
    articles = "|".join(map(regex.escape, _listed(table.get("articles", "")))) or _NOWHERE
    return Lexicon(
        language=code,
        checked=bool(table.get("checked", False)),
        cased=code not in _UNCASED,
        spaced=spaced,
        inflects=bool(table.get("inflects", False)),
        day_after_month=bool(table.get("day_after_month", False)),
        values=values,
        number="|".join((*forms, number)),
        one=write.terms(one),
        scales=write.terms(_listed(table.get("scales", ""))),
        units=write.terms(_listed(table.get("units", ""))),
        percent=write.terms(_listed(table.get("percent", ""))),
        percent_before=write.terms(_listed(table.get("percent_before", ""))),
        clock=write.terms(_listed(table.get("clock", ""))),
        time_forms="|".join(table.get("time_forms", [])) or _NOWHERE,
        months="|".join(
            (*table.get("month_forms", []), write.terms((*_months(code), *_listed(table.get("months", "")))))
        ),
        days=write.terms((*days(language), *_listed(table.get("days", "")))),
        titles=write.terms(_listed(table.get("titles", ""))),
        surnames=table.get("surnames", ""),
        prefixes=write.prefixes,
        negation=write.pattern(_listed(table.get("negation", ""))),
        negated=tuple(_compiled(form) for form in table.get("negated", [])),
        hedging=write.pattern(_listed(table.get("hedging", ""))),
        attribution=write.pattern(_listed(table.get("attribution", ""))),
        sources=tuple(_compiled(form.replace("{articles}", f"(?:{articles})")) for form in table.get("sources", [])),
        confusable=_confusable(),
        places=_listed(table.get("places", "")),
    )


@cache
def agencies() -> regex.Pattern[str]:
    """The names of news agencies and other outlets, in any language."""
    data = _read("agencies.toml")
    names = sorted((*data["names"], *data["other"]), key=len, reverse=True)
    return regex.compile(
        rf"(?<![\p{{L}}\p{{M}}\d.-])(?:{'|'.join(regex.escape(alike(name)) for name in names)})(?![\p{{Latin}}\p{{Cyrillic}}\d])"
    )


@cache
def note_pattern(name: str) -> regex.Pattern[str]:
    """How a note of one sort begins (``correction``, ``update``, ``remark``), in all languages: a note may be worded in another.

    ``own``: how an article speaks of itself, anywhere in a text.
    """
    forms = dict.fromkeys(form for code in languages() for form in _table(code).get(name, []))
    if name == "own":
        return regex.compile("|".join(forms), regex.IGNORECASE)
    return regex.compile(rf"(?:^|[.!?:：。।።؟\n]\s*)\W*(?:{'|'.join(forms)})", regex.IGNORECASE)


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages with a table."""
    folder = resources.files("reports.diff") / "data" / "languages"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@dataclass(frozen=True)
class _Writer:
    """Writes lists of terms as patterns, in the way a language separates its words."""

    language: str
    prefixes: tuple[str, ...]

    def terms(self, terms: Iterable[str]) -> str:
        """One pattern without groups for all terms, longest first; it matches nothing when there are none."""
        found = sorted(dict.fromkeys(term for term in terms if term), key=len, reverse=True)
        if not found:
            return _NOWHERE
        inner = "|".join(map(self._term, found))
        if self.language in _UNSPACED:
            return f"(?:{inner})"
        before = f"(?:{'|'.join(self.prefixes)})?" if self.prefixes else ""
        return rf"(?<!\w){before}(?:{inner})(?!\w)"

    def pattern(self, terms: Iterable[str]) -> regex.Pattern[str]:
        """The terms as a compiled pattern."""
        return regex.compile(self.terms(terms), regex.IGNORECASE)

    def _term(self, term: str) -> str:
        exact = term.startswith("=")
        letters = alike(_spelt(term.removeprefix("=")))
        written = "".join(map(self._letter, letters))
        return f"(?-i:{written})" if exact else written

    def _letter(self, letter: str) -> str:
        if letter == "*":
            return r"\w*"
        if letter == " ":
            return r"\s+"
        vowels = r"\p{Mn}*" if "\u0600" <= letter <= "\u06ff" and letter.isalpha() else ""  # vowel signs are optional
        return regex.escape(letter) + vowels


def _months(code: str) -> frozenset[str]:
    """Month names; the English May is told from the verb by forms of its own."""
    return months(code) - {"may"} if code == "en" else months(code)


def _compiled(form: str) -> regex.Pattern[str]:
    return regex.compile(alike(unicodedata.normalize("NFC", form)), regex.IGNORECASE)


def _spelt(term: str) -> str:
    """A term as it stands in a text; the underscore keeps one form of two words together."""
    return unicodedata.normalize("NFC", term).replace("_", " ")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(term.strip() for term in text.split(",") if term.strip())


@cache
def _confusable() -> frozenset[frozenset[str]]:
    """Pairs of words of every language that are not slips of one another."""
    pairs = [pair.casefold().split() for code in languages() for pair in _table(code).get("confusable", [])]
    return frozenset(map(frozenset, pairs))


@cache
def _table(code: str) -> dict[str, Any]:
    """A language's table; one with a ``base`` adds to that language's lists and replaces its other entries."""
    if code not in languages():
        return {}
    own = _read(f"languages/{code}.toml")
    if "base" not in own:
        return own
    merged = dict(_table(own.pop("base")))
    for name, value in own.items():
        if name == "counting" or name not in merged or isinstance(value, bool):
            merged[name] = value
        else:
            merged[name] = f"{merged[name]}, {value}" if isinstance(value, str) else [*merged[name], *value]
    return merged


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("reports.diff") / "data" / name).read_text(encoding="utf-8"))
