"""A connection as everything here uses it; what sqlite-utils adds to it is loaded when it is first asked for.

A command that lists changes reads a few rows: sqlite-utils, with all that it loads itself, took a third of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any

from pysqlite3 import dbapi2 as sqlite3  # the same module that sqlite-utils picks up by itself

from storage.loading import without

Values = Sequence[Any] | Mapping[str, Any]
Step = Callable[["Database"], None]
_TRANSACTIONS = ("BEGIN", "SAVEPOINT")


class Database:
    """One connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run a statement. One that writes while no transaction is open is committed at once, and undone when it fails."""
        if self.conn.in_transaction or sql.startswith(_TRANSACTIONS):
            return self.conn.execute(sql, values)
        try:
            found = self.conn.execute(sql, values)
            if found.description is None:
                self.conn.commit()  # does nothing where nothing was written
        except BaseException:
            self.rollback()
            raise
        return found

    def query(self, sql: str, values: Values = ()) -> Iterator[dict[str, Any]]:
        """The rows that a query finds, by the names of their columns."""
        found = self.conn.execute(sql, values)
        names = [column[0] for column in found.description]
        return (dict(zip(names, row, strict=True)) for row in found)

    def table(self, name: str) -> Any:
        """A table as sqlite-utils has it: insert, update."""
        return self.utilities.table(name)

    @cached_property
    def utilities(self) -> Any:
        """The same connection in the hands of sqlite-utils."""
        # it looks for both to know their types when rows of theirs are inserted, which no row of ours is
        with without("numpy", "pandas"):
            from storage.savepoints import Utilities

        return Utilities(self.conn, recursive_triggers=False, execute_plugins=False)

    def rollback(self) -> None:
        """Undo what the open transaction wrote, if there is one."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Migrations:
    """The steps to today's schema, in order; applied and noted by sqlite-utils."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._steps: list[Step] = []

    def __call__(self, step: Step) -> Step:
        """Add a step."""
        self._steps.append(step)
        return step

    def apply(self, db: Database, *, stop_before: str | None = None) -> None:
        """Apply what was not applied yet, each step whole or not at all."""
        utilities = db.utilities
        from sqlite_utils import Migrations as Noted

        noted = Noted(self._name)
        for step in self._steps:
            noted(name=step.__name__)(lambda _, step=step: step(db))
        noted.apply(utilities, stop_before=stop_before)
