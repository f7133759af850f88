"""Open the database to write to it: ours, not newer than the program, durable, one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from pysqlite3 import dbapi2 as sqlite3

from storage.database import Database
from storage.errors import StoreError, UserError
from storage.place import beside
from storage.schema import APPLICATION_ID, SCHEMA, migrations
from storage.seals import agreeing, seal_anew

SQLITE_VERSION: str = sqlite3.sqlite_version
_PATIENCE = 5.0  # seconds a second writer waits for the first
_WAL_RESET_FIXED = (3, 51, 3)  # 3.7.0 to 3.51.2 can corrupt a WAL that is reset under a reader
_WAL_BORN = (3, 7, 0)
UNFIXED = "truncate"  # the journal mode that this does not touch
_STATEMENTS = (
    1000  # compiled ones kept: where there is no room left the newest goes first, and opening alone compiles 67 to 369
)
_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # how SQLite's rollback journal begins


def wal_is_safe() -> bool:
    """Whether this SQLite is free of the WAL-reset fault."""
    version = tuple(map(int, SQLITE_VERSION.split(".")))
    return version >= _WAL_RESET_FIXED or version < _WAL_BORN


@cache
def json_needs_trust() -> bool:
    """Whether this SQLite (such as 3.40) refuses its own JSON functions in the views and triggers of a schema that is not trusted.

    Ours use them: with such a SQLite not one change could be recorded. No function of ours is registered that a strange schema could
    call, and ``verify`` compares the schema with the one that the migrations make.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as probe:
        probe.execute("PRAGMA trusted_schema = OFF")
        probe.execute("CREATE VIEW looks_into AS SELECT json_extract('{}', '$.x')")
        try:
            probe.execute("SELECT * FROM looks_into")
        except sqlite3.OperationalError:
            return True
    return False


class sqlite_errors:  # noqa: N801 - used like a function; as a generator it took longer than many a query inside it
    """The one door through which the errors of SQLite and the disk leave: as one clear line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, UnicodeDecodeError):
            # SQLite quotes what it stumbled over, and that need not be text
            raise StoreError(
                f"{self._path}: {_in_words('malformed')} (bytes that are no text where text was)"
            ) from error
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            return  # a mistake of ours, not a state of the machine: shown whole
        if isinstance(error, sqlite3.DatabaseError):
            words = _in_words(str(error), self._path)
            raise StoreError(f"{self._path}: {words}; nothing was recorded by this step") from error
        if isinstance(error, OSError):
            words = error.strerror or str(error)
            raise StoreError(f"{self._path}: {words}; nothing was recorded by this step") from error


def _advice(error: OSError) -> str:
    """What to do about a file that cannot be used; "" or a sentence with a blank before it."""
    if error.errno == errno.EROFS:
        return " Here the records can only be read: zaesur changes, serve, export"
    if error.errno in (errno.EACCES, errno.EPERM):
        return " Give this user the folder and every file of that name in it, or work as the user who owns them"
    return " Make room, then try again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""


def _in_words(text: str, path: Path | None = None) -> str:
    if "disk I/O" in text and path is not None and _is_full(path):
        text = "full"  # SQLite says so of what it writes, not of what it shares with readers
    known = {
        "locked": "the database is in use by another program",
        "readonly": "the database cannot be written (read-only file or folder, or another user's)",
        "full": "the disk is full; make room, then try again",
        "malformed": "the database is damaged; restore a backup",
        "not a database": "this is not a database",
        "disk I/O": "the disk cannot be read or written (disk I/O error)",
        "decode to UTF-8": "the database is damaged (bytes that are no text where text was); restore a backup",
        "unable to open": "the database file cannot be opened",
    }
    return next((words for part, words in known.items() if part in text), text)


def _is_full(path: Path) -> bool:
    try:
        return os.statvfs(path.parent).f_bavail == 0
    except OSError:
        return False


def open_for_writing(path: Path) -> tuple[Database, IO[str]]:
    """Open or create the database, alone: returns it with the lock that keeps other writers out."""
    with sqlite_errors(path):
        require_ours(path)
        lock = _lock(path)
    try:
        with sqlite_errors(path):
            db = connect(path, "mode=rwc")
            _make_durable(db)
            _migrate(db, path)
    except BaseException:
        lock.close()
        raise
    return db, lock


def reconnect(path: Path) -> Database:
    """Another connection for the process that holds the writer's lock."""
    db = connect(path, "mode=rw")
    _make_durable(db)
    return db


def locked(path: Path) -> bool:
    """Whether another process is writing to this database."""
    name = beside(path, "-lock")
    if not name.exists():
        return False
    try:
        with name.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a lock file of another user: whether it is held cannot be told, nor is it ours to write then
        return False
    return False


def connect(path: Path, how: str) -> Database:
    """A connection that trusts nothing in the file, as far as this SQLite can do without; ``how`` as SQLite's URIs say it."""
    uri = f"file:{_quote(path)}?{how}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=_PATIENCE, check_same_thread=False, cached_statements=_STATEMENTS
    )
    trusted = "ON" if json_needs_trust() else "OFF"
    for pragma in ("foreign_keys = ON", f"trusted_schema = {trusted}", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return Database(connection)


def _make_durable(db: Database) -> None:
    """WAL or TRUNCATE, with FULL: the pairs that lost no acknowledged commit in power-cut images."""
    wanted = "wal" if wal_is_safe() else UNFIXED
    got = db.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]
    db.execute("PRAGMA synchronous = FULL")
    if got != wanted or db.execute("PRAGMA synchronous").fetchone()[0] != 2:
        raise StoreError(f"the database refuses the safe journal mode {wanted!r} (it says {got!r})")


def _migrate(db: Database, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA:
        return
    # the file itself may not tell yet: a newer program was killed, and its upgrade is in the log
    require_known(path, version)
    if version:
        safety = beside(path, f".before-schema-{SCHEMA}")
        part = safety.with_name(f"{safety.name}.part")
        part.unlink(missing_ok=True)
        copy(db, part)  # not a copy of the file: the newest commits may still be in the WAL
        settle(part, safety)
    apply(db)


def apply(db: Database) -> None:
    """Bring a database up to today's schema, whole or not at all."""
    db.execute("BEGIN IMMEDIATE")  # around all migrations: they are applied together or not at all
    try:
        sealed = agreeing(db)
        migrations.apply(db)
        seal_anew(db, sealed)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA}")
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def require_ours(path: Path) -> None:
    """Refuse what is not a database of ours, or is of a newer program, before anything is touched."""
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a database file")
    if not path.exists():
        if not path.parent.resolve().is_dir():
            raise UserError(f"the folder {path.parent} does not exist; make it first")
        return
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); it was left as it is.{_advice(error)}") from None
    if not head or (not any(head) and _cut_at_birth(path)):
        return
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        raise UserError(f"{path} is not a SQLite database; it was left as it is. Name another with --db")
    application, version = int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")
    if application == APPLICATION_ID:
        require_known(path, version)
    if application != APPLICATION_ID and not _unfinished(path):
        raise UserError(f"{path} is a SQLite database of another program; it was left as it is. Name another with --db")


def require_known(path: Path, version: int) -> None:
    """Refuse what a newer program made."""
    if version > SCHEMA:
        raise UserError(
            f"{path} was written by a newer zaesur (schema {version}, this program knows {SCHEMA}); "
            "it was left as it is. Upgrade zaesur"
        )


def logs_of(path: Path) -> tuple[Path, Path]:
    """The files beside a database in which SQLite may hold what is to be moved into it, or undone in it, at the next opening."""
    return beside(path, "-wal"), beside(path, "-journal")


def _cut_at_birth(path: Path) -> bool:
    """Whether the power went while the first page was written: SQLite's journal beside the file makes it empty again."""
    _, journal = logs_of(path)
    with contextlib.suppress(OSError), journal.open("rb") as file:
        return file.read(len(_JOURNAL)) == _JOURNAL
    return False


def _unfinished(path: Path) -> bool:
    """Whether this is our own database, killed while it was first made: the header may still be in the WAL."""
    # beside a journal that must be rolled back first only the file itself can be read without touching anything
    for how in ("mode=ro", "immutable=1"):
        with contextlib.suppress(sqlite3.DatabaseError):
            return _made_by_us(f"file:{_quote(path)}?{how}")
    return False


def _made_by_us(uri: str) -> bool:
    connection = sqlite3.connect(uri, uri=True)
    try:
        ours: int = connection.execute("PRAGMA application_id").fetchone()[0]
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    finally:
        connection.close()
    return (
        ours == APPLICATION_ID or not names or names >= {"captures", "_sqlite_migrations"} or names <= _MIGRATIONS_ONLY
    )


_MIGRATIONS_ONLY = {"_sqlite_migrations", "sqlite_autoindex__sqlite_migrations_1", "sqlite_sequence"}


def _lock(path: Path) -> IO[str]:
    name = beside(path, "-lock")
    try:
        file = name.open("a+", encoding="utf-8")
    except OSError as error:
        # named is the file itself: one that another user's run left is what stands in the way
        raise StoreError(
            f"{name}: cannot be written ({error.strerror}); nothing was recorded.{_advice(error)}"
        ) from None
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = "unknown"
                with contextlib.suppress(OSError), file:
                    file.seek(0)
                    holder = file.read().strip() or holder
                raise StoreError(
                    f"{path} is being written by another zaesur (process {holder}); nothing was changed. "
                    "Wait for it, or stop it"
                ) from None
            time.sleep(0.05)
    with contextlib.suppress(OSError):  # who holds the lock is a courtesy; the lock itself needs no room on the disk
        file.seek(0)
        file.truncate()
        os.write(file.fileno(), str(os.getpid()).encode())
    return file


def _quote(path: Path) -> str:
    return quote(os.path.realpath(os.fsencode(path)))  # a name need not be text


def copy(db: Database, path: Path) -> None:
    """Copy a database in use, with all that is committed, to a new file."""
    with sqlite_errors(path):
        target = sqlite3.connect(f"file:{_quote(path)}", uri=True)
        try:
            db.conn.backup(target)
        finally:
            target.close()


def open_copy(path: Path) -> Database:
    """Open a finished copy to check it."""
    with sqlite_errors(path):
        return connect(path, "mode=rw")


def settle(part: Path, path: Path) -> None:
    """Give a finished file its name, so that a power cut leaves either none or all of it."""
    try:
        for name in (part, path.parent):
            if name == path.parent:
                part.replace(path)
            descriptor = os.open(name, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from None


@cache
def made_anew() -> dict[str, tuple[str, str]]:
    """What the migrations make, by name: its kind and its SQL."""
    db = Database(sqlite3.connect(":memory:"))
    migrations.apply(db)
    # not the library's own list of what was applied, nor what SQLite makes by itself
    rows = db.execute("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%sqlite_%'")
    made = {name: (kind, sql) for name, kind, sql in rows}
    db.close()
    return made


def pragmas(db: Database) -> dict[str, Any]:
    """The settings that durability and safety rest on, as this connection has them."""
    names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "application_id", "user_version")
    return {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
