"""Take content away, never its record: takedowns and purges. What was removed, when and why stays, with every digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from storage.assessments import read, written
from storage.base import Row, instant, text
from storage.errors import UserError
from storage.events import Events
from storage.history import BLANK
from storage.pages import Pages
from storage.texts import PACKED, rest_on_another
from storage.texttables import MAKER
from storage.types import Assessment, Diff, Disclosure, Event, EventKind, Kind, Removal, Weight

_NOT_NEEDED_ELSEWHERE = """
NOT EXISTS (SELECT 1 FROM captures o WHERE o.body_sha256 = b.sha256 AND o.article IS NOT :article)
AND NOT EXISTS (SELECT 1 FROM versions v JOIN captures o ON o.id = v.capture
    WHERE o.body_sha256 = b.sha256 AND (o.article IS NOT :article OR o.answered > :until))
"""
_PACKED = {
    "version": "versions",
    "reextraction": "reextractions",
    "change": "changes",
    "former_change": "former_changes",
}
# what rests on others goes before them
_ORDER = ("former_change", "change", "reextraction", "version", "body", "seed", "article")
# everything an article said up to a moment
_OF_ARTICLE = {
    "version": """SELECT v.* FROM versions v JOIN captures c ON c.id = v.capture
        WHERE v.article = :article AND c.answered <= :until""",
    "reextraction": """SELECT r.* FROM reextractions r JOIN versions v USING (article, number)
        JOIN captures c ON c.id = v.capture WHERE r.article = :article AND c.answered <= :until""",
    "change": """SELECT h.* FROM changes h WHERE h.article = :article AND EXISTS (
        SELECT 1 FROM versions v JOIN captures c ON c.id = v.capture WHERE v.article = :article
        AND v.number IN (h.from_version, h.to_version) AND c.answered <= :until)""",
    "former_change": """SELECT f.* FROM former_changes f JOIN changes h ON h.id = f.change
        WHERE h.article = :article AND EXISTS (SELECT 1 FROM versions v JOIN captures c ON c.id = v.capture
        WHERE v.article = :article AND v.number IN (h.from_version, h.to_version) AND c.answered <= :until)""",
    "body": f"""SELECT b.sha256 AS key, NULL AS content FROM bodies b WHERE b.sha256 IN (
        SELECT body_sha256 FROM captures WHERE article = :article AND started <= :until) AND {_NOT_NEEDED_ELSEWHERE}""",
}  # fmt: skip
_WHOLE = {
    # those linked to it, and those that say themselves that they are copies of it
    "seed": """SELECT s.number AS key, s.data AS content FROM seeds s
        WHERE s.number IN (SELECT seed FROM seed_links WHERE article = :article)
        OR (s.number NOT IN (SELECT seed FROM seed_links) AND (s.url = :article
            OR substr(rtrim(substr(s.url, 1, instr(s.url || '?', '?') - 1), '/'), -length(:article) - 1) = '/' || :article
            OR s.url IN (SELECT url FROM article_urls WHERE article = :article)))""",
    "article": "SELECT id AS key, headline AS content FROM articles WHERE id = :article AND headline IS NOT NULL",
}
# in one pass over the looks, for none of them is found by its page
_UNNEEDED = """
SELECT b.sha256 AS key, NULL AS content FROM bodies b LEFT JOIN (
    SELECT body_sha256, MIN(started < :before AND {outcomes}{thinned}) AS may FROM captures
    WHERE body_sha256 IS NOT NULL GROUP BY body_sha256) k ON k.body_sha256 = b.sha256
WHERE COALESCE(k.may, 1) AND b.sha256 NOT IN (
    SELECT c.body_sha256 FROM versions v JOIN captures c ON c.id = v.capture WHERE c.body_sha256 IS NOT NULL)
"""
_THINNED = """ AND id NOT IN (
    SELECT MIN(c.id) FROM captures c JOIN bodies p ON p.sha256 = c.body_sha256
    WHERE c.version IS NOT NULL GROUP BY c.article, substr(c.started, 1, 10))"""
_ALWAYS = "9999"
# a second time only of a page that was served again since: the event lists it, the row stays that of the first
_REMOVED = "INSERT OR IGNORE INTO removals(event, kind, key, sha256) VALUES (?, ?, ?, ?)"


class Removable(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of content that a takedown or purge takes away; ``key`` names its row in the table of its ``kind``."""

    kind: str
    key: str
    sha256: str


class Removing(Events, Pages):
    """The only ways in which content goes."""

    def content_of(self, article: str, until: datetime | None = None) -> list[Removable]:
        """All content of an article, or what it said up to a moment: what a takedown would remove."""
        values = {"article": article, "until": text(until) or _ALWAYS}
        wanted = _OF_ARTICLE if until else _OF_ARTICLE | _WHOLE
        return [item for kind, sql in wanted.items() for item in self._removable(kind, sql, values)]

    def unneeded_bodies(self, before: datetime, *, set_aside: bool = False, daily: bool = False) -> list[Removable]:
        """Pages as served that no version rests on, of looks before a moment: unchanged ones, on request those set aside too.

        ``daily`` keeps of each article's looks of a day (UTC) the first page that is there.
        """
        outcomes = "outcome != 'new'" if set_aside else "outcome = 'unchanged'"
        sql = _UNNEEDED.format(outcomes=outcomes, thinned=_THINNED if daily else "")
        return list(self._removable("body", sql, {"before": text(before)}))

    def _removable(self, kind: str, sql: str, values: dict[str, Any]) -> Iterator[Removable]:
        gone = {row["key"] for row in self._rows("SELECT key FROM removals WHERE kind = ?", [kind])}
        for row in self._rows(sql, values):
            table = _PACKED.get(kind)
            key, content = (row["id"], self._said(table, row)) if table else (row["key"], row["content"])
            if kind == "body" or str(key) not in gone:  # the same page may have been served again, and kept
                yield Removable(kind=kind, key=str(key), sha256=_sha256(key, content))

    def _said(self, table: str, row: Row) -> str | bytes:
        """What a row says; of one that cannot be read any more its bytes: that it is damaged is no reason to keep it."""
        try:
            return str(self._unpacked(table, row)[PACKED[table]])
        except ValueError:
            return bytes(row["packed"] or b"")

    def take_down(self, article: str, reason: str, until: datetime | None = None) -> Event:
        """Remove an article's content; of a whole article nothing is kept from then on, and it is no longer followed."""
        with self._write() as db:
            items = self.content_of(article, until)
            event = self._remove(EventKind.TAKEN_DOWN, items, reason, article=article, until=text(until))
            if until is None:
                db.execute("DELETE FROM schedule WHERE article = ?", [article])
            # words stay in an index until its parts are merged: now, for nobody comes back to it after a crash
            for index in ("texts", "listing_index"):
                db.execute(f"INSERT INTO {index}({index}) VALUES ('optimize')")
        self._empty_log()
        return event

    def purge(self, items: Iterable[Removable], reason: str) -> Event:
        """Remove pages that nothing rests on; ``reason`` states the policy."""
        with self._write():
            event = self._remove(EventKind.PURGED, list(items), reason)
        self._empty_log()
        return event

    def _remove(
        self,
        kind: EventKind,
        items: list[Removable],
        reason: str,
        *,
        article: str | None = None,
        until: str | None = None,
    ) -> Event:
        # freed pages are overwritten, so that nothing is left to be read in the file
        self._db.execute("PRAGMA secure_delete = ON")
        listed = [[item.kind, item.key, item.sha256] for item in items]
        event = self.note_event(kind, article=article, reason=reason, until=until, removed=listed)
        for item in items:
            self._db.execute(_REMOVED, [event, item.kind, item.key, item.sha256])
        for item in sorted(items, key=self._place):
            self._blank(item)
        return self.event(event)

    def _place(self, item: Removable) -> tuple[int, int]:
        """What others rest on goes last, newer texts before older ones: then the fewest are left to be packed anew."""
        number = -int(item.key) if item.kind == "version" else 0
        if item.kind == "body":
            number = bool(self._value("SELECT 1 FROM bodies WHERE sha256 = ? AND base IS NULL", [item.key]))
        return _ORDER.index(item.kind), number

    def _blank(self, item: Removable) -> None:
        db, key = self._db, item.key
        if item.kind == "body":
            self._stand_alone(key)
            db.execute("DELETE FROM bodies WHERE sha256 = ?", [key])
        elif item.kind == "version":
            db.execute("DELETE FROM texts WHERE rowid = ?", [int(key)])
            rest_on_another(db, int(key))
            sql = (
                f"UPDATE versions AS v SET content = ?, packed = NULL, base = NULL, head = NULL, fingerprint = {MAKER} "
                "WHERE id = ?"
            )
            db.execute(sql, [BLANK, int(key)])
        elif item.kind == "reextraction":
            db.execute("UPDATE reextractions SET content = ?, packed = NULL WHERE id = ?", [BLANK, int(key)])
        elif item.kind == "seed":
            db.execute("UPDATE seeds SET data = X'', content = ? WHERE number = ?", [BLANK, int(key)])
        elif item.kind == "article":
            db.execute("UPDATE articles SET headline = NULL WHERE id = ?", [key])
        elif item.kind == "change":
            sql = "UPDATE changes SET assessment = ?, packed = NULL, words = '', headline = '' WHERE id = ?"
            db.execute(sql, [self._emptied("changes", key), int(key)])
        else:
            sql = "UPDATE former_changes SET assessment = ?, packed = NULL WHERE id = ?"
            db.execute(sql, [self._emptied("former_changes", key), int(key)])

    def _emptied(self, table: str, key: str) -> str:
        row = self._row(f"SELECT * FROM {table} WHERE id = ?", [int(key)]) or {}
        return written(_emptied(row, self._said(table, row)))

    def _empty_log(self) -> None:
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def barred(self, article: str) -> Removal | None:
        """The standing takedown of a whole article: nothing is kept of it any more."""
        for event in reversed(self.events(article=article, kinds=[EventKind.TAKEN_DOWN])):
            if event.facts["until"] is None:
                return Removal(at=event.at, reason=str(event.facts["reason"]))
        return None

    def refuse_barred(self, article: str) -> None:
        """Raise UserError when an article was taken down as a whole."""
        if removal := self.barred(article):
            raise UserError(
                f"{article} was taken down on {removal.at:%Y-%m-%d} ({removal.reason}); nothing of it is brought in"
            )

    def removal(self, kind: str, key: object) -> Removal | None:
        """When and why a row's content was taken away; ``None`` while it is there."""
        row = self._row(
            "SELECT e.at, e.record ->> '$.reason' AS reason FROM removals r JOIN events e ON e.id = r.event WHERE r.kind = ? AND r.key = ?",
            [kind, str(key)],
        )
        at = instant(row["at"]) if row else None
        return Removal(at=at, reason=row["reason"]) if row and at else None


def _sha256(key: Any, content: Any) -> str:
    if content is None:  # a body is named by its digest
        return str(key)
    return hashlib.sha256(content if isinstance(content, bytes) else str(content).encode()).hexdigest()


def _emptied(row: Row, assessment: str | bytes) -> Assessment:
    """What a change amounted to, without a word of what it said: by its columns where its assessment cannot be read any more."""
    try:
        found = read(assessment)
    except ValueError:
        kinds = tuple(map(Kind, json.loads(row["kinds"])))
        weight, disclosure = Weight(row["weight"]), Disclosure(row["disclosure"])
        return Assessment(diff=Diff(edits=()), kinds=kinds, weight=weight, disclosure=disclosure, reason="")
    return Assessment(
        diff=Diff(edits=()), kinds=found.kinds, weight=found.weight, disclosure=found.disclosure, reason=found.reason
    )
