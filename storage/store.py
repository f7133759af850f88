"""The database as one object; each table family has a module of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from storage import opening, readers
from storage.anchors import Anchors
from storage.archives import Archives
from storage.errors import StoreError
from storage.following import Following
from storage.incidents import Incidents
from storage.ledger import Ledger
from storage.listing import Listing
from storage.newesttexts import NewestTexts
from storage.numbers import Numbers
from storage.outbox import Outbox
from storage.passed import read_passed
from storage.place import Place
from storage.reviews import Reviews
from storage.sameedits import SameEdits
from storage.seals import Sealer
from storage.seeds import Seeds
from storage.sinceverified import SinceVerified
from storage.timelines import Timelines
from storage.usage import Spaces

# an address that never showed an article is no article
_KNOWN = """
SELECT COUNT(*) FROM articles a WHERE EXISTS (SELECT 1 FROM versions v WHERE v.article = a.id)
    OR EXISTS (SELECT 1 FROM schedule s WHERE s.article = a.id)
"""


class Store(
    Archives,
    SinceVerified,
    Anchors,
    Seeds,
    Listing,
    NewestTexts,
    SameEdits,
    Reviews,
    Numbers,
    Timelines,
    Incidents,
    Following,
    Outbox,
    Ledger,
    Spaces,
):
    """Everything that is kept. Use as a context manager."""

    _lock: IO[str] | None = None
    _undisturbed: readers.Check | None = None

    @classmethod
    def open(cls, path: Path | str, *, write: bool = True) -> Store:
        """Open the database at ``path``: for writing alone (made if missing), or read-only beside a writer.

        Raises UserError for what is not a database of ours or is of a newer program, StoreError when another
        process writes, or the disk is read-only or full. Nothing is touched then.
        """
        path = Path(path)
        if not write:
            db, check = readers.open_for_reading(path)
            store = cls(db, path)
            store._undisturbed = check
            return store
        db, lock = opening.open_for_writing(path)
        store = cls(db, path)
        store._lock = lock
        try:
            store._watch()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def aside(cls, path: Path | str) -> Store:
        """A private copy of a database that cannot be written, to work in; nothing of it stays."""
        return cls(readers.open_copy_of(Path(path)), Path(path))

    def _watch(self) -> None:
        """Seal from now on; say so when the database has lost its end."""
        with opening.sqlite_errors(self.path):
            self._sealer = Sealer(self._db, self.path)
            self._standing = Place(self.path)
        if self._sealer.lost:
            self.note_incident("lost", f"records up to seal {self._sealer.lost} were acknowledged and are missing now")

    @staticmethod
    def locked(path: Path) -> bool:
        """Whether another process is writing to this database."""
        return opening.locked(path)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._undisturbed and error is None:
                self._undisturbed()
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection and let other writers in."""
        with contextlib.suppress(Exception):
            self.write_requests()
        with contextlib.suppress(Exception):
            self._db.close()
        if self._sealer:
            self._sealer.close()
        if self._lock:
            self._lock.close()
            self._lock = None

    @contextlib.contextmanager
    def of_one_moment(self, *, long: bool = False) -> Iterator[None]:
        """What is read in this block is of one moment, whatever is written meanwhile.

        Without WAL that keeps the writer waiting: there, nothing is promised of a ``long`` reading.
        """
        if long and self.pragmas()["journal_mode"] != "wal":
            yield
            return
        with opening.sqlite_errors(self.path):
            self._db.conn.execute("BEGIN")
        try:
            yield
        finally:
            self._db.rollback()

    @property
    def writable(self) -> bool:
        """Whether this is the one writer."""
        return self._lock is not None

    def pragmas(self) -> dict[str, Any]:
        """The settings that durability and safety rest on."""
        return opening.pragmas(self._db)

    def status(self) -> dict[str, Any]:
        """Health in numbers: the row that ``status --json`` prints."""
        next_due = self.next_due()
        return {
            "articles": self._value(_KNOWN),
            "captures": self._value("SELECT COUNT(*) FROM captures"),
            "versions": self._value("SELECT COUNT(*) FROM versions"),
            "changes": self._value("SELECT COUNT(*) FROM changes"),
            "set_aside": self._value("SELECT COUNT(*) FROM captures WHERE outcome = 'set-aside'"),
            "failed": self._value("SELECT COUNT(*) FROM captures WHERE outcome IN ('fetch-failed', 'extract-failed')"),
            "gaps": self._value("SELECT COUNT(*) FROM gaps"),
            "last_look": self._value("SELECT MAX(started) FROM captures"),
            "next_due": next_due.isoformat() if next_due else None,
            "service": self.service(),
        }

    def backup(self, path: Path) -> None:
        """Copy the database to a new file while it is in use, and verify the copy; refuses to overwrite.

        The copy takes its name only when it is whole, verified and on the disk.
        """
        if path.exists():
            raise StoreError(f"{path} exists already; nothing was written")
        # SQLite would take a log of that name for the copy's own, and write what it holds into it
        if log := next((name for name in opening.logs_of(path) if name.exists()), None):
            raise StoreError(f"{log} stands there, left by another database; move it away first. Nothing was written")
        part = path.with_name(f"{path.name}.part")
        try:
            opening.copy(self._db, part)
            with Store(opening.open_copy(part), part) as copied:
                problem = next(copied.verify_copy(read_passed(self.path)), None)
            if problem:
                raise StoreError(f"{path}: the copy does not verify ({problem}); no backup was written")
            opening.settle(part, path)
        finally:
            for name in (part, Path(f"{part}-shm"), *opening.logs_of(part)):
                name.unlink(missing_ok=True)
