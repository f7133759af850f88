"""A database of the first schema, as the first release left it, with the records of a present one."""

from __future__ import annotations

from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from storage.schema import APPLICATION_ID, migrations


def first_schema(present: Path, old: Path) -> None:
    """Make ``old`` of the tables of the first schema and the rows of ``present``."""
    db = Database(sqlite3.connect(str(old)))
    migrations.apply(db, stop_before="list_changes")
    db.execute("ATTACH ? AS present", [str(present)])
    for (table,) in db.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT'"
    ).fetchall():
        columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
        db.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM present.{table}")
    db.execute("INSERT INTO main.texts(rowid, headline, text) SELECT rowid, headline, text FROM present.texts")
    db.conn.commit()
    db.execute("DETACH present")
    db.execute("PRAGMA journal_mode = wal")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    db.close()
