"""Dates as articles' headers write them, in the editions' languages; month names come from Babel's CLDR data."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache

from babel import Locale

_LANGUAGES = "de en es pt fr it pl ru uk tr ar fa ur hi bn zh am sw id el sq mk bs sr hr ro bg ha ps".split()  # noqa: SIM905 - reads as the list it is
_NUMERIC = re.compile(r"^(\d{1,2})([./])(\d{1,2})\2(\d{4})$")
_ISO = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_CHINESE = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日$")
_GLUED = re.compile(r"^(\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}[-/]\d{1,2}[-/]\d{1,2})(?=\S)(.+)$")
_WORDS = re.compile(r"[^\s\d.,،/|()-]+|\d+")  # letters with their marks, which are no \w in Indian scripts
_LONGEST = 40  # characters; a longer line is text that mentions a date

# "3 hours ago" in the editions' languages: by the word that says so, for the units decline
RELATIVE = re.compile(
    r"^(?:vor (?:\d+|eine[rm]) \w+|(?:\d+|an?|one) \w+ ago|just now|hace (?:\d+|una?) \w+|il y a (?:\d+|une?) \w+|há (?:\d+|uma?) \w+"
    r"|\d+ \w+ (?:önce|назад|тому|temu|fa|lalu|yang lalu|iliyopita|pre|prije|më parë|πριν)|(?:pre|prije|πριν|пред|преди|acum|para) \d+ \w+"
    r"|(?:قبل|منذ|پیش از) .{1,20}|.{1,20} (?:پیش|قبل|پہلے|पहले|আগে)|\d+\s*(?:秒|分钟|小时|天|週|周|個?月|分鐘|小時)前)$",
    re.IGNORECASE,
)


def date_in(line: str) -> str | None:
    """The date a header line consists of, as ``2025-02-24``; ``None`` when it is something else."""
    if len(line) > _LONGEST:
        return None
    if (glued := _GLUED.match(line)) and (spoken := date_in(glued[2].strip())):
        return spoken  # the page writes its date twice, the second time in words
    if match := _NUMERIC.match(line):
        first, second = int(match[1]), int(match[3])
        day, month = (second, first) if match[2] == "/" and second > 12 else (first, second)
        return _iso(int(match[4]), month, day)
    if match := _ISO.match(line) or _CHINESE.match(line):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    words = [word.casefold() for word in _WORDS.findall(_plain(line))]
    months = [_months()[word] for word in words if word in _months()]
    numbers = [int(word) for word in words if word.isdecimal()]
    years = [number for number in numbers if 1990 <= number <= 2100]
    days = [number for number in numbers if 1 <= number <= 31]
    if len(months) == 1 and len(years) == 1 and len(days) == 1:
        return _iso(years[0], months[0], days[0])
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


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
                for word in _WORDS.findall(_plain(name).casefold()):
                    if not word.isdigit():
                        found.setdefault(word, number)
    return found
