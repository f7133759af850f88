"""What reports say, in German and English, from the catalogues in ``locale``. Observations only, never motives.

Babel is loaded by the functions that need it: what says nothing about days or numbers does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.catalogue import catalogue
from storage.types import REASONS, Disclosure, EditOp, EventKind, Field, Kind, MetadataChange, Outcome, Verdict, Weight

LANGUAGES = ("en", "de")
_BERLIN = ZoneInfo("Europe/Berlin")

# why a look showed no text, or nobody looked; the more exact before the more general, because recorded words are held against them
_WHY = (
    "no-answer", "answers", "bot", "login", "refused", "barred", "limited", "limited-until-status", "limited-until",
    "server-error", "unexpected", "media", "not-html", "empty", "binary", "no-end", "missing", "calls-itself",
    "moved-article", "moved-answers", "moved-page", "home", "wrong", "stale", "shortened", "garbled", "unread",
    "charset", "bytes", "cut", "transfer", "coding", "body-empty", "body-ends", "body-more", "body", "page-large",
    "answer-large", "not-article", "no-headline", "no-text", "no-layout", "unreadable", "host", "connection", "slow",
    "no-connection", "scheme", "trust", "loop", "robots", "robots-answers", "robots-unread", "turn", "gap-no-text",
    "gap-stopped", "gap-rest", "rest", "host-unknown", "host-private", "two-pages", "unended", "thin", "garbled-first", "downgrade", "robots-loop",
    "headers", "ended", "not-http", "other-host", "reading-wall", "reading-processor", "reading-memory", "reading-reader",
    "page-not-stored", "page-altered", "no-article",
)  # fmt: skip

_MONTHS = tuple(str(number) for number in range(1, 13))

# the families of texts whose keys are put together while running: PREFIX.VALUE
FAMILIES: dict[str, tuple[str, ...]] = {
    "kind": tuple(Kind),
    "weight": tuple(weight.label for weight in Weight),
    "disclosure": tuple(Disclosure),
    "op": tuple(EditOp),
    "field": tuple(Field),
    "outcome": tuple(Outcome),
    "verdict": tuple(Verdict),
    "baseline": ("seed", "previous"),
    "list": ("inbox", "everything", "substantive-silent", "cosmetic"),
    "key": ("next", "previous", "left", "right", "side", "all", "up", "search", "inbox", "language", "help"),
    "service": ("running", "stopped", "stalled"),
    "reason": REASONS,
    "event": (*EventKind, "withdrawn"),
    "happened": tuple(EventKind),
    "why": _WHY,
    "problem": ("no-page", "not-understood", "not-comparable"),
    "around": ("published", "modified", "canonical_url", "topics", "links", "image"),
    "month": _MONTHS,
    "month_short": _MONTHS,
}


def say(key: str, language: str, **values: object) -> str:
    """A text by its key, with its values filled in; KeyError for a key that no catalogue knows."""
    text = catalogue(language)[key][0]
    return text.format(**values) if values else text


def count(key: str, number: int, language: str) -> str:
    """A counted thing, such as "1 paragraph" or "1,200 paragraphs"; ``{n}`` is the number."""
    return plural(key, number, language).format(n=decimal(number, language))


def plural(key: str, number: int, language: str) -> str:
    """A text in the number wanted."""
    texts = catalogue(language)[key]
    return texts[number != 1 and len(texts) > 1]


def name(family: str, value: str, language: str) -> str:
    """One of a family of texts: an outcome, a reason, a state of the service."""
    return say(f"{family}.{value}", language)


def kind(value: Kind, language: str, number: int = 1) -> str:
    """A kind, in the number wanted."""
    return plural(f"kind.{value.value}", number, language)


def weight(value: Weight, language: str) -> str:
    """A weight."""
    return name("weight", value.label, language)


def disclosure(value: Disclosure, language: str) -> str:
    """A disclosure, as an observation."""
    return name("disclosure", value.value, language)


def operation(value: EditOp, language: str) -> str:
    """A block's fate."""
    return name("op", value.value, language)


def field(value: Field, language: str) -> str:
    """A part of an article."""
    return name("field", value.value, language)


def version(number: int, language: str) -> str:
    """A version as readers call it; number 0 is the saved copy."""
    return say("saved_copy", language) if number == 0 else say("version_number", language, number=number)


def moment(value: datetime | None, language: str, *, seconds: bool = False) -> str:
    """An instant in Berlin's time with UTC beside it, and UTC's day where it is another."""
    if value is None:
        return "–"
    berlin, utc = value.astimezone(_BERLIN), value.astimezone(UTC)
    other_day = "" if berlin.date() == utc.date() else f"{_day(utc.date(), language, long=False)}, "
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return f"{_day(berlin.date(), language)}, {berlin:{clock}} Berlin ({other_day}{utc:{clock}} UTC)"


def short(value: datetime | None, language: str) -> str:
    """An instant in few words, in Berlin's time: for lists where the whole one stands nearby."""
    if value is None:
        return "–"
    berlin = value.astimezone(_BERLIN)
    return f"{_day(berlin.date(), language, long=False)}, {berlin:%H:%M}"


def _day(value: date, language: str, *, long: bool = True) -> str:
    # the catalogue's months, not Babel's: all that Babel knows of a language takes longer to load than a list of changes to show
    month = name("month" if long else "month_short", str(value.month), language)
    return f"{value.day}{'.' if language == 'de' else ''} {month} {value.year}"


def decimal(value: float, language: str) -> str:
    """A number with the separators of the language."""
    if isinstance(value, int):  # nearly all are counts: Babel takes longer to load than a list of changes to show
        told = f"{value:,}"
        return told.replace(",", ".") if language == "de" else told
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=language))


def percent(share: float, language: str) -> str:
    """A share (0 to 1) as a percentage with one decimal."""
    from babel.numbers import format_percent

    return str(format_percent(share, "0.0 %" if language == "de" else "0.0%", locale=language))


def duration(seconds: float, language: str) -> str:
    """A length of time in its largest unit, such as "3 hours"."""
    from babel.dates import format_timedelta

    return str(format_timedelta(timedelta(seconds=seconds), locale=language))


def tongue(code: str, language: str) -> str:
    """The name of a language; its code where Babel knows none."""
    from babel.core import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-").get_display_name(language) or code
    except (UnknownLocaleError, ValueError):
        return str(Locale.parse(language).languages.get(code, code))


def around(items: Iterable[MetadataChange], language: str) -> str:
    """What else is different around a text, each once, such as "declared time of modification, picture"."""
    found = {item.name for item in items}
    return ", ".join(name("around", each, language) for each in FAMILIES["around"] if each in found)


def observed(after: datetime | None, by: datetime | None, language: str) -> str:
    """Between which looks it was changed; of two texts that do not stand in the order of time, when each was there."""
    if by is None:
        return say("unknown_time", language)
    if after is None:
        return say("until", language, by=moment(by, language))
    if after > by:  # a copy saved later than the version it is compared with, or a pair asked for the other way round
        return say("not_in_order", language, after=moment(after, language), by=moment(by, language))
    soon = moment(after, language) == moment(by, language)  # both within a minute: only seconds tell them apart
    return say("between", language, after=moment(after, language, seconds=soon), by=moment(by, language, seconds=soon))
