"""Which changes a page, a feed or an API call is about: filters by name and from an address. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from reports.site.addresses import file_name, from_file_name
from storage.errors import UserError
from storage.listing import Wanted
from storage.types import Baseline, Disclosure, Kind, Verdict, Weight

_BERLIN = ZoneInfo("Europe/Berlin")

# the lists that every database has
FIXED: dict[str, Wanted] = {
    "inbox": Wanted(weight=Weight.EDITORIAL),
    "everything": Wanted(),
    "substantive-silent": Wanted(weight=Weight.SUBSTANTIVE, disclosure=Disclosure.SILENT),
    "cosmetic": Wanted(exactly=Weight.COSMETIC),
}
# and the families of lists: outlet-dw, language-de, ...
_FAMILIES: dict[str, Callable[[str], Wanted]] = {
    "outlet": lambda name: Wanted(outlet=name),
    "language": lambda name: Wanted(language=name),
    "article": lambda name: Wanted(article=name),
}
FILTERS = (
    "weight",
    "kind",
    "disclosure",
    "outlet",
    "language",
    "section",
    "baseline",
    "article",
    "since",
    "until",
    "search",
    "review",
)


def named(name: str) -> Wanted | None:
    """The changes of a named list or feed; ``None`` for a name that is none."""
    if name in FIXED:
        return FIXED[name]
    family, _, value = name.partition("-")
    return _FAMILIES[family](from_file_name(value)) if family in _FAMILIES and value else None


def name_of(family: str, value: str) -> str:
    """The name of the list of an outlet, a language or an article."""
    return f"{family}-{file_name(value)}"


def from_query(query: Mapping[str, str]) -> Wanted:
    """The filters of an address, the same words as on the command line. Raises UserError naming what is not understood."""
    readers: dict[str, Callable[[str], Any]] = {
        "weight": lambda text: Weight[text.upper()],
        "kind": Kind,
        "disclosure": Disclosure,
        "baseline": Baseline,
        "review": Verdict,
        "since": lambda text: _instant(text, timedelta()),
        "until": lambda text: _instant(text, timedelta(days=1)),
    }
    found: dict[str, Any] = {}
    for name in FILTERS:
        given = query.get(name, "").strip()
        if not given:
            continue
        try:
            found[name] = readers.get(name, str)(given)
        except (KeyError, ValueError, OverflowError):
            raise UserError(f"{name}={given!r} is not a filter{_advice(name)}") from None
    return replace(Wanted(), **found)


def given(query: Mapping[str, str]) -> dict[str, str]:
    """The filters that are set, to keep in links."""
    return {name: value for name in (*FILTERS, "new") if (value := query.get(name, "").strip())}


def _advice(name: str) -> str:
    known: dict[str, list[str]] = {
        "weight": [weight.label for weight in Weight],
        "kind": list(Kind),
        "disclosure": list(Disclosure),
        "baseline": list(Baseline),
        "review": list(Verdict),
        "since": ["a date (2026-02-24) or an instant (2026-02-24T10:00Z)"],
        "until": ["a date (2026-02-24) or an instant (2026-02-24T10:00Z)"],
    }
    return f"; it can be: {', '.join(known[name])}"


def _instant(text: str, day: timedelta) -> datetime:
    """An instant (UTC unless it says otherwise), or a day in Berlin: its beginning, or with ``day`` its end."""
    if len(text) == 10:
        start = date.fromisoformat(text) + day
        return datetime.combine(start, time(), _BERLIN).astimezone(UTC)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
