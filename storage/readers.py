"""Open the database to read it: beside its writer, where nothing can be written, or as an earlier release left it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3

from storage.database import Database
from storage.errors import StoreError, UserError
from storage.opening import apply, connect, logs_of, open_for_writing, require_known, require_ours, sqlite_errors
from storage.place import beside
from storage.schema import SCHEMA

Check = Callable[[], None]
# SQLite may neither make nor write what readers share with a writer: the folder is read-only, another user's, or full
_NOT_HERE = ("unable to open", "readonly", "disk I/O", "full")


def open_for_reading(path: Path) -> tuple[Database, Check]:
    """Open an existing database read-only; works beside a writer, and on a disk that is read-only or full.

    The check is for the end of the reading: it raises StoreError when what was read may not have been of one moment.
    """
    with sqlite_errors(path):
        if not path.exists():
            raise UserError(
                f"there is no database {path} yet; begin with: zaesur seeds import, or zaesur watch add URL"
            )
        require_ours(path)
        db, check = _connect(path)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        require_known(path, version)
        if version < SCHEMA:
            db, check = _of_today(db, check, path)
        db.execute("PRAGMA query_only = ON")
    return db, check


def open_beside(path: Path) -> Database:
    """Open for a short write to what the one writer does not touch, beside it; SQLite's own locks keep the two apart."""
    db, _ = open_for_reading(path)  # ours, there, and of today's schema
    db.close()
    with sqlite_errors(path):
        db = connect(path, "mode=rw")
        db.execute("PRAGMA synchronous = FULL")
    return db


def open_copy_of(path: Path) -> Database:
    """A private copy to write into, where the database itself cannot be written; gone when it is closed."""
    db, check = open_for_reading(path)
    try:
        with sqlite_errors(path):
            copied = _temporary(db)
        check()
    finally:
        db.close()
    return copied


def _connect(path: Path) -> tuple[Database, Check]:
    """As readers do beside a writer; where that is not possible, alone: a copy with its log, or the file as it lies there."""
    try:
        return _opened(path, "mode=ro"), _nothing
    except sqlite3.OperationalError as error:
        if not any(words in str(error) for words in _NOT_HERE):
            raise
    check = _unchanged(path)
    logs = [name for name in logs_of(path) if _size(name)]
    if logs:
        db = _with_its_log(path, logs)
        check()
        return db, _nothing
    # without a log nobody is writing, and what a later writer moves into the file is noticed by the check
    return _opened(path, "immutable=1"), check


def _opened(path: Path, how: str) -> Database:
    db = connect(path, how)
    try:
        db.execute("SELECT 1 FROM sqlite_master").fetchone()  # SQLite opens its files only now
    except BaseException:
        db.close()
        raise
    return db


def _nothing() -> None:
    """SQLite's own locks keep what is read of one moment."""


def _unchanged(path: Path) -> Check:
    """The check that a file read without locks is the same as when this was called."""

    def state() -> tuple[int, int, int]:
        found = path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    before = state()

    def check() -> None:
        with sqlite_errors(path):
            if state() != before:
                raise StoreError(
                    f"{path}: it was written while it was read here, where readers cannot keep writers waiting; "
                    "what was shown may be wrong. Try again"
                )

    return check


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _with_its_log(path: Path, logs: list[Path]) -> Database:
    """A database whose last commits were not moved in, or whose last write was not undone: read from a copy of its files."""
    with tempfile.TemporaryDirectory(prefix="zaesur-") as folder:
        copied = Path(folder) / "copy.db"
        file = beside(path, "")
        for each in (file, *logs):
            shutil.copyfile(each, f"{copied}{each.name.removeprefix(file.name)}")
        source = connect(copied, "mode=rw")
        try:
            return _temporary(source)
        finally:
            source.close()


def _of_today(db: Database, check: Check, path: Path) -> tuple[Database, Check]:
    """The database in today's schema: brought up to date in place, or, where that is not possible now, a temporary copy."""
    try:
        writable, lock = open_for_writing(path)
    except StoreError:  # read-only, full, or in the hands of an earlier program that still runs
        try:
            copied = _temporary(db)
        finally:
            db.close()
        check()
        apply(copied)
        return copied, _nothing
    db.close()
    writable.close()
    lock.close()
    return _connect(path)


def _temporary(db: Database) -> Database:
    """A private copy that SQLite keeps in memory while it is small, and deletes when it is closed."""
    connection = sqlite3.connect("", check_same_thread=False)
    db.conn.backup(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    return Database(connection)
