"""Check rows of evidence against their seals, and the tables against the schema they were made by.

The seals are walked in their order, each with the row it names: whatever their number, what is kept in memory is a bit for
each row, and the rows that do not agree with the seal that is looked at because a later one holds what they say now.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from storage.base import Base, Row
from storage.errors import StoreError
from storage.opening import made_anew
from storage.seals import GENESIS, GONE, head_name, key_of, link, primary_key, read_head, says_digest, sealed_tables
from storage.texts import shows_another_head

Name = tuple[str, str]  # table and primary key, as a seal names a row
FIRST = -(1 << 63)  # the least number a row can have
_PAGE = 1000  # seals read at once
_FAR = 1 << 28  # rows beyond are no row's place but that of one that was altered, or are kept one by one
_LATER = "SELECT DISTINCT of, key FROM seals WHERE id > ? AND key IN (SELECT value FROM json_each(?))"


class Walk:
    """A walk over seals: how far it came, which rows it met, and those that no seal on the way agrees with."""

    def __init__(self, after: int = 0) -> None:
        self.to = after
        self.unsettled: dict[Name, int] = {}
        self._met: dict[str, bytearray] = {}
        self._met_far: set[tuple[str, int]] = set()

    def note(self, table: str, place: int) -> None:
        """A row was met; ``place`` is its number in the table."""
        if not 0 <= place < _FAR:
            self._met_far.add((table, place))
            return
        bits = self._met.setdefault(table, bytearray())
        if len(bits) <= place >> 3:
            bits.extend(bytes((place >> 3) + 1))
        bits[place >> 3] |= 1 << (place & 7)

    def met(self, table: str, place: int) -> bool:
        """Whether a seal on the way named this row."""
        bits = self._met.get(table, b"")
        if 0 <= place >> 3 < len(bits):
            return bool(bits[place >> 3] >> (place & 7) & 1)
        return (table, place) in self._met_far


class Sealed(Base):
    """What the seals prove."""

    def seal_problems(self) -> Iterator[str]:
        """The chain of seals, every row against its seal, and the end that was told beside the database."""
        walk = Walk()
        yield from self._told_problems()
        yield from self._along(walk)
        yield from self._unsettled(walk)
        for table in sealed_tables():
            keys = primary_key(self._db, table)
            for place, row in self._places(table):
                if not walk.met(table, place):
                    yield f"{table} {key_of(row, keys)}: recorded by no zaesur; it has no seal"

    def _told_problems(self) -> Iterator[str]:
        told = read_head(head_name(self.path))
        if told is None:
            return
        found = self._value("SELECT hash FROM seals WHERE id = ?", [told[0]])
        if found is None:
            newest = self._value("SELECT MAX(id) FROM seals") or 0
            yield f"seal {newest + 1} to {told[0]}: recorded once, and lost since; see docs/operation.md"
        elif found != told[1]:
            yield f"seal {told[0]}: it is not the one that was told when it was recorded"

    def _along(
        self, walk: Walk, until: int | None = None, deadline: float | None = None, *, heads: bool = False
    ) -> Iterator[str]:
        """Go on with a walk, to the last seal, to the one named, or till it is time (of the monotonic clock) to stop.

        ``heads``: what lists show of versions is held against their texts too.
        """
        tables = {table: self._by_key(table) for table in sealed_tables()}
        previous = self._value("SELECT hash FROM seals WHERE id = ?", [walk.to]) if walk.to else GENESIS
        until = until or self._value("SELECT MAX(id) FROM seals") or 0
        for _, seal in self._paged("SELECT id AS place_, * FROM seals WHERE id > ? AND id <= ?", walk.to, until):
            if seal["id"] != walk.to + 1:
                yield f"seal {walk.to + 1}: missing"
            if link(previous or GENESIS, seal["of"], seal["key"], seal["digest"]) != seal["hash"]:
                yield f"seal {seal['id']} of {seal['of']} {seal['key']}: it and the chain of seals disagree"
            previous, walk.to = seal["hash"], seal["id"]
            if seal["of"] in tables:
                row = self._compare(walk, seal, *tables[seal["of"]])
                if heads and row and seal["of"] == "versions" and shows_another_head(self._db, row):
                    yield f"versions {seal['key']}: altered; what lists show of it and its text disagree"
            if deadline is not None and time.monotonic() > deadline:
                return

    def _by_key(self, table: str) -> tuple[str, int]:
        """How to find a row of a table by its key, and the number of columns in that."""
        keys = primary_key(self._db, table)
        # by its place: found by its key, SQLite takes what is in the key from the index, and the row itself might say otherwise
        place = f"SELECT rowid FROM {table} WHERE {' AND '.join(f'{key} = ?' for key in keys)}"
        return f"SELECT rowid AS place_, * FROM {table} WHERE rowid = ({place})", len(keys)

    def _named(self, key: str, sql: str, columns: int) -> Row | None:
        parts = key.rsplit(" ", columns - 1)
        return self._row(sql, parts) if len(parts) == columns else None

    def _compare(self, walk: Walk, seal: Row, sql: str, columns: int) -> Row | None:
        """Hold the row that a seal names against it; the row, where it is as sealed."""
        table, name = seal["of"], (seal["of"], seal["key"])
        row, digest = self._named(seal["key"], sql, columns), GONE
        if row is not None:
            walk.note(table, row.pop("place_"))
            digest = says_digest(self._db, table, row)
        if digest == seal["digest"]:
            walk.unsettled.pop(name, None)
            return row
        walk.unsettled[name] = seal["id"]
        return None

    def _unsettled(self, walk: Walk) -> Iterator[str]:
        """The rows that disagree with the newest seal there is of them; what has one behind the walk is left to whoever walks there."""
        names = list(walk.unsettled)
        later: set[Name] = set()
        if names and self._value("SELECT 1 FROM seals WHERE id > ?", [walk.to]):
            found = self._rows(_LATER, [walk.to, json.dumps(sorted({key for _, key in names}))])
            later = {(row["of"], row["key"]) for row in found}
        for table, key in names:
            if (table, key) not in later:
                gone = self._named(key, *self._by_key(table)) is None
                yield f"{table} {key}: {'missing' if gone else 'altered; it and its seal disagree'}"

    def _places(self, table: str, after: int = FIRST) -> Iterator[tuple[int, Row]]:
        """The rows of a table behind a place in it: their places and keys."""
        keys = ", ".join(primary_key(self._db, table))
        return self._paged(f"SELECT rowid AS place_, {keys} FROM {table} WHERE rowid > ?", after)

    def _paged(self, sql: str, after: int, *values: int) -> Iterator[tuple[int, Row]]:
        """Rows in the order of their places (the column ``place_``), a page at a time, for there may be millions.

        Raises StoreError when they are not in order, as in a damaged file, where this would go round for ever.
        """
        while rows := self._rows(f"{sql} ORDER BY place_ LIMIT {_PAGE}", [after, *values]):
            for row in rows:
                if row["place_"] <= after:
                    raise StoreError(f"{self.path}: row {row['place_']} stands behind row {after}; the file is damaged")
                after = row.pop("place_")
                yield after, row

    def schema_problems(self) -> Iterator[str]:
        """Tables, indexes, views and triggers that are not as the migrations make them, and triggers that they do not make."""
        rows = self._rows("SELECT name, type, sql FROM sqlite_master")
        found = {row["name"]: row["sql"] for row in rows}
        for row in rows:
            if row["type"] == "trigger" and row["name"] not in made_anew():
                yield f"trigger {row['name']}: zaesur makes none of this name; what it writes would be sealed as ours"
        for name, (kind, sql) in made_anew().items():
            if name not in found:
                yield f"{kind} {name}: missing" + ("; the table could be altered" if kind == "trigger" else "")
            elif found[name] != sql:
                yield f"{kind} {name}: altered; it is not as zaesur makes it"
