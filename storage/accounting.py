"""Check the second chain and what it accounts for: presence, addresses, second readings, changes said anew, content taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from storage.base import Row, text
from storage.changes import sha256
from storage.database import Database
from storage.history import BLANK, GENESIS, PRESENCE_LOOKS, link, reading
from storage.presence import PRESENCE, Word, presence_after, set_back
from storage.removing import Removing
from storage.texts import unpacked
from storage.types import Event, EventKind, Outcome

_STILL_THERE = """
SELECT r.id, r.kind, r.key FROM removals r WHERE
    (r.kind = 'version' AND EXISTS (SELECT 1 FROM versions v WHERE v.id = r.key AND v.content != :blank))
    OR (r.kind = 'reextraction' AND EXISTS (SELECT 1 FROM reextractions x WHERE x.id = r.key AND x.content != :blank))
    OR (r.kind = 'seed' AND EXISTS (SELECT 1 FROM seeds s WHERE s.number = r.key AND s.content != :blank))
    OR (r.kind = 'article' AND EXISTS (SELECT 1 FROM articles a WHERE a.id = r.key AND a.headline IS NOT NULL))
    OR (r.kind = 'change' AND EXISTS (SELECT 1 FROM changes c WHERE c.id = r.key AND c.words || c.headline != ''))
"""
# bodies that were removed and are there: by what event last, and the newest look that brought them
_KEPT_AGAIN = """
SELECT r.id, r.key, e.record ->> '$.looks' AS looks FROM removals r JOIN bodies b ON b.sha256 = r.key
JOIN events e ON e.id = (SELECT value FROM json_each(:last) WHERE key = r.key) WHERE r.kind = 'body'
"""
_BROUGHT = """
SELECT body_sha256 AS key, MAX(id) AS look FROM captures WHERE body_sha256 IN (SELECT value FROM json_each(?)) GROUP BY 1
"""
_COLUMNS = ("article", "kind", "at", "capture")


class Accounting(Removing):
    """What happened beside the edits, proved."""

    def account(self) -> Iterator[str]:
        """Each problem as one line naming the record."""
        yield from self._event_chain()
        events = self.events()
        yield from self._presence(events)
        yield from self._addresses([event for event in events if event.kind is EventKind.ADDRESS])
        yield from self._readings([event for event in events if event.kind is EventKind.REBASELINED])
        yield from self._retold([event for event in events if event.kind is EventKind.RECOMPUTED])
        yield from self._removals([e for e in events if e.kind in (EventKind.TAKEN_DOWN, EventKind.PURGED)])

    def _event_chain(self) -> Iterator[str]:
        last, expected = GENESIS, 1
        for row in self._rows("SELECT * FROM events ORDER BY id"):
            if row["id"] != expected:
                yield f"event {expected}: missing"
            yield from self.event_problems(row, last)
            last, expected = row["hash"], row["id"] + 1

    def event_problems(self, row: Row, last: str) -> Iterator[str]:
        """An event against its record, the event before it (whose hash is ``last``) and the look it followed."""
        record = json.loads(row["record"])
        if link(last, row["record"]) != row["hash"]:
            yield f"event {row['id']}: its record and the chain of events disagree"
        elif record["looks"] and not self._value("SELECT 1 FROM captures WHERE hash = ?", [record["looks"]]):
            yield f"event {row['id']}: the look it followed is missing"
        for name in _COLUMNS:
            if row[name] != record[name]:
                yield f"event {row['id']}: its column {name} and its record disagree"

    def _presence(self, events: list[Event]) -> Iterator[str]:
        told = {event.capture: event for event in events if event.kind in PRESENCE}
        articles = {event.article for event in told.values()}
        articles |= {
            row["article"] for row in self._rows("SELECT DISTINCT article FROM captures WHERE outcome = 'gone'")
        }
        for article in sorted(filter(None, articles)):
            last: Word | None = None
            for look in self._rows(PRESENCE_LOOKS, {"article": article}):
                said = told.pop(look["id"], None)
                at = datetime.fromisoformat(look["at"])
                kind = presence_after(last, Outcome(look["outcome"]), at)
                # earlier releases said nothing of a look before the one that found it missing
                if kind != (said.kind if said else None) and not (said is None and set_back(last, at)):
                    yield f"capture {look['id']}: the events say {said.kind if said else 'nothing'} of {article}, its looks {kind or 'nothing'}"
                last = Word(kind=said.kind, at=said.at) if said else last
        yield from (f"event {event.id}: the look that told it is not one of {event.article}" for event in told.values())

    def _addresses(self, events: list[Event]) -> Iterator[str]:
        told = [(e.article, text(e.at), e.facts["from"], e.facts["to"]) for e in events]
        sql = "SELECT article, url, seen, LAG(url) OVER (PARTITION BY article ORDER BY id) AS before FROM article_urls"
        noted = [(r["article"], r["seen"], r["before"], r["url"]) for r in self._rows(sql) if r["before"]]
        for article, seen, before, url in sorted(set(told) ^ set(noted)):
            yield f"address {url} of {article}: the events and the addresses disagree (from {before}, {seen})"

    def _readings(self, events: list[Event]) -> Iterator[str]:
        told = {(e.article, e.facts["number"], e.facts["fingerprint"]): dict(e.facts) for e in events}
        for row in self._rows("SELECT * FROM reextractions"):
            fact = told.pop((row["article"], row["number"], row["fingerprint"]), None)
            name = f"reextraction {row['id']} of {row['article']}"
            now = reading(unpacked(self._db, "reextractions", row))
            if fact and row["content"] == BLANK and self.removal("reextraction", row["id"]):
                now["content_sha256"] = fact["content_sha256"]
            if fact != now:
                yield f"{name}: altered; it and the event that recorded it disagree"
        yield from (f"reextraction of version {number} of {article}: missing" for article, number, _ in told)

    def _retold(self, events: list[Event]) -> Iterator[str]:
        newest = {event.facts["change"]: event for event in events}
        for row in self._rows("SELECT f.*, e.record FROM former_changes f LEFT JOIN events e ON e.id = f.event"):
            told = json.loads(row["record"])
            before = told["before"] == sha256(_said(self._db, "former_changes", row)) or self.removal(
                "former_change", row["id"]
            )
            if told.get("change") != row["change"] or not before:
                yield f"former change {row['id']}: altered; it and event {row['event']} disagree"
        for id, event in newest.items():
            now = self._row("SELECT * FROM changes WHERE id = ?", [id])
            if now is None:
                yield f"change {id}: missing"
            elif (event.facts["after"] is None) is not (now["withdrawn"] is not None) or not self._says(id, now, event):
                yield f"change {id}: altered; it and event {event.id} disagree"
        for row in self._rows("SELECT id FROM changes WHERE withdrawn IS NOT NULL"):
            if row["id"] not in newest:
                yield f"change {row['id']}: withdrawn, but no event says so"

    def _says(self, id: int, row: Row, event: Event) -> bool:
        after = event.facts["after"]
        return (
            after is None or after == sha256(_said(self._db, "changes", row)) or self.removal("change", id) is not None
        )

    def _removals(self, events: list[Event]) -> Iterator[str]:
        first: dict[tuple[str, str], tuple[int, str, str, str]] = {}
        for event in events:
            for item in event.facts["removed"]:
                first.setdefault((item[0], item[1]), (event.id, *item))
        told = set(first.values())
        noted = {(r["event"], r["kind"], r["key"], r["sha256"]) for r in self._rows("SELECT * FROM removals")}
        for number, kind, key, _ in sorted(told ^ noted):
            yield f"removal of {kind} {key[:16]}: it and event {number} disagree"
        for row in [*self._kept_still(events), *self._rows(_STILL_THERE, {"blank": BLANK})]:
            yield f"removal {row['id']}: the {row['kind']} {row['key'][:16]} it took away is there again"

    def _kept_still(self, events: list[Event]) -> Iterator[Row]:
        """Pages that were removed and are there, though no look has brought them since."""
        last = {key: event.id for event in events for kind, key, _ in event.facts["removed"] if kind == "body"}
        if not (there := self._rows(_KEPT_AGAIN, {"last": json.dumps(last)})):
            return
        brought = {row["key"]: row["look"] for row in self._rows(_BROUGHT, [json.dumps([r["key"] for r in there])])}
        for row in there:
            before = self._value("SELECT id FROM captures WHERE hash = ?", [row["looks"]]) or 0
            if brought.get(row["key"], 0) <= before:
                yield {**row, "kind": "body"}


def _said(db: Database, table: str, row: Row) -> str:
    return str(unpacked(db, table, row)["assessment"])
