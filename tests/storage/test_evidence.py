"""What was recorded stays: no edit by hand goes unnoticed, no acknowledged capture is lost."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Store, opening
from storage.database import Database
from storage.errors import StoreError, UserError
from storage.schema import SCHEMA
from storage.texts import pack, unpack
from storage.types import Look

Looks = Callable[..., Look]
ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from storage import Store, opening
from storage.types import Article, Content, Look
article = Article(id="a-1", outlet="dw", url="https://example.org/a-1", language="de")
with Store.open(Path(sys.argv[1])) as store:
    while True:
        now = datetime.now(UTC)
        says = Content(headline=now.isoformat())
        look = Look(requested_url=article.url, article=article, started=now, answered=now, body=b"x", content=says)
        print(store.record(look).capture.hash, flush=True)
"""
EVIDENCE = ["articles", "bodies", "captures", "versions"]


def by_hand(path: Path, table: str, verb: str, statement: str) -> None:
    """Alter a table as someone would who knows of the triggers: takes one away, alters, puts it back."""
    connection = sqlite3.connect(path)
    guard = f"{table}_no_{verb}"
    (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [guard]).fetchone()
    connection.execute(f"DROP TRIGGER {guard}")
    connection.create_function(
        "reworded", 3, lambda packed, old, new: pack(unpack("", packed).replace(old, new)), deterministic=True
    )
    connection.execute(statement)
    connection.execute(trigger)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("table", EVIDENCE)
def test_evidence_can_be_neither_altered_nor_deleted(store: Store, path: Path, look: Looks, table: str) -> None:
    store.record(look("eins"))
    connection = sqlite3.connect(path)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("table", "verb", "statement", "named"),
    [
        ("captures", "UPDATE", "UPDATE captures SET record = replace(record, '200', '201') WHERE id = 2", "capture 2"),
        ("captures", "UPDATE", "UPDATE captures SET record = 'no JSON' WHERE id = 2", "capture 2"),
        ("captures", "UPDATE", "UPDATE captures SET record = CAST(X'ff' AS TEXT) WHERE id = 2", "capture 2"),
        ("captures", "UPDATE", "UPDATE captures SET answered = started || '!' WHERE id = 3", "capture 3"),
        ("captures", "DELETE", "DELETE FROM captures WHERE id = 2", "capture 2: missing"),
        (
            "versions",
            "UPDATE",
            "UPDATE versions SET packed = reworded(packed, 'eins', 'drei') WHERE number = 1",
            "version 1",
        ),
        ("versions", "UPDATE", "UPDATE versions SET packed = substr(packed, 2) WHERE number = 2", "version 2"),
        ("versions", "UPDATE", "UPDATE versions SET base = NULL WHERE number = 2", "version 2"),
        ("versions", "UPDATE", "UPDATE versions SET head = '{}' WHERE number = 2", "version 2"),
        (
            "versions",
            "UPDATE",
            "UPDATE versions SET base = NULL, packed = (SELECT packed FROM versions WHERE number = 1) WHERE number = 2",
            "version 2",
        ),
        ("versions", "UPDATE", "UPDATE versions SET content = '{' WHERE number = 2", "version 2: altered"),
        (
            "versions",
            "UPDATE",
            """UPDATE versions SET packed = reworded(packed, '"layout":"', '"layout":"x') WHERE number = 1""",
            "version 1",
        ),
        ("versions", "UPDATE", "UPDATE versions SET origin = 'archive' WHERE number = 2", "version 2"),
        ("versions", "DELETE", "DELETE FROM versions WHERE number = 2", "version 2"),
        ("bodies", "UPDATE", "UPDATE bodies SET zstd = X'00'", "body "),
        ("bodies", "DELETE", "DELETE FROM bodies", "page as served is missing"),
    ],
)
def test_a_record_altered_by_hand_is_named(
    path: Path, look: Looks, table: str, verb: str, statement: str, named: str
) -> None:
    with Store.open(path) as store:
        for says in ("eins", "zwei", "zwei"):
            store.record(look(says))
        assert list(store.verify_chain()) == []
    by_hand(path, table, verb, statement)
    with Store.open(path, write=False) as store:
        assert any(named in problem for problem in store.verify_chain())


def test_a_guard_taken_away_is_named(path: Path) -> None:
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER captures_no_UPDATE")
    connection.close()
    with Store.open(path, write=False) as store:
        assert any("captures_no_UPDATE" in problem for problem in store.verify_chain())


def test_no_acknowledged_capture_is_lost_by_kill_9(path: Path) -> None:
    chance, acknowledged = random.Random(4), []  # noqa: S311 - repeatable on purpose
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            acknowledged += [writer.stdout.readline().decode().strip() for _ in range(chance.randint(1, 30))]
            os.kill(writer.pid, signal.SIGKILL)
    with Store.open(path) as store:
        kept = {capture.hash for capture in store.captures()}
        assert (set(acknowledged) - kept, list(store.verify_chain())) == (set(), [])


@pytest.mark.parametrize("room", range(-8192, 16384, 4096))
def test_a_full_disk_is_said_and_nothing_half_is_recorded(path: Path, look: Looks, room: int) -> None:
    Store.open(path).close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Store.open(path) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, hard))
            with pytest.raises(StoreError):
                store.record(look("eins", body=random.Random(1).randbytes(2_000_000)))  # noqa: S311 - incompressible
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert (store.captures(), store.versions("a-100")) == ([], [])
            assert store.record(look("eins")).created
            assert list(store.verify_chain()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("kind", ["text", "other", "newer"])
def test_what_is_not_ours_is_refused_and_left_as_it_is(path: Path, kind: str) -> None:
    if kind == "text":
        path.write_text("no database\n" * 20)
    else:
        if kind == "newer":
            Store.open(path).close()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE other (x)" if kind == "other" else "PRAGMA user_version = 99")
        connection.commit()
        connection.close()
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(UserError):
            Store.open(path, write=write)
    assert path.read_bytes() == before


def test_a_second_writer_is_refused_by_name_and_a_reader_is_not(
    path: Path, store: Store, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.opening._PATIENCE", 0.1)
    store.record(look("eins"))
    with pytest.raises(StoreError, match=str(os.getpid())):
        Store.open(path)
    with Store.open(path, write=False) as reader:
        assert len(reader.captures()) == 1
        with pytest.raises(StoreError):
            reader.set_url("a-100", "https://example.org/x")


def test_a_missing_database_says_how_to_begin(path: Path) -> None:
    with pytest.raises(UserError, match="begin with"):
        Store.open(path, write=False)
    assert not path.exists()


def test_every_open_for_writing_is_durable(store: Store) -> None:
    pragmas = store.pragmas()
    assert pragmas["journal_mode"] in ("wal", "truncate")
    assert (pragmas["synchronous"], pragmas["foreign_keys"]) == (2, 1)
    assert pragmas["trusted_schema"] == (1 if opening.json_needs_trust() else 0)


def test_a_backup_is_whole_and_overwrites_nothing(store: Store, look: Looks, tmp_path: Path) -> None:
    store.record(look("eins"))
    target = tmp_path / "safe.db"
    store.backup(target)
    with Store.open(target, write=False) as copied:
        assert [capture.hash for capture in copied.captures()] == [capture.hash for capture in store.captures()]
    with pytest.raises(StoreError, match="exists"):
        store.backup(target)
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_no_backup_is_put_beside_the_log_of_another_database(
    store: Store, look: Looks, tmp_path: Path, ending: str
) -> None:
    """SQLite moves what such a log holds into whatever file has that name: the backup that was verified would be damaged."""
    store.record(look("eins"))
    target = tmp_path / "safe.db"
    left = tmp_path / f"safe.db{ending}"
    left.write_bytes(b"what a killed process left of an earlier safe.db")
    with pytest.raises(StoreError, match=f"safe.db{ending} stands there"):
        store.backup(target)
    assert left.exists()
    assert not target.exists()
    left.unlink()
    store.backup(target)
    assert target.exists()


def test_an_old_database_is_migrated_after_a_safety_copy_with_its_newest_commits(
    path: Path, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path) as store:
        store.record(look("eins"))
    monkeypatch.setattr("storage.opening.SCHEMA", SCHEMA + 1)
    with Store.open(path) as store:
        assert store.pragmas()["user_version"] == SCHEMA + 1
    monkeypatch.setattr("storage.opening.SCHEMA", SCHEMA)
    with Store.open(path.with_name(f"z.db.before-schema-{SCHEMA + 1}"), write=False) as copied:
        assert len(copied.captures()) == 1


def test_a_migration_that_fails_changes_nothing(path: Path, look: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(path) as store:
        store.record(look("eins"))

    def fail(db: Database) -> None:
        db.execute("CREATE TABLE half (x)")
        raise RuntimeError("a fault")

    monkeypatch.setattr("storage.opening.SCHEMA", SCHEMA + 1)
    monkeypatch.setattr("storage.opening.migrations.apply", fail)
    with pytest.raises(RuntimeError, match="a fault"):
        Store.open(path)
    monkeypatch.undo()
    with Store.open(path) as store:
        assert (len(store.captures()), store.pragmas()["user_version"]) == (1, SCHEMA)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    connection.close()


def test_a_backup_under_write_load_is_whole_and_restores_as_documented(path: Path, tmp_path: Path) -> None:
    safe = tmp_path / "safe.db"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        before = {writer.stdout.readline().decode().strip() for _ in range(10)}
        with Store.open(path, write=False) as reader:
            reader.backup(safe)
        assert writer.poll() is None, "the writer was not disturbed"
        os.kill(writer.pid, signal.SIGKILL)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in [path, *path.parent.glob(f"{path.name}-*")]:
        file.rename(damaged / file.name)
    shutil.copy(safe, path)
    with Store.open(path) as store:
        assert before <= {capture.hash for capture in store.captures()}
        assert list(store.verify_chain()) == []
        assert store.incidents() == []
