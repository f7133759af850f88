"""Seals: what is written beside the looks is proved too, and a database that lost its end says so."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Store
from storage.types import Look

Looks = Callable[..., Look]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def by_hand(path: Path, table: str, statement: str) -> None:
    """Alter a table as someone would who takes its triggers away and puts them back."""
    connection = sqlite3.connect(path)
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table])
    kept = guards.fetchall()
    for name, _ in kept:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    for _, sql in kept:
        connection.execute(sql)
    connection.commit()
    connection.close()


def problems(path: Path) -> list[str]:
    with Store.open(path, write=False) as store:
        return list(store.verify_chain())


@pytest.mark.parametrize(
    ("table", "statement", "named"),
    [
        ("articles", "UPDATE articles SET first_seen = '2020'", "articles a-100: altered"),
        ("article_urls", "UPDATE article_urls SET seen = '2020'", "article_urls 1: altered"),
        ("captures", "UPDATE captures SET run = NULL", "captures 1: altered"),
        ("comparisons", "UPDATE comparisons SET at = '2020'", "comparisons a-100 previous 1 2: altered"),
        ("comparisons", "DELETE FROM comparisons", "comparisons a-100 previous 1 2: missing"),
        ("gaps", "UPDATE gaps SET reason = 'none'", "gaps 1: altered"),
        ("gaps", "INSERT INTO gaps VALUES (9, 'a-100', '2020', NULL, 'x')", "gaps 9: recorded by no zaesur"),
        ("seals", "UPDATE seals SET key = 'other' WHERE id = 2", "seal 2 of"),
        ("seals", "DELETE FROM seals WHERE id = 2", "seal 2: missing"),
    ],
)
def test_any_row_that_was_altered_lost_or_slipped_in_is_named(
    path: Path, look: Looks, table: str, statement: str, named: str
) -> None:
    with Store.open(path) as store:
        run = store.start_run("test")
        store.record(look("eins"), run=run)
        store.record(look("zwei"), run=run)
        (owed,) = store.owed()
        store.settle(owed, None, summary="", headline="", observed_after=None, observed_by=None, differ="d")
        store.add_gap("a-100", NOW, None, "nobody looked")
    assert problems(path) == []
    by_hand(path, table, statement)
    assert any(named in problem for problem in problems(path)), problems(path)


def test_a_table_that_is_not_as_we_make_it_is_named(path: Path) -> None:
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("DROP INDEX captures_article")
    connection.execute("CREATE INDEX captures_article ON captures(id)")
    connection.close()
    assert problems(path) == ["index captures_article: altered; it is not as zaesur makes it"]


def test_a_trigger_of_somebody_else_is_named(path: Path, look: Looks) -> None:
    """What it takes away or puts in, while we write, gets a seal like what we write ourselves."""
    with Store.open(path) as store:
        store.record(look("eins"))
        store.add_gap("a-100", NOW, None, "nobody looked")
    connection = sqlite3.connect(path)
    connection.execute("CREATE TRIGGER quiet AFTER INSERT ON captures BEGIN DELETE FROM gaps; END")
    connection.commit()
    connection.close()
    assert problems(path) == ["trigger quiet: zaesur makes none of this name; what it writes would be sealed as ours"]
    with Store.open(path) as store:
        store.record(look("zwei"))
        assert store.gaps() == []
    assert problems(path) == ["trigger quiet: zaesur makes none of this name; what it writes would be sealed as ours"]


def test_a_database_that_lost_its_end_says_so_and_goes_on(path: Path, look: Looks, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.record(look("eins"))
    shutil.copy(path, tmp_path / "earlier")
    with Store.open(path) as store:
        store.record(look("zwei"))
    shutil.copy(tmp_path / "earlier", path)
    assert any("lost since" in problem for problem in problems(path))
    with Store.open(path) as store:
        assert [incident.kind for incident in store.incidents()] == ["lost"]
        store.record(look("drei"))
    assert problems(path) == []


def test_a_note_that_cannot_be_read_accuses_nobody(path: Path, look: Looks) -> None:
    with Store.open(path) as store:
        store.record(look("eins"))
    path.with_name(f"{path.name}-head").write_bytes(b"0000000000000000009")
    assert problems(path) == []


def test_a_write_that_failed_leaves_no_seal_behind(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    with contextlib.suppress(RuntimeError), store.together():
        store.add_gap("a-100", NOW, None, "never")
        raise RuntimeError("a fault")
    assert store.gaps() == []
    store.record(look("zwei"))
    assert list(store.verify_chain()) == []
