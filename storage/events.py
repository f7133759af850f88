"""What happened to an article beside its edits: a chain of its own, tied to the chain of looks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage.base import Base, Row, as_written, now, text
from storage.history import GENESIS, event_record, link
from storage.presence import PRESENCE
from storage.types import Event, EventKind


class Events(Base):
    """Missing, gone, back, another address, read anew, computed anew, taken down."""

    def note_event(
        self,
        kind: EventKind,
        *,
        article: str | None = None,
        capture: int | None = None,
        at: datetime | None = None,
        **facts: Any,
    ) -> int:
        """Write an event; returns its number. Facts are plain values, and are never altered later."""
        moment = text(at or now())
        with self._write() as db:
            looks = self._value("SELECT hash FROM captures ORDER BY id DESC LIMIT 1")
            last = self._value("SELECT hash FROM events ORDER BY id DESC LIMIT 1")
            record = event_record(kind.value, moment, article, capture, looks, facts)
            row = {"article": article, "kind": kind.value, "at": moment, "capture": capture, "record": record}
            return int(db.table("events").insert({**row, "hash": link(last or GENESIS, record)}).last_pk or 0)

    def event(self, id: int) -> Event:
        """One event."""
        return _event(self._rows("SELECT * FROM events WHERE id = ?", [id])[0])

    def events(
        self, *, article: str | None = None, kinds: Iterable[EventKind] = (), since: datetime | None = None
    ) -> list[Event]:
        """Events in the order they were noted."""
        named = [kind.value for kind in kinds]
        wanted: dict[str, list[Any]] = {
            "article = ?": [article] if article else [],
            f"kind IN ({', '.join('?' * len(named))})": named,
            "at >= ?": [text(since)] if since else [],
        }
        given = {condition: values for condition, values in wanted.items() if values}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        values = [value for some in given.values() for value in some]
        return [_event(row) for row in self._rows(f"SELECT * FROM events {where} ORDER BY id", values)]

    def presence(self, article: str) -> Event | None:
        """The newest word on whether the article is there: missing once, gone or back; ``None`` while it always was."""
        names = ", ".join(f"'{kind.value}'" for kind in PRESENCE)
        row = self._row(f"SELECT * FROM events WHERE article = ? AND kind IN ({names}) ORDER BY id DESC", [article])
        return _event(row) if row else None

    def gone(self) -> list[Event]:
        """The articles that are gone now: for each the event that says so."""
        sql = (
            "SELECT e.* FROM events e WHERE e.kind = 'gone' AND NOT EXISTS "
            "(SELECT 1 FROM events x WHERE x.article = e.article AND x.kind = 'back' AND x.id > e.id) ORDER BY e.id"
        )
        return [_event(row) for row in self._rows(sql)]


@as_written("event", "id")
def _event(row: Row) -> Event:
    facts = json.loads(row["record"])
    for name in ("kind", "at", "article", "capture", "looks"):
        facts.pop(name)
    return Event(
        id=row["id"],
        article=row["article"],
        kind=EventKind(row["kind"]),
        at=datetime.fromisoformat(row["at"]),
        capture=row["capture"],
        facts=facts,
    )
