"""An article's timeline: versions, addresses, gaps, looks without text and events, in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from storage import Store
from storage.timelines import Unseen
from storage.types import Event, EventKind, Gap, Version

_TROUBLES = 200  # entries of looks without text that are shown, the newest
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened: exactly one of the fields beside ``at`` and ``repeated`` is set."""

    at: datetime | None
    version: Version | None = None
    address: str | None = None
    gap: Gap | None = None
    look: Unseen | None = None
    event: Event | None = None
    repeated: int = 1


def of(store: Store, article: str, versions: Iterable[Version]) -> list[Entry]:
    """The whole timeline of an article with these versions."""
    # addresses have entries of their own, with those that are older than the events
    events = [event for event in store.events(article=article) if event.kind is not EventKind.ADDRESS]
    told = {event.capture for event in events}
    looks = [look for look in store.looks_without_text(article) if look.id not in told]
    entries = [Entry(at=version.first_seen, version=version) for version in versions]
    entries += [Entry(at=address.since, address=address.url) for address in store.addresses(article)[1:]]
    entries += [Entry(at=gap.since, gap=gap) for gap in store.gaps(article)]
    entries += [Entry(at=look.started, look=look) for look in looks]
    entries += [Entry(at=event.at, event=event) for event in events]
    joined = _joined(sorted(entries, key=lambda entry: entry.at or _EPOCH))
    kept = {id(entry) for entry in [entry for entry in joined if entry.look][-_TROUBLES:]}
    return [entry for entry in joined if entry.look is None or id(entry) in kept]


def _joined(entries: Iterable[Entry]) -> list[Entry]:
    """Looks that ended alike one after the other are one entry with a count."""
    joined: list[Entry] = []
    for entry in entries:
        last = joined[-1] if joined else None
        if last and last.look and entry.look and _ended(last.look) == _ended(entry.look):
            joined[-1] = replace(last, repeated=last.repeated + 1)
        else:
            joined.append(entry)
    return joined


def _ended(look: Unseen) -> tuple[str, str | None]:
    return look.outcome, look.reason
