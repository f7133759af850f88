"""Seals: every row of evidence has its digest in a chain, so that no row can be altered, lost or slipped in unnoticed.

The chain of captures proves what was seen; the seals prove all that was written about it: addresses, versions, changes, comparisons.
A trigger of the writing connection notes each row that a transaction touches; before the commit each gets a seal, in the same
transaction. Beside the database, ``NAME-head`` names the newest seal: a database that lost its end, such as a damaged WAL whose
last commits SQLite drops without a word, does not hold the seal that was told there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from storage.content import encode
from storage.database import Database
from storage.place import beside
from storage.schema import guards
from storage.texts import unpacked

Row = dict[str, Any]
Rows = dict[tuple[str, str], bytes]  # (table, primary key as text) -> digest of the row
_Seal = tuple[int, str, str, bytes, bytes]  # number, table, primary key as text, digest of the row, hash
GENESIS = bytes(32)
_ADD = "INSERT INTO seals VALUES (?, ?, ?, ?, ?)"
GONE = b""  # the digest of a row that was taken away, as only a takedown or a migration may


def sealed_tables() -> list[str]:
    """The tables whose rows are sealed: those that are append-only but for the seals, and the gaps.

    Not the editors' marks: they are no evidence, and are written beside the one writer, who alone knows the end of the chain.
    """
    return sorted({name.rpartition("_no_")[0] for name in guards()} - {"seals"} | {"gaps"})


class Sealer:
    """The one writer's seals: watches what its transactions touch."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._head = _Head(path)
        last = db.execute("SELECT id, hash FROM seals ORDER BY id DESC LIMIT 1").fetchone()
        self._last: tuple[int, bytes] = (last[0], last[1]) if last else (0, GENESIS)
        self._next = self._last
        self.lost = self._head.missing(db)
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("CREATE TEMP TABLE touched (of TEXT, row INTEGER, key TEXT)")
        for table in sealed_tables():
            for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                key = " || ' ' || ".join(f"{row}.{column}" for column in primary_key(db, table))
                db.execute(
                    f"CREATE TEMP TRIGGER {table}_{verb}_touched AFTER {verb} ON main.{table} "
                    f"BEGIN INSERT INTO touched VALUES ('{table}', {row}.rowid, {key}); END"
                )

    def seal(self) -> None:
        """Seal what this transaction touched; called before it is committed."""
        self._next, seals = self._last, list[_Seal]()
        touched = self._db.conn.execute("SELECT DISTINCT of, row, key FROM touched ORDER BY rowid").fetchall()
        for table, group in groupby(touched, itemgetter(0)):
            named = [(rowid, key) for _, rowid, key in group]
            rows = self._rows(table, [rowid for rowid, _ in named])
            for rowid, key in named:
                digest = says_digest(self._db, table, rows[rowid]) if rowid in rows else GONE
                seals.append(_seal(self._next, table, key, digest))
                self._next = seals[-1][0], seals[-1][-1]
        if touched:
            self._db.conn.executemany(_ADD, seals)
            self._db.conn.execute("DELETE FROM touched")

    def _rows(self, table: str, rowids: list[int]) -> dict[int, Row]:
        """Rows of a table by number, those that are there."""
        wanted = "rowid IN (SELECT value FROM json_each(?))"
        found = self._db.conn.execute(f"SELECT rowid, * FROM {table} WHERE {wanted}", [encode(rowids)])
        names = [column[0] for column in found.description][1:]
        return {rowid: dict(zip(names, values, strict=True)) for rowid, *values in found.fetchall()}

    def committed(self) -> None:
        """The transaction is durable: tell the newest seal beside the database."""
        if self._next != self._last:
            self._last = self._next
            self._head.tell(*self._last)

    def close(self) -> None:
        """Let go of the note beside the database."""
        self._head.close()


class _Head:
    """The note beside the database. It may be behind (it is told after the commit, and not synced), never ahead."""

    def __init__(self, path: Path) -> None:
        self._path = head_name(path)
        self._file: int | None = None

    def missing(self, db: Database) -> int | None:
        """The number of the seal that was told and is not in the database; ``None`` when all is well."""
        told = read_head(self._path)
        if told is None:
            return None
        found = db.execute("SELECT hash FROM seals WHERE id = ?", [told[0]]).fetchone()
        return None if found and found[0] == told[1] else told[0]

    def tell(self, id: int, digest: bytes) -> None:
        # the commit stands whether or not the note can be written: a note that is behind proves less, it never accuses
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._file, _told(id, digest), 0)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def seal_anew(db: Database, before: Rows) -> None:
    """After a migration: seal rows that are new or have another shape. ``before`` holds the rows that agreed with their seals."""
    last = db.execute("SELECT id, hash FROM seals ORDER BY id DESC LIMIT 1").fetchone()
    end: tuple[int, bytes] = (last[0], last[1]) if last else (0, GENESIS)
    newest = _newest(db)
    now = rows_of(db)
    for name, digest in now.items():
        if newest.get(name) != digest and (name in before or name not in newest):
            end = add_seal(db, end, *name, digest)
    for name in newest.keys() - now.keys():
        if name in before:
            end = add_seal(db, end, *name, GONE)


def agreeing(db: Database) -> Rows:
    """The rows that agree with their seals now; none in a database from before there were seals."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'seals'").fetchone():
        return {}
    newest = _newest(db)
    return {name: digest for name, digest in rows_of(db).items() if newest.get(name) == digest}


def _newest(db: Database) -> Rows:
    return {(of, key): digest for of, key, digest in db.execute("SELECT of, key, digest FROM seals ORDER BY id")}


def rows_of(db: Database) -> Rows:
    """Every sealed row's digest, of the tables that are there."""
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        (table, key_of(row, primary_key(db, table))): says_digest(db, table, row)
        for table in sealed_tables()
        if table in names
        for row in db.query(f"SELECT * FROM {table}")
    }


def add_seal(db: Database, last: tuple[int, bytes], of: str, key: str, digest: bytes) -> tuple[int, bytes]:
    """Append a seal; returns its number and hash."""
    seal = _seal(last, of, key, digest)
    db.conn.execute(_ADD, seal)
    return seal[0], seal[-1]


def _seal(last: tuple[int, bytes], of: str, key: str, digest: bytes) -> _Seal:
    """The seal that comes after the one of this number and hash."""
    return last[0] + 1, of, key, digest, link(last[1], of, key, digest)


def link(previous: bytes, of: str, key: str, digest: bytes) -> bytes:
    """The hash of a seal: SHA-256 over the hash of the one before, the row's name and the row's digest."""
    return hashlib.sha256(previous + msgspec.json.encode((of, key)) + digest).digest()


def says_digest(db: Database, table: str, row: Row) -> bytes:
    """The digest of a row as it says, however it is packed; that of no row at all where it cannot be read any more."""
    try:
        return row_digest(unpacked(db, table, row))
    except ValueError:
        return b"unreadable"


def row_digest(row: Row) -> bytes:
    """SHA-256 over a row. Empty fields do not count, so that a column added later leaves the digest as it is."""
    return hashlib.sha256(said(row)).digest()


def said(row: Row) -> bytes:
    """A row as JSON, byte for byte what Python's ``json`` makes of it with sorted keys, in a tenth of its time."""
    plain = {
        name: value if isinstance(value, (str, int)) else _plain(value)
        for name, value in row.items()
        if value is not None
    }
    return msgspec.json.format(_SORTED.encode(plain), indent=0)


_SORTED = msgspec.json.Encoder(order="sorted")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    # numbers with a fraction are the one thing that msgspec may write in another way
    return msgspec.Raw(json.dumps(value).encode()) if isinstance(value, float) else value


def primary_key(db: Database, table: str) -> list[str]:
    """The columns of a table's primary key, in order."""
    columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    return [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]


def key_of(row: Row, columns: list[str]) -> str:
    """A row's name within its table."""
    return " ".join(str(row[column]) for column in columns)


def head_name(path: Path) -> Path:
    """The note beside a database."""
    return beside(path, "-head")


def read_head(name: Path) -> tuple[int, bytes] | None:
    """The seal that was told last; ``None`` when there is no note, or one that cannot be read and so says nothing."""
    try:
        told = name.read_bytes()
        number, digest = int(told[:20]), bytes.fromhex(told[21:85].decode())
    except (OSError, ValueError):
        return None
    return (number, digest) if told == _told(number, digest) else None


def _told(id: int, digest: bytes) -> bytes:
    """The note: number and hash of a seal, and a check, so that a half-written note says nothing instead of something wrong."""
    says = f"{id:020d} {digest.hex()}"
    return f"{says} {hashlib.sha256(says.encode()).hexdigest()[:8]}\n".encode()
