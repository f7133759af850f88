"""Databases of earlier releases are brought up to date in place, with nothing lost, or read as they are."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as pysqlite3

from scheduler.proving import prove
from storage import Store, opening
from storage.database import Database
from storage.schema import SCHEMA
from storage.texts import unpacked
from tests.storage.test_seals import by_hand

EARLIER = sorted(Path(__file__).parent.joinpath("earlier").glob("schema-*.sql"))
EVIDENCE = (
    "captures",
    "versions",
    "changes",
    "comparisons",
    "seeds",
    "bodies",
    "reextractions",
    "gaps",
    "runs",
    "feeds",
)


@pytest.fixture(params=EARLIER, ids=lambda file: file.stem)
def earlier(request: pytest.FixtureRequest, path: Path) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(request.param.read_text(encoding="utf-8"))
    connection.close()
    return path


def rows(path: Path, names: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    """What the rows say in these columns, however they are packed."""
    db = Database(pysqlite3.connect(str(path)))
    found = {}
    for table, columns in names.items():
        said = [unpacked(db, table, row) for row in db.query(f"SELECT * FROM {table} ORDER BY rowid")]
        found[table] = [tuple(row[column] for column in columns) for row in said]
    db.close()
    return found


def columns(path: Path) -> dict[str, list[str]]:
    connection = sqlite3.connect(path)
    found = {t: [row[1] for row in connection.execute(f"PRAGMA table_info({t})")] for t in EVIDENCE}
    connection.close()
    return found


def version(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[60:64], "big")


def test_every_earlier_schema_has_a_stored_database() -> None:
    assert [file.stem for file in EARLIER] == ["schema-1", "schema-9"]


def test_it_is_upgraded_in_place_with_every_row_and_a_safety_copy(earlier: Path) -> None:
    old, before = version(earlier), columns(earlier)
    kept = rows(earlier, before)
    with Store.open(earlier) as store:
        assert prove(store).problems == ()
        article = store.article("a-71700001")
        assert article is not None
        assert article.url.endswith("/hafen-sundheim-gesperrt/a-71700001")
        told = [event.kind.value for event in store.events(article=article.id)]
        assert told == ["address", "missing-once", "back", "rebaselined"]
        assert [change.id for change in store.changes(search="menschen")]
    assert version(earlier) == SCHEMA
    assert rows(earlier, before) == kept
    safety = earlier.with_name(f"{earlier.name}.before-schema-{SCHEMA}")
    assert version(safety) == old
    assert rows(safety, before) == kept


def test_an_upgrade_that_fails_half_way_leaves_it_as_it_was(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, before = version(earlier), columns(earlier)
    kept = rows(earlier, before)
    from storage import wordindex

    def fail(db: Database) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(wordindex, "apply", fail)  # the last of all migrations
    with pytest.raises(RuntimeError, match="a fault"):
        Store.open(earlier)
    assert (version(earlier), rows(earlier, before)) == (old, kept)
    monkeypatch.undo()
    with Store.open(earlier) as store:
        assert prove(store).problems == ()


def test_what_cannot_be_written_is_read_without_being_touched(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = earlier.read_bytes()
    monkeypatch.setattr(opening, "_PATIENCE", 0.0)
    lock = opening._lock(earlier)  # as an earlier program that still runs holds it
    with Store.open(earlier, write=False) as store:
        assert len(store.changes()) == 3
        assert next(event.kind.value for event in store.events()) == "address"
    lock.close()
    assert earlier.read_bytes() == before
    assert not list(earlier.parent.glob("*.before-schema-*"))


def test_the_seals_of_an_earlier_database_stand_as_they_were_and_none_is_added(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(EARLIER[-1].read_text(encoding="utf-8"))
    connection.close()
    seals = {
        "seals": ["id", "of", "key", "digest", "hash"],
        "captures": ["record", "hash"],
        "events": ["record", "hash"],
    }
    before = rows(path, seals)
    Store.open(path).close()
    assert rows(path, seals) == before
    with Store.open(path) as store:
        assert sum(store.pack_pages()) > 0
        assert prove(store).problems == ()
    assert rows(path, seals)["seals"][: len(before["seals"])] == before["seals"]


@pytest.mark.parametrize("says", ["x", '{"headline":5}'])
def test_one_damaged_text_does_not_keep_an_earlier_database_from_being_used(path: Path, says: str) -> None:
    """It could be neither brought up to date nor read any more, by any command."""
    connection = sqlite3.connect(path)
    connection.executescript(EARLIER[-1].read_text(encoding="utf-8"))
    connection.close()
    by_hand(path, "versions", f"UPDATE versions SET content = '{says}' WHERE id = 2")
    with Store.open(path) as store:
        problems = list(store.verify_chain())
        assert store.pragmas()["user_version"] == SCHEMA
        assert "version 2: altered; it cannot be read any more" in problems
        assert all("version" in problem for problem in problems)
        others = store._rows("SELECT article, number FROM versions WHERE id != 2")
        assert all(store.version(other["article"], other["number"]) for other in others)
