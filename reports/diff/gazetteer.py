"""Names of months, weekdays, countries and large cities in every language, as the Unicode locale data hold them."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from reports.diff.tokens import words

_LOCALES = {"prs": "fa_AF", "sh": "sr_Latn", "zh": "zh_Hans", "pt-br": "pt"}
_SHORT = 3  # letters; shorter names are too often other words


@cache
def _locale(language: str) -> Locale | None:
    name = _LOCALES.get(language.lower(), language.replace("-", "_").split("_")[0])
    try:
        return Locale.parse(name) if name else None
    except (UnknownLocaleError, ValueError):
        return None


@cache
def months(language: str) -> frozenset[str]:
    """Months, case-folded, written out."""
    locale = _locale(language)
    if locale is None:
        return frozenset()
    forms = [locale.months[context]["wide"] for context in ("format", "stand-alone")]
    return frozenset(name.casefold() for form in forms for name in form.values() if not name[:1].isdigit())


@cache
def days(language: str) -> frozenset[str]:
    """Weekdays, case-folded, written out."""
    locale = _locale(language)
    return frozenset(name.casefold() for name in locale.days["format"]["wide"].values()) if locale else frozenset()


@cache
def places(language: str) -> frozenset[tuple[str, ...]]:
    """Countries and cities as tokens, in their usual writing."""
    locale = _locale(language)
    if locale is None:
        return frozenset()
    names = {name for code, name in locale.territories.items() if not code.isdigit() and code != "ZZ"}
    for zone in get_global("zone_territories"):
        city = locale.time_zones.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
        if zone.count("/") == 1 and not zone.startswith("Etc/"):
            names.add(city)
    return frozenset(words(name) for name in names if len(name) >= _SHORT or not name.isascii())


@cache
def place_words(language: str) -> frozenset[str]:
    """The single words that are a place by themselves."""
    return frozenset(name[0] for name in places(language) if len(name) == 1)
