"""Dates, times, percentages, amounts and numbers in a text, each with its unit, in digits and in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import regex

from reports.diff.gazetteer import group_sign
from reports.diff.hunks import Side
from reports.diff.lexicon import Lexicon
from reports.diff.pieces import Piece
from reports.diff.tokens import folded
from storage.types import Kind

KINDS = (Kind.DATE, Kind.TIME, Kind.PERCENTAGE, Kind.AMOUNT, Kind.NUMBER)
_DIGITS = r"(?:(?<![\w.,)])[-+±])?\d++(?>(?:[.,:'٫٬]\d+| \d{3}(?!\d))*)"
_CURRENCY = r"(?:(?:US|A|C|NZ|HK)?\p{Sc})"
_FRACTION = "[¼-¾⅐-⅞]"
_YEAR = r"(?<![\d.,:+-])(?:19|20)\d\d(?![\d:]|[.,]\d)"
_NUMERIC_DATE = r"(?<!\d)\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})(?!\d)|(?<!\d)\d{4}-\d\d-\d\d(?!\d)"
_CHINESE_DATE = r"\d{4}年(?:\d{1,2}月(?:\d{1,2}[日号號])?)?|\d{1,2}月(?:\d{1,2}[日号號])?"
_DAY = r"\d{1,2}(?:\.|st|nd|rd|th|er|ª|º)?\s*(?:de |of |-)?"
_NUMBER = regex.compile(_DIGITS)
# where one may begin; a word with the sign behind it
_BEGINS = regex.compile(rf"[\d+\-±\p{{Sc}}]|{_FRACTION}|(?<!\w)(?=(\w+\W?))")
# the same written otherwise, in the checked languages; percentage points are something else
_PERCENT = regex.compile(r"\s*(?:%|\bprozent|\bper ?cent)$")
_MINUS = regex.compile(r"^minus (?=\d)")
_CLOCK = regex.compile(r"(?<=^\d{1,2})\.(?=\d\d)")
_LOOKING_BACK = regex.compile(r"\(\?<=(?:[^()]|(\((?:[^()]|(?1))*\)))*\)")
_SHORT = {"mio": "millionen", "mio.": "millionen", "mrd": "milliarden", "mrd.": "milliarden"}
_EITHER = regex.compile(r"[-+±]?\d{1,3}[.,]\d{3}")


@cache
def _pattern(lex: Lexicon) -> regex.Pattern[str]:
    """One pattern with a named group per kind; the first that fits at a place wins."""
    number = rf"(?:(?:minus\s+)?(?:{_DIGITS}{_FRACTION}?|{_FRACTION}|{lex.number}))"
    counted = f"(?:{number}|{lex.one})"
    after = r"\s+\d{1,2}(?:\.|st|nd|rd|th)?(?:,\s*\d{4})?(?![\d.,]*\d)|" if lex.day_after_month else ""
    month = rf"(?:{_DAY})?(?:{lex.months})(?:{after}\s+(?:de |of )?\d{{4}}(?!\d))?"
    standing = lex.spaced  # where words are not separated, a unit alone may be part of any word
    year = rf"{_YEAR}(?!\s*(?:{lex.units}|{lex.scales}|%|{lex.percent}))"
    date = "|".join((_CHINESE_DATE, _NUMERIC_DATE, month, lex.days, year))
    clock = rf"{lex.time_forms}|{counted}(?:[:.]\d\d)?\s*(?:{lex.clock})|(?:{lex.clock})\s*\d{{1,2}}(?:[:.]\d\d)?|(?<![\d.:])\d{{1,2}}:\d\d(?![\d:])"
    percent = rf"{counted}\s*(?:[%‰٪]|{lex.percent})|(?:{lex.percent_before})\s*{number}"
    scale, unit = rf"(?:\s*-?(?:{lex.scales}))", rf"(?:\s*(?:de )?(?:{lex.units})|\s*{_CURRENCY})"
    amount = rf"{_CURRENCY}\s*{_DIGITS}{scale}?|{counted}{scale}*{unit}"
    plain = rf"{number}{scale}*|{lex.one}{scale}+"
    if standing:
        amount, plain = rf"{amount}|{lex.scales}{unit}|{lex.units}", rf"{plain}|{lex.scales}"
    parts = {Kind.DATE: date, Kind.TIME: clock, Kind.PERCENTAGE: percent, Kind.AMOUNT: amount, Kind.NUMBER: plain}
    groups = [f"(?P<{kind.value}>{part})" for kind, part in parts.items()]
    return regex.compile("|".join([*groups, f"(?P<one>{lex.one})"]), regex.IGNORECASE)


@lru_cache(maxsize=1 << 15)
def _may_begin(word: str, lex: Lexicon) -> bool:
    """Whether a quantity may begin with this word and the sign behind it, whatever stands before and follows."""
    return _regardless(lex).match(word, partial=True) is not None


@cache
def _regardless(lex: Lexicon) -> regex.Pattern[str]:
    """The pattern regardless of what must stand before ("in May.")."""
    return regex.compile(_LOOKING_BACK.sub("", _pattern(lex).pattern), regex.IGNORECASE)


def _found(text: str, lex: Lexicon) -> Iterator[regex.Match[str]]:
    """Every quantity in a text, from left to right; few words begin one, which is remembered of each."""
    if not lex.spaced:
        yield from _pattern(lex).finditer(text)
        return
    end = 0
    for place in _BEGINS.finditer(text):
        word = place[1]
        if place.start() < end or (word and not _may_begin(word, lex)):
            continue
        if match := _pattern(lex).match(text, place.start()):
            end = match.end()
            yield match


def quantities(side: Side, lex: Lexicon) -> Iterator[Piece]:
    """Every quantity; an article that may be read as "one" is a weak piece."""
    for match in _found(side.alike, lex):
        text = side.text[match.start() : match.end()]
        name = match.lastgroup or "one"
        if name == "one":
            yield Piece(Kind.NUMBER, "1?", text, match.end(), weak=True)
        else:
            same = _same(match.group(), lex)
            yield Piece(Kind(name), _CLOCK.sub(":", same) if name == Kind.TIME else same, text, match.end())


def value(piece: Piece) -> float | None:
    """The number a piece of text says, if it is one plain number; 1.500 and 1,500 may be one and a half where no group sign is known."""
    if _EITHER.fullmatch(piece.same):
        return None
    try:
        return float(piece.same.replace(",", "."))
    except ValueError:
        return None


def _same(text: str, lex: Lexicon) -> str:
    """What makes two quantities equal: values in plain digits, units as words but for the sign of percent, no spaces between."""
    plain = _NUMBER.sub(lambda found: _plain(found.group(), lex), folded(text).casefold())
    words = [_SHORT.get(word, lex.values.get(word, word)) for word in plain.split()]
    return _MINUS.sub("-", _PERCENT.sub("%", " ".join(words)))


@cache
def _grouped(sign: str) -> regex.Pattern[str]:
    return regex.compile(rf"[-+±]?\d{{1,3}}(?:{regex.escape(sign)}\d{{3}})+")


def _plain(number: str, lex: Lexicon) -> str:
    """Digits without the signs that only group them."""
    group = group_sign(lex.language)
    for sign in {" ", "'", group} - {""}:
        if _grouped(sign).fullmatch(number):
            return number.replace(sign, "")
    return number
