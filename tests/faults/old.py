"""A database of the first schema, as the first release left it, with the records of a present one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite3

from storage.database import Database
from storage.schema import APPLICATION_ID, migrations
from storage.texts import PACKED, unpacked


def first_schema(present: Path, old: Path) -> None:
    """Make ``old`` of the tables of the first schema and the rows of ``present``."""
    with_texts = Database(sqlite3.connect(str(present)))
    says = {
        table: [unpacked(with_texts, table, row) for row in with_texts.query(f"SELECT * FROM {table}")]
        for table in PACKED
    }
    with_texts.close()
    db = Database(sqlite3.connect(str(old)))
    migrations.apply(db, stop_before="list_changes")
    db.execute("ATTACH ? AS present", [str(present)])
    for (table,) in db.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT'"
    ).fetchall():
        columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
        db.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM present.{table}")
    for table in ("versions", "reextractions", "changes"):  # the first release packed nothing
        _say(db, table, says[table])
    db.execute("INSERT INTO main.texts(rowid, headline, text) SELECT rowid, headline, text FROM present.texts")
    db.conn.commit()
    db.execute("DETACH present")
    db.execute("PRAGMA journal_mode = wal")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    db.close()


def _say(db: Database, table: str, rows: list[dict[str, Any]]) -> None:
    guard = f"{table}_no_UPDATE"
    (trigger,) = db.execute("SELECT sql FROM main.sqlite_master WHERE name = ?", [guard]).fetchone()
    db.execute(f"DROP TRIGGER main.{guard}")
    for row in rows:
        db.execute(f"UPDATE main.{table} SET {PACKED[table]} = ? WHERE id = ?", [row[PACKED[table]], row["id"]])
        if table == "versions":
            db.execute("UPDATE main.versions SET fingerprint = ? WHERE id = ?", [row["fingerprint"], row["id"]])
    db.execute(trigger)
