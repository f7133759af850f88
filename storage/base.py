"""What every table family shares: the connection, one way to write, times as text."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pysqlite3 import dbapi2 as sqlite3

from storage.database import Database
from storage.errors import UNREADABLE, Damaged, StoreError
from storage.opening import reconnect, sqlite_errors
from storage.place import Place
from storage.seals import Sealer
from storage.texts import unpacked

Row = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")
COMPARED = "compared"  # in the table memory: the version up to which no comparison is owed
COUNT_REQUESTS = (
    "INSERT INTO asked VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests"
)


class Base:
    """One open database."""

    _sealer: Sealer | None = None  # the one writer's
    _standing: Place | None = None

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self.path = path
        self._requests: Counter[tuple[str, str, str]] = Counter()  # outlet, day, answer: not yet written down
        self._asked_last: dict[str, float] = {}  # by outlet, when this process last asked it, by the monotonic clock

    @contextlib.contextmanager
    def _write(self) -> Iterator[Database]:
        """One transaction, immediate: sqlite-utils' own is deferred and fails at once when two writers meet."""
        with sqlite_errors(self.path):
            if self._db.conn.in_transaction:
                yield self._db
                return
            self._db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.conn.executemany(COUNT_REQUESTS, [(*name, count) for name, count in self._requests.items()])
                if self._sealer:
                    self._sealer.seal()
                self._db.conn.execute("COMMIT")
                self._requests.clear()
            except BaseException as error:
                self._db.rollback()
                if isinstance(error, sqlite3.OperationalError) and self._sealer:
                    self._connect_anew(self._sealer)
                raise
            if self._sealer:
                self._sealer.committed()
            if self._standing:  # acknowledged is only what is in the file that the next start will find
                self._standing.check()

    def _connect_anew(self, sealer: Sealer) -> None:
        """Leave a connection on which a write failed: FTS5 keeps in memory what such a write had counted (seen in SQLite 3.53)."""
        with contextlib.suppress(sqlite3.Error, StoreError):
            fresh = reconnect(self.path)
            self._sealer = Sealer(fresh, self.path)  # both or neither: no row without its seal
            self._db.close()
            self._db = fresh
            sealer.close()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is written in this block is one transaction: durable when the block ends, all of it or nothing."""
        with self._write():
            yield

    def _compare_anew(self) -> None:
        """Earlier versions may be owed again: one has a seed now, or an archive saw another between them."""
        self._db.conn.execute("DELETE FROM memory WHERE name = ?", [COMPARED])

    def _insert(self, table: str, row: Row) -> int:
        """Insert a row; its number. Not by sqlite-utils' own method: that asks for the table's shape each time."""
        with sqlite_errors(self.path):
            sql = f"INSERT INTO {table}({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
            return int(self._db.conn.execute(sql, list(row.values())).lastrowid or 0)

    def _rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """What a query reads. Not by sqlite-utils' own method: that puts a savepoint around each, half of what a look costs."""
        with sqlite_errors(self.path):
            try:
                found = self._db.conn.execute(sql, dict(values) if isinstance(values, Mapping) else list(values))
            except OverflowError:  # a number that SQLite does not know is no row's
                return []
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    def _unpacked(self, table: str, row: Row) -> Row:
        """A row as it says; what it rests on is read too. Raises ValueError when it cannot be unpacked any more."""
        with sqlite_errors(self.path):
            return unpacked(self._db, table, row)

    def _row(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Row | None:
        return next(iter(self._rows(sql, values)), None)

    def _value(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        row = self._row(sql, values)
        return next(iter(row.values())) if row else None


def as_written(what: str, key: str) -> Callable[[Callable[Concatenate[Row, P], T]], Callable[Concatenate[Row, P], T]]:
    """For what makes an object of a row: says which record it was that cannot be read; ``key``: the column that names it."""

    def checked(read: Callable[Concatenate[Row, P], T]) -> Callable[Concatenate[Row, P], T]:
        @wraps(read)
        def reading(row: Row, /, *more: P.args, **named: P.kwargs) -> T:
            try:
                return read(row, *more, **named)
            except UNREADABLE as error:
                raise Damaged(f"{what} {row[key]}: it cannot be read any more ({error}); see: zaesur verify") from error

        return reading

    return checked


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def text(moment: datetime | None) -> str | None:
    """An instant as sortable text, microseconds, UTC: ``2026-11-23T12:00:00.000000Z``."""
    # 26 characters to the microsecond, then the offset, which is nought
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z" if moment else None


def instant(value: str | None) -> datetime | None:
    """The inverse of ``text``."""
    return datetime.fromisoformat(value) if value else None
