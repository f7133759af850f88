"""sqlite-utils with savepoints of one name.

Its own draw a name each time. Each is a statement of its own to the connection, which keeps a thousand compiled ones and, once these are
taken, drops the newest first: after a thousand rows inserted within a transaction of ours, every statement that came later was compiled
anew at each use, 27 of them for a look that found a change.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from sqlite_utils import Database

_NAME = "nested"  # savepoints of one name nest: what is released or undone is the innermost (sqlite.org/lang_savepoint.html)


class Utilities(Database):
    """A connection in the hands of sqlite-utils."""

    @contextlib.contextmanager
    def atomic(self) -> Generator[Database, None, None]:
        """As sqlite-utils has it: a transaction, or a savepoint within one."""
        if not self.conn.in_transaction:
            with super().atomic():
                yield self
            return
        self.conn.execute(f"SAVEPOINT {_NAME}")
        try:
            yield self
        except BaseException:
            if self.conn.in_transaction:  # an error may have undone the whole transaction
                self.conn.execute(f"ROLLBACK TO {_NAME}")
                self.conn.execute(f"RELEASE {_NAME}")
            raise
        self.conn.execute(f"RELEASE {_NAME}")
