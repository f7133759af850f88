"""What takes the space is counted to the last page, whoever writes meanwhile."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Store
from storage.errors import StoreError
from storage.types import Look, Outcome

Looks = Callable[..., Look]
DRAW = random.Random(6)  # noqa: S311 - repeatable on purpose


@pytest.fixture
def filled(path: Path, look: Looks) -> Path:
    """Pages of all sizes, some of them far larger than a page of the file."""
    sizes = [
        10,
        900,
        70_000,
        *range(3940, 3997),
    ]  # the last: where a row just fits into a page of the file, or does not
    with Store.open(path) as store:
        for number, size in enumerate(sizes):
            store.record(look(f"Fassung {number}", body=DRAW.randbytes(size)))
        store.record(look(outcome=Outcome.SET_ASIDE, body=b"consent"))
        store.keep_all = True
        store.record(look("Fassung 59", body=b"other noise"))
    return path


def test_every_page_of_the_file_is_accounted_for(filled: Path) -> None:
    with Store.open(filled, write=False) as store:
        usage = store.usage()
    assert usage.total == filled.stat().st_size
    assert sum(tree.bytes for tree in usage.trees) + usage.free == usage.total
    assert max(usage.families, key=lambda name: usage.families[name]) == "pages"


def test_rows_taken_away_are_free_room(filled: Path) -> None:
    with Store.open(filled) as store:
        before = store.usage().families["pages"]
        store.take_down("a-100", "a name")
        after = store.usage()
    assert after.families["pages"] < before / 20
    assert after.free > before / 2
    assert sum(tree.bytes for tree in after.trees) + after.free == after.total


def test_what_is_being_written_meanwhile_is_not_counted_and_nothing_is_lost(filled: Path, look: Looks) -> None:
    with Store.open(filled) as writer, Store.open(filled, write=False) as reader:
        before = reader.usage()
        with writer.together():
            writer.record(look("Noch eine.", body=DRAW.randbytes(100_000)))
            assert reader.usage() == before
        after = reader.usage()
        assert after.total > before.total
        assert sum(tree.bytes for tree in after.trees) + after.free == after.total
        assert list(writer.verify_chain()) == []


def test_a_damaged_file_is_said_and_not_counted(filled: Path) -> None:
    connection = sqlite3.connect(filled)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bodies'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with filled.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(bytes(size))
    with Store.open(filled, write=False) as store, pytest.raises(StoreError, match="could not be counted"):
        store.usage()


def test_a_page_is_kept_for_the_best_reason_there_is(filled: Path, look: Looks) -> None:
    with Store.open(filled) as store:
        kept = store.pages_kept()
    assert {why: told["pages"] for why, told in kept.items()} == {"version": 60, "set-aside": 1, "unchanged": 1}
