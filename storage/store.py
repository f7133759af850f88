"""The database as one object; each table family has a module of its own."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from sqlite_utils import Database

from storage import opening
from storage.captures import GENESIS, Captures, chain
from storage.changes import Changes
from storage.content import decode, digest
from storage.errors import StoreError
from storage.following import Following
from storage.seeds import Seeds
from storage.types import Content

_SEEN = ("new", "changed", "unchanged", "not-modified")


class Store(Captures, Seeds, Changes, Following):
    """Everything that is kept. Use as a context manager."""

    _lock: IO[str] | None = None

    @classmethod
    def open(cls, path: Path | str, *, write: bool = True) -> Store:
        """Open the database at ``path``: for writing alone (made if missing), or read-only beside a writer.

        Raises UserError for what is not a database of ours or is of a newer program, StoreError when another
        process writes, or the disk is read-only or full. Nothing is touched then.
        """
        path = Path(path)
        if not write:
            return cls(opening.open_for_reading(path), path)
        db, lock = opening.open_for_writing(path)
        store = cls(db, path)
        store._lock = lock
        return store

    @staticmethod
    def locked(path: Path) -> bool:
        """Whether another process is writing to this database."""
        return opening.locked(path)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and let other writers in."""
        with contextlib.suppress(Exception):
            self._db.close()
        if self._lock:
            self._lock.close()
            self._lock = None

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
            "articles": self._value("SELECT COUNT(*) FROM articles"),
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

    def verify_chain(self) -> Iterator[str]:
        """Check the records against their digests; yields one line a problem, naming the record."""
        yield from self._verify_captures()
        yield from self._verify_bodies()
        yield from self._verify_contents()

    def _verify_captures(self) -> Iterator[str]:
        previous, expected = GENESIS, 1
        for row in self._rows("SELECT * FROM captures ORDER BY id"):
            if row["id"] != expected:
                yield f"capture {expected}: missing"
            if chain(previous, row["record"]) != row["hash"]:
                yield f"capture {row['id']}: its record and the hash chain disagree"
            record = self.record_of(row["id"])
            columns = ("article", "requested_url", "final_url", "started", "answered", "status", "outcome", "reason")
            for name in (*columns, "version", "body_sha256", "modified"):
                if row[name] != record[name]:
                    yield f"capture {row['id']}: its column {name} and its record disagree"
            previous, expected = row["hash"], row["id"] + 1

    def _verify_bodies(self) -> Iterator[str]:
        for row in self._rows("SELECT sha256 FROM bodies"):
            try:
                body = self.body(row["sha256"])
            except Exception:  # any failure to unpack is the finding
                body = None
            if body is None or hashlib.sha256(body).hexdigest() != row["sha256"]:
                yield f"body {row['sha256'][:12]}: altered; its bytes and its digest disagree"

    def _verify_contents(self) -> Iterator[str]:
        sql = (
            "SELECT v.article, v.number, v.content, v.digest, c.record ->> '$.content_digest' AS seen "
            "FROM versions v LEFT JOIN captures c ON c.id = v.capture ORDER BY v.id"
        )
        for row in self._rows(sql):
            name = f"version {row['number']} of {row['article']}"
            if digest(decode(row["content"], Content)) != row["digest"] or row["digest"] != row["seen"]:
                yield f"{name}: altered; its text and the digest in its capture disagree"

    def backup(self, path: Path) -> None:
        """Copy the database to a new file while it is in use, and verify the copy; refuses to overwrite."""
        if path.exists():
            raise StoreError(f"{path} exists already; nothing was written")
        with opening.sqlite_errors(path):
            target = opening.connect_new(path)
            try:
                self._db.conn.backup(target)
            finally:
                target.close()
        with Store(Database(str(path)), path) as copy:
            problems = list(copy.verify_chain())
        if problems:
            raise StoreError(f"{path}: the copy does not verify ({problems[0]})")
