"""Comparisons that are owed, and the changes they found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from storage.articles import Articles
from storage.assessments import read, written
from storage.base import COMPARED, Row, as_written, instant, now, text
from storage.errors import UNREADABLE
from storage.texts import packed_change, unpack, unpacked
from storage.types import Assessment, Baseline, Change, EventKind, Kind, SpanOp, Weight
from storage.wordindex import has_words

# NOT INDEXED: by the rows' numbers, from the new ones on; to save the sorting SQLite would walk all there are
_OWED = """
SELECT v.article, 'previous' AS baseline, v.number - 1 AS old, v.number AS new FROM versions v NOT INDEXED
WHERE v.id > :since AND v.number > 1 AND v.article NOT IN (SELECT article FROM versions WHERE origin = 'archive') AND NOT EXISTS (SELECT 1 FROM comparisons c WHERE c.article = v.article
    AND c.baseline = 'previous' AND c.from_version = v.number - 1 AND c.to_version = v.number)
UNION ALL
SELECT v.article, 'seed', 0, v.number FROM versions v NOT INDEXED JOIN seed_links l ON l.article = v.article
WHERE v.id > :since AND NOT EXISTS (SELECT 1 FROM comparisons c WHERE c.article = v.article
    AND c.baseline = 'seed' AND c.from_version = 0 AND c.to_version = v.number)
ORDER BY 1, 4, 2
"""

_SELECT = """
SELECT c.*, a.language, v.content AS led_to, v.packed AS led_to_packed, w.packed AS whole,
       (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.id DESC LIMIT 1) AS url
FROM changes c JOIN articles a ON a.id = c.article
LEFT JOIN versions v ON v.article = c.article AND v.number = c.to_version LEFT JOIN versions w ON w.id = v.base
"""

# what a change is shown with beside its own row
_BESIDE = """
SELECT a.language, (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.id DESC LIMIT 1) AS url
FROM articles a WHERE a.id = ?
"""
_PAIR = "article = :article AND baseline = :baseline AND from_version = :from_version AND to_version = :to_version"
_FORMER = """
INSERT INTO former_changes(change, event, weight, kinds, disclosure, summary, assessment, packed, differ, extractor, withdrawn)
SELECT id, ?, weight, kinds, disclosure, summary, assessment, packed, differ, extractor, withdrawn FROM changes WHERE id = ?
"""


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison that has not been made yet; the last look at the older and the first at the newer where they stand side by side."""

    article: str
    baseline: Baseline
    old: int
    new: int
    after: datetime | None = None
    by: datetime | None = None


class Changes(Articles):
    """What differs between recorded versions."""

    def owed(self, *, everything: bool = False) -> list[Owed]:
        """Every version against the one before and, where a seed is linked, against the seed, if not compared yet.

        Only versions recorded since all was compared (``all_compared``) are asked about, so that this costs the same however many
        there are; ``everything`` asks about each.
        """
        since = 0 if everything else self._compared_to()
        if since and since == self.newest_version():
            return []
        rows = self._rows(_OWED, {"since": since})
        owed = [Owed(article=r["article"], baseline=Baseline(r["baseline"]), old=r["old"], new=r["new"]) for r in rows]
        return [*(Owed(**each) for each in self.owed_in_time(since)), *owed]

    def owed_in_time(self, since: int) -> list[dict[str, Any]]:
        """What is owed of articles whose versions do not stand in the order of their numbers; archives bring such."""
        return []

    def newest_version(self) -> int:
        """The row of the version recorded last; 0 while there is none."""
        return int(self._value("SELECT MAX(id) FROM versions") or 0)

    def all_compared(self, newest: int) -> None:
        """Note that nothing is owed of versions up to this row."""
        if newest != self._compared_to():
            with self._write() as db:
                db.conn.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", [COMPARED, json.dumps({"to": newest})])

    def _compared_to(self) -> int:
        says = self._value("SELECT value FROM memory WHERE name = ?", [COMPARED])
        try:
            to = int(json.loads(says)["to"]) if says else 0
        except UNREADABLE:  # no evidence: without it everything is asked about
            to = 0
        return to if to <= self.newest_version() else 0

    def settle(
        self,
        owed: Owed,
        assessment: Assessment | None,
        *,
        summary: str,
        headline: str,
        observed_after: datetime | None,
        observed_by: datetime | None,
        differ: str,
        extractor: str | None = None,
        episode_from: int | None = None,
    ) -> Change | None:
        """Record a comparison; ``assessment`` is ``None`` when nothing differs. Returns the change, if any.

        ``differ`` and ``extractor`` are the fingerprints of what compared and of what read both texts; ``episode_from`` is the
        version from which on the article flaps, when this change is part of that. A comparison that was recorded as finding
        nothing may be settled again with what it finds now.
        """
        with self._write() as db:
            change = None
            if assessment:
                row = {
                    **_pair(owed),
                    "observed_after": text(observed_after),
                    "observed_by": text(observed_by),
                    **_assessed(assessment, summary, headline),
                    **packed_change(db, owed.article, owed.new, written(assessment)),
                    "differ": differ,
                    "extractor": extractor,
                    "episode": self._first_of_episode(owed, episode_from),
                }
                number = self._insert("changes", row)
                beside = self._row(_BESIDE, [owed.article]) or {}
                change = _change({**row, **beside, "id": number, "withdrawn": None}, assessment)
            if change and self._compared(owed):
                db.execute(
                    f"UPDATE comparisons SET change = :change, differ = :differ WHERE {_PAIR}",
                    {**_pair(owed), "change": change.id, "differ": differ},
                )
            else:
                made = {**_pair(owed), "change": change.id if change else None, "differ": differ, "at": text(now())}
                self._insert("comparisons", made)
        return change

    def _compared(self, owed: Owed) -> bool:
        return bool(self._value(f"SELECT 1 FROM comparisons WHERE {_PAIR}", _pair(owed)))

    def compared(self, article: str) -> list[tuple[Owed, int | None]]:
        """Every comparison made of an article, with the change it found, oldest first."""
        rows = self._rows("SELECT * FROM comparisons WHERE article = ? ORDER BY to_version, baseline", [article])
        return [
            (
                Owed(article=article, baseline=Baseline(r["baseline"]), old=r["from_version"], new=r["to_version"]),
                r["change"],
            )
            for r in rows
        ]

    def _first_of_episode(self, owed: Owed, episode_from: int | None) -> int | None:
        """The change that tells of the flapping for all that follow; ``None`` when this one does."""
        if episode_from is None:
            return None
        sql = (
            "SELECT MIN(id) FROM changes WHERE article = ? AND baseline = ? AND to_version >= ? AND to_version < ? "
            "AND instr(kinds, '\"flapping\"') AND withdrawn IS NULL"
        )
        first = self._value(sql, [owed.article, owed.baseline.value, episode_from, owed.new])
        return int(first) if first else None

    def retell(
        self,
        change: int,
        assessment: Assessment | None,
        *,
        summary: str,
        headline: str,
        differ: str,
        extractor: str | None,
        episode_from: int | None = None,
    ) -> None:
        """Say a change anew as it is computed today; what it said stays in ``former_changes``. ``None`` withdraws it."""
        with self._write() as db:
            row = self._row("SELECT * FROM changes WHERE id = ?", [change]) or {}
            owed = Owed(
                article=row["article"],
                baseline=Baseline(row["baseline"]),
                old=row["from_version"],
                new=row["to_version"],
            )
            says = unpacked(db, "changes", row)["assessment"]
            before, after = sha256(says), sha256(written(assessment)) if assessment else None
            event = self.note_event(
                EventKind.RECOMPUTED, article=row["article"], change=change, before=before, after=after
            )
            db.execute(_FORMER, [event, change])
            new: dict[str, Any] = {
                "withdrawn": text(now()) if assessment is None else None,
                "differ": differ,
                "extractor": extractor,
                "episode": self._first_of_episode(owed, episode_from),
            }
            if assessment:
                new |= _assessed(assessment, summary, headline)
                new |= packed_change(db, owed.article, owed.new, written(assessment))
            columns = ", ".join(f"{name} = :{name}" for name in new)
            db.execute(f"UPDATE changes SET {columns} WHERE id = :id", {**new, "id": change})
            db.execute("DELETE FROM change_edits WHERE change = ?", [change])

    def grouped(self, change: int) -> list[int]:
        """The later changes of the flapping that this change told of: recorded and listed in full, told once."""
        return [row["id"] for row in self._rows("SELECT id FROM changes WHERE episode = ? ORDER BY id", [change])]

    def change(self, id: int) -> Change | None:
        """One change."""
        row = self._row(f"{_SELECT} WHERE c.id = ?", [id])
        return _change(row) if row else None

    def changes_to(self, article: str, version: int) -> dict[int, set[str]]:
        """The changes that led to a version, from the one before and from the seed: their kinds by their ids."""
        sql = "SELECT id, kinds FROM changes WHERE article = ? AND to_version = ? AND withdrawn IS NULL ORDER BY id"
        return {row["id"]: set(json.loads(row["kinds"])) for row in self._rows(sql, [article, version])}

    def changes_by_id(self, ids: Sequence[int]) -> list[Change]:
        """These changes, in the order asked for; ids that are not there are left out."""
        rows = self._rows(f"{_SELECT} WHERE c.id IN ({', '.join('?' * len(ids))})", ids)
        found = {row["id"]: row for row in rows}
        return [_change(found[id]) for id in ids if id in found]

    def differ_of(self, id: int) -> str | None:
        """The fingerprint of the diff engine that found a change."""
        value = self._value("SELECT differ FROM changes WHERE id = ?", [id])
        return str(value) if value else None

    def extractor_of(self, id: int) -> str | None:
        """The fingerprint of the extractor that read both texts of a change; ``None`` for changes of the first schema."""
        value = self._value("SELECT extractor FROM changes WHERE id = ?", [id])
        return str(value) if value else None

    def changes(
        self,
        *,
        article: str | None = None,
        since: datetime | None = None,
        weight: Weight | None = None,
        silent: bool = False,
        disclosure: str | None = None,
        kind: str | None = None,
        search: str | None = None,
        baseline: Baseline | None = None,
        language: str | None = None,
        outlet: str | None = None,
        folded: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Change]:
        """Recorded changes, most important first: by weight, silent ones before noted ones, newest first.

        ``folded`` leaves out what an earlier change of the same flapping told already (see ``grouped``).
        """
        wanted: dict[str, Any] = {
            "c.article = ?": article,
            "c.observed_by >= ?": text(since),
            "c.weight >= ?": int(weight) if weight else None,
            "c.disclosure = ?": "silent" if silent else disclosure,
            "instr(c.kinds, ?)": json.dumps(kind) if kind else None,
            "c.baseline = ?": baseline.value if baseline else None,
            "a.language = ?": language,
            "a.outlet = ?": outlet,
        }
        given = {condition: value for condition, value in wanted.items() if value is not None}
        conditions, values = list(given), list(given.values())
        if search:
            condition, searched = has_words(search.casefold(), "c.id")
            conditions, values = [*conditions, condition], [*values, *searched]
        where = " AND ".join(["c.withdrawn IS NULL", *(["c.episode IS NULL"] if folded else []), *conditions])
        order = "ORDER BY c.weight DESC, c.disclosure DESC, c.observed_by DESC, c.id DESC LIMIT ? OFFSET ?"
        rows = self._rows(f"{_SELECT} WHERE {where} {order}", [*values, -1 if limit is None else limit, offset])
        return [_change(row) for row in rows]


def words(assessment: Assessment) -> str:
    """What a change added or removed, case-folded, for searching."""
    edits = assessment.diff.edits
    return "\n".join(span.text for edit in edits for span in edit.spans if span.op is not SpanOp.KEEP).casefold()


def sha256(text: str) -> str:
    """The digest by which an event names what a change said."""
    return hashlib.sha256(text.encode()).hexdigest()


def _pair(owed: Owed) -> dict[str, Any]:
    return {"article": owed.article, "baseline": owed.baseline.value, "from_version": owed.old, "to_version": owed.new}


def _assessed(assessment: Assessment, summary: str, headline: str) -> dict[str, Any]:
    return {
        "weight": int(assessment.weight),
        "kinds": json.dumps([kind.value for kind in assessment.kinds]),
        "disclosure": assessment.disclosure.value,
        "summary": summary,
        "headline": headline,
        "words": words(assessment),
    }


def _says(row: Row) -> str:
    """The assessment of a change; what most of its words are taken from is read only where it is needed."""
    if row["packed"] is None:
        return str(row["assessment"])
    if row["led_to"] is None:
        return unpack(row["assessment"], row["packed"])
    whole = unpack("", row["whole"]) if row["whole"] else None
    return unpack(row["assessment"], row["packed"], unpack(row["led_to"], row["led_to_packed"], whole))


@as_written("change", "id")
def _change(row: Row, assessment: Assessment | None = None) -> Change:
    """A change as its row says; ``assessment``: what was just written there."""
    assessment = assessment or read(_says(row))
    if [kind.value for kind in assessment.kinds] != json.loads(row["kinds"]):
        kinds = tuple(map(Kind, json.loads(row["kinds"])))
        raise ValueError(f"change {row['id']}: its kinds {kinds} disagree with its assessment")
    return Change(
        id=row["id"],
        article=row["article"],
        baseline=Baseline(row["baseline"]),
        from_version=row["from_version"],
        to_version=row["to_version"],
        observed_after=instant(row["observed_after"]),
        observed_by=instant(row["observed_by"]),
        assessment=assessment,
        summary=row["summary"],
        url=row["url"],
        language=row["language"],
        headline=row["headline"],
        episode=row["episode"],
        withdrawn=instant(row["withdrawn"]),
    )
