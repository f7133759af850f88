"""Names of months, weekdays, countries and large cities in every language, as the Unicode locale data hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from reports.diff.tokens import words

_LOCALES = {"prs": "fa_AF", "sh": "sr_Latn", "zh": "zh_Hans", "pt-br": "pt"}
_SHORT = 3  # letters; shorter names are too often other words
_STEM = 3  # letters of an inflected name that must stay
_ENDING = 4  # letters an ending may have
_SCRIPTS = {"sr": ("sr_Cyrl", "sr_Latn"), "zh": ("zh_Hans", "zh_Hant")}
_REMOTE = ("Antarctica/", "Etc/")  # stations there are called after people
_LONGEST = 4  # words in a name


@cache
def _locales(language: str) -> tuple[Locale, ...]:
    code = language.lower().replace("_", "-")
    name = _LOCALES.get(code, code.split("-")[0])
    found = []
    for one in _SCRIPTS.get(code.split("-")[0], (name,)):
        try:
            found.append(Locale.parse(one))
        except (UnknownLocaleError, ValueError):
            continue
    return tuple(found)


@cache
def months(language: str) -> frozenset[str]:
    """Months, case-folded, written out."""
    forms = [locale.months[context]["wide"] for locale in _locales(language) for context in ("format", "stand-alone")]
    return frozenset(name.casefold() for form in forms for name in form.values() if not name[:1].isdigit())


@cache
def days(language: str) -> frozenset[str]:
    """Weekdays, case-folded, written out."""
    forms = [locale.days["format"]["wide"] for locale in _locales(language)]
    return frozenset(name.casefold() for form in forms for name in form.values())


@cache
def group_sign(language: str) -> str:
    """The sign that groups thousands."""
    return next((str(locale.number_symbols["latn"]["group"]) for locale in _locales(language)), "")


@cache
def places(language: str) -> frozenset[tuple[str, ...]]:
    """Countries and cities as tokens, in their usual writing."""
    names = {name for locale in _locales(language) for name in _names(locale)}
    return frozenset(tuple(words(name)) for name in names if len(name) >= _SHORT or not name.isascii())


def _names(locale: Locale) -> Iterator[str]:
    yield from (name for code, name in locale.territories.items() if not code.isdigit() and code != "ZZ")
    for zone in get_global("zone_territories"):
        if zone.count("/") == 1 and not zone.startswith(_REMOTE):
            yield locale.time_zones.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")


class Gazetteer:
    """Finds the places a text names, whatever endings or attached letters its language gives them."""

    def __init__(self, names: Sequence[tuple[str, ...]], *, inflects: bool, prefixes: Sequence[str]) -> None:
        """Index the names by their first word, and single inflected ones by their stem."""
        self.whole: dict[str, list[tuple[str, ...]]] = {}
        self.stems: Mapping[str, str] = {}
        for name in sorted(names, key=len, reverse=True):
            self.whole.setdefault(name[0], []).append(name)
        if inflects:
            self.stems = {stem: name[0] for name in names if len(name) == 1 and len(stem := _stem(name[0])) >= _STEM}
        self.prefixes = tuple(sorted(prefixes, key=len, reverse=True))

    def find(self, tokens: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Where each place stands (first and last token but one) and its name."""
        at = 0
        while at < len(tokens):
            size, name = self._at(tokens, at)
            if size:
                yield at, at + size, name
            at += max(size, 1)

    def _at(self, tokens: Sequence[str], at: int) -> tuple[int, str]:
        for word in self._bare(tokens[at]):
            for name in self.whole.get(word, ()):
                if tuple(tokens[at + 1 : at + len(name)]) == name[1:]:
                    return len(name), " ".join(name)
            if city := self._inflected(word):
                return 1, city
        return 0, ""

    def _bare(self, word: str) -> Iterator[str]:
        yield word
        if "'" in word or "’" in word:
            yield word.replace("’", "'").split("'")[0]
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) - len(prefix) >= _STEM:
                yield word[len(prefix) :]
        if word.endswith("s") and len(word) > _STEM + 1:  # a German or English genitive
            yield word[:-1]

    def _inflected(self, word: str) -> str:
        if not self.stems or (word[:1].islower() and word[:1].upper() != word[:1]):
            return ""
        for size in range(len(word), max(_STEM, len(word) - _ENDING) - 1, -1):
            if name := self.stems.get(word[:size]):
                return name
        return ""


def _stem(name: str) -> str:
    """What an ending leaves of a name: Москв-, Праг-, Polsk-."""
    return name.rstrip("aeiouyąęëăâîаеиоуыэюяіїєьйαεηιουωάέήίόύώςিীােোৌ") if len(name) > _STEM else name


@cache
def gazetteer(language: str, extra: tuple[str, ...], prefixes: tuple[str, ...], *, inflects: bool) -> Gazetteer:
    """The gazetteer of a language, with places of its own table."""
    names = {*places(language), *(tuple(words(name)) for name in extra)}
    return Gazetteer(sorted(names), inflects=inflects, prefixes=prefixes)
