"""Verify what was recorded since the last verification that passed, its link to what was there, and a share of that in turn."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from msgspec.structs import replace

from storage.base import now, text
from storage.chain import GENESIS
from storage.passed import Passed
from storage.sealing import Walk
from storage.seals import sealed_tables
from storage.types import Version
from storage.verifying import MISSING, Verifying

# only pages as served ever go, when they are purged or taken down
_COUNTED = [table for table in sealed_tables() if table != "bodies"]


class SinceVerified(Verifying):
    """The short verification."""

    def passed_now(self, before: Passed | None = None) -> Passed:
        """What is there now, as the note of a verification that passes; ``before`` is the note it goes on from, if any."""
        with self._of_one_moment():
            seal = self._row("SELECT id, hash FROM seals ORDER BY id DESC LIMIT 1") or {"id": 0, "hash": b""}
            look = self._row("SELECT id, hash FROM captures ORDER BY id DESC LIMIT 1") or {"id": 0, "hash": GENESIS}
            event = self._row("SELECT id, hash FROM events ORDER BY id DESC LIMIT 1") or {"id": 0, "hash": GENESIS}
            at = text(now()) or ""
            return Passed(
                at=at,
                whole=before.whole if before else at,
                seal=seal["id"],
                seal_hash=bytes(seal["hash"]).hex(),
                look=look["id"],
                look_hash=look["hash"],
                event=event["id"],
                event_hash=event["hash"],
                places={table: self._value(f"SELECT MAX(rowid) FROM {table}") or 0 for table in sealed_tables()},
                counts={table: self._value(f"SELECT COUNT(*) FROM {table}") for table in _COUNTED},
                walked=before.walked if before else 0,
                round=before.round if before else at,
                before=before.before if before else at,
            )

    def verify_since(self, passed: Passed) -> Iterator[str]:
        """Everything that was recorded since, as ``verify_chain`` checks it, and that it goes on from what passed then."""
        with self._of_one_moment():
            yield from self._readable("schema", self.schema_problems())
            yield from self._readable("what was verified before", self._same_end(passed))
            yield from self._chained(passed.look, passed.look_hash)
            for table, problems in self._proofs().items():
                yield from self._each(table, self._rows_since(passed, table), problems)
            yield from self._readable("events", self._events_since(passed))
            yield from self._readable("seals", self._seals_since(passed))
            yield from self._missing_since(passed)

    def verify_copy(self, passed: Passed | None) -> Iterator[str]:
        """A copy of a database, as ``verify_chain`` checks it; of what passed before, every row against its seal.

        A row that agrees with its seal says what it said when it passed; unpacking every page anew takes twenty times as long.
        """
        if passed is None or any(self._same_end(passed)):
            yield from self.verify_chain()
            return
        yield from self.verify_since(passed)
        yield from self.verify_older(replace(passed, walked=0), passed, math.inf)[0]

    def all_rows(self, table: str) -> Iterator[int]:
        """The numbers of all rows of a table."""
        return self._rowids(table)

    def version_by_id(self, id: int) -> Version | None:
        """The version in this row."""
        row = self._row("SELECT article, number FROM versions WHERE id = ?", [id])
        return self.version(row["article"], row["number"]) if row else None

    def sealed_since(self, passed: Passed, table: str) -> list[str]:
        """The keys of the rows of a table that were written since."""
        sql = "SELECT DISTINCT key FROM seals WHERE id > ? AND of = ? ORDER BY id"
        return [row["key"] for row in self._rows(sql, [passed.seal, table])]

    def verify_older(self, passed: Passed, now_there: Passed, seconds: float) -> tuple[list[str], Passed]:
        """Go on with the round over what passed before, for so long: problems, and the note to keep if there are none."""
        with self._of_one_moment():
            walk, deadline = Walk(passed.walked), time.monotonic() + seconds
            problems = list(self._readable("seals", self._along(walk, passed.seal, deadline, heads=True)))
            problems += self._readable("seals", self._unsettled(walk))
        if walk.to >= passed.seal:
            return problems, replace(now_there, walked=0, before=passed.round, round=now_there.at)
        return problems, replace(now_there, walked=walk.to)

    def _same_end(self, passed: Passed) -> Iterator[str]:
        """The ends that passed are there still, and in front of them no more and no fewer rows than then."""
        for what, table, id, hash in (
            ("seal", "seals", passed.seal, passed.seal_hash),
            ("capture", "captures", passed.look, passed.look_hash),
            ("event", "events", passed.event, passed.event_hash),
        ):
            found = self._value(f"SELECT hash FROM {table} WHERE id = ?", [id])
            if id and (found.hex() if isinstance(found, bytes) else found) != hash:
                yield f"{what} {id}: not the one that passed the verification of {passed.at}; see docs/operation.md"
        for table, count in passed.counts.items():
            new = self._value(f"SELECT COUNT(*) FROM {table} WHERE rowid > ?", [passed.places[table]])
            there = self._value(f"SELECT COUNT(*) FROM {table}") - new
            if there != count:
                yield f"table {table}: {there} rows where {count} passed the verification of {passed.at}"

    def _rows_since(self, passed: Passed, table: str) -> Iterator[int]:
        sql, columns = self._by_key(table)
        for key in self.sealed_since(passed, table):
            row = self._named(key, sql, columns)
            if row is not None:
                yield row["place_"]

    def _seals_since(self, passed: Passed) -> Iterator[str]:
        walk = Walk(passed.seal)
        yield from self._told_problems()
        yield from self._along(walk)
        yield from self._unsettled(walk)
        for table in sealed_tables():
            for place, row in self._places(table, passed.places.get(table, 0)):
                if not walk.met(table, place):
                    yield f"{table} {' '.join(map(str, row.values()))}: recorded by no zaesur; it has no seal"

    def _events_since(self, passed: Passed) -> Iterator[str]:
        last, expected = passed.event_hash, passed.event + 1
        for row in self._rows("SELECT * FROM events WHERE id > ? ORDER BY id", [passed.event]):
            if row["id"] != expected:
                yield f"event {expected}: missing"
            yield from self.event_problems(row, last)
            last, expected = row["hash"], row["id"] + 1

    def _missing_since(self, passed: Passed) -> Iterator[str]:
        since = {name: passed.places.get(name, 0) for name in ("versions", "captures", "changes")}
        yield from self._readable("rows", (str(next(iter(row.values()))) for row in self._rows(MISSING, since)))
