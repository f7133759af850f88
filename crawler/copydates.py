"""Dates as articles' headers write them, in the editions' languages; month names come from Babel's CLDR data."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from babel import Locale

_LANGUAGES = "de en es pt fr it pl ru uk tr ar fa ur hi bn zh am sw id el sq mk bs sr hr ro bg ha ps".split()  # noqa: SIM905 - reads as the list it is
_NUMERIC = re.compile(r"^(\d{1,2})([./])(\d{1,2})\2(\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
_CHINESE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$")
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_LONGEST = 40  # characters; a longer line is text that mentions a date

RELATIVE = re.compile(
    r"^(vor \d+ \w+|vor (einer|einem) \w+|\d+ \w+ ago|hace \d+ \w+|il y a \d+ \w+|há \d+ \w+|\d+ \w+ önce|\d+ \w+ назад|\d+ \w+ тому)$",
    re.IGNORECASE,
)


def date_in(line: str) -> str | None:
    """The date a header line consists of, as ``2025-02-24``; ``None`` when it is something else."""
    if len(line) > _LONGEST:
        return None
    if match := _NUMERIC.match(line):
        first, second = int(match[1]), int(match[3])
        day, month = (second, first) if match[2] == "/" and second > 12 else (first, second)
        return _iso(int(match[4]), month, day)
    if match := _ISO.match(line) or _CHINESE.match(line):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    words = [word.casefold() for word in _WORDS.findall(line)]
    months = [_months()[word] for word in words if word in _months()]
    numbers = [int(word) for word in words if word.isdigit()]
    years = [number for number in numbers if 1990 <= number <= 2100]
    days = [number for number in numbers if 1 <= number <= 31]
    if len(months) == 1 and len(years) == 1 and len(days) == 1:
        return _iso(years[0], months[0], days[0])
    return None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in _LANGUAGES:
        names = Locale.parse(language).months
        for form in ("format", "stand-alone"):
            for number, name in names[form]["wide"].items():
                for word in _WORDS.findall(name.casefold()):
                    if not word.isdigit():
                        found.setdefault(word, number)
    return found
