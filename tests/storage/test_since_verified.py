"""The short verification: what is new is proved like everything, what is older in turn, and its note is a hint that nobody believes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from storage import Store
from storage.errors import StoreError
from storage.passed import Passed, name_of, read_passed, write_passed
from storage.types import Look
from tests.storage.conftest import ARTICLE
from tests.storage.test_seals import by_hand

Looks = Callable[..., Look]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALTERED = [
    ("articles", "UPDATE articles SET first_seen = '2020' WHERE id = '{article}'", "articles {article}: altered"),
    ("captures", "UPDATE captures SET run = 1 WHERE article = '{article}'", "captures"),
    ("captures", "UPDATE captures SET reason = 'x' WHERE article = '{article}'", "captures"),
    ("versions", "UPDATE versions SET origin = 'archive' WHERE article = '{article}'", "versions"),
    ("versions", "UPDATE versions SET packed = substr(packed, 2) WHERE article = '{article}'", "versions"),
    ("versions", "UPDATE versions SET head = replace(head, 'Br', 'Kr') WHERE article = '{article}'", "what lists show"),
    ("versions", "DELETE FROM versions WHERE article = '{article}'", "versions"),
    (
        "bodies",
        "UPDATE bodies SET zstd = X'00' WHERE sha256 IN (SELECT body_sha256 FROM captures WHERE article = '{article}')",
        "bodies",
    ),
    ("comparisons", "UPDATE comparisons SET at = '2020' WHERE article = '{article}'", "comparisons {article}"),
    ("comparisons", "DELETE FROM comparisons WHERE article = '{article}'", "comparisons"),
    ("gaps", "UPDATE gaps SET reason = 'none' WHERE article = '{article}'", "gaps"),
    ("seals", "UPDATE seals SET digest = X'00' WHERE key = '{article}'", "seal"),
]


def record(store: Store, look: Looks, article: str) -> None:
    """Two versions of an article, compared, and a gap."""
    for says in (f"{article} eins", f"{article} zwei"):
        made = look(says)
        store.record(replace(made, article=replace(ARTICLE, id=article, url=f"https://example.org/de/{article}")))
    for owed in store.owed():
        store.settle(owed, None, summary="", headline="", observed_after=None, observed_by=None, differ="d")
    store.add_gap(article, NOW, None, "nobody looked")


@pytest.fixture
def passed(path: Path, look: Looks) -> Passed:
    """A database in which a-1 passed and a-2 came later; the note of what passed."""
    with Store.open(path) as store:
        store.start_run("test")
        record(store, look, "a-1")
        assert list(store.verify_chain()) == []
        found = store.passed_now()
        record(store, look, "a-2")
        list(store.pack_pages())  # also of what passed: written anew, sealed anew
    return found


def rounds(path: Path, passed: Passed, seconds: float = 0) -> Iterator[list[str]]:
    """The problems that each short verification names, until it was through with what is older."""
    walked = True
    while walked:
        with Store.open(path, write=False) as store:
            problems, after = store.verify_older(passed, passed, seconds)
        yield problems
        passed, walked = replace(passed, walked=after.walked), bool(after.walked)


def whole_round(path: Path, passed: Passed) -> list[str]:
    return [problem for step in rounds(path, passed) for problem in step]


def since(path: Path, passed: Passed) -> list[str]:
    with Store.open(path, write=False) as store:
        return list(store.verify_since(passed))


def test_records_as_they_were_made_pass_however_far_each_run_comes(path: Path, passed: Passed) -> None:
    assert since(path, passed) == []
    steps = list(rounds(path, passed))
    assert len(steps) == passed.seal >= 10, "without time, each run looks at one seal"
    assert not any(steps)
    assert list(rounds(path, passed, seconds=60)) == [[]]


@pytest.mark.parametrize(("table", "statement", "named"), ALTERED)
def test_what_is_new_is_named_by_the_next_run(
    path: Path, passed: Passed, table: str, statement: str, named: str
) -> None:
    by_hand(path, table, statement.format(article="a-2"))
    problems = since(path, passed)
    assert any(named.format(article="a-2") in problem for problem in problems), problems


@pytest.mark.parametrize(("table", "statement", "named"), ALTERED)
def test_what_is_older_is_named_within_one_round(
    path: Path, passed: Passed, table: str, statement: str, named: str
) -> None:
    by_hand(path, table, statement.format(article="a-1"))
    problems = since(path, passed) + whole_round(path, passed)
    assert any(named.format(article="a-1") in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("gaps", "DELETE FROM gaps WHERE article = 'a-1'"),
        ("comparisons", "DELETE FROM comparisons WHERE article = 'a-1'"),
        ("gaps", "INSERT INTO gaps VALUES (-5, 'a-1', '2020', NULL, 'slipped in')"),
    ],
)
def test_rows_lost_from_what_is_older_or_slipped_into_it_are_told_at_once(
    path: Path, passed: Passed, table: str, statement: str
) -> None:
    by_hand(path, table, statement)
    assert any("rows where" in problem for problem in since(path, passed))


def test_a_row_whose_own_key_was_altered_is_named_though_the_index_still_leads_to_it(
    path: Path, passed: Passed
) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'comparisons'").fetchone()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    data = bytearray(path.read_bytes())
    at = data.index(b"a-1previous", (page - 1) * size, page * size)
    data[at] ^= 1  # "a-1" in the table's own row; in the index of the key it stays
    path.write_bytes(data)
    assert "comparisons a-1 previous 1 2: altered; it and its seal disagree" in whole_round(path, passed)


def test_a_row_slipped_in_behind_has_no_seal(path: Path, passed: Passed) -> None:
    by_hand(path, "gaps", "INSERT INTO gaps VALUES (9, 'a-2', '2020', NULL, 'slipped in')")
    assert since(path, passed) == ["gaps 9: recorded by no zaesur; it has no seal"]


def test_a_history_that_was_rewritten_is_not_what_passed(
    path: Path, passed: Passed, look: Looks, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with Store.open(other) as store:
        store.start_run("test")
        for article in ("a-3", "a-2", "a-4"):
            record(store, look, article)
        assert list(store.verify_chain()) == []
    problems = since(other, passed)
    assert any(problem.startswith(f"seal {passed.seal}: not the one that passed") for problem in problems)
    assert any(problem.startswith(f"capture {passed.look}: not the one that passed") for problem in problems)


def test_a_database_that_lost_what_passed_says_so(path: Path, passed: Passed, look: Looks, tmp_path: Path) -> None:
    shorter = tmp_path / "shorter.db"
    with Store.open(shorter) as store:
        record(store, look, "a-1")
    assert any("not the one that passed" in problem for problem in since(shorter, passed))


def test_an_older_row_brought_back_to_what_it_was_is_named(path: Path, look: Looks) -> None:
    """A page is sealed as recorded, then as packed: the first seal fits again, the newest does not."""
    with Store.open(path) as store:
        record(store, look, "a-1")
    before = rows(path)
    with Store.open(path) as store:
        assert sum(store.pack_pages())
        passed = store.passed_now()
    for sha256, zstd in before.items():
        by_hand(
            path,
            "bodies",
            f"UPDATE bodies SET zstd = X'{zstd.hex()}', coding = NULL, base = NULL WHERE sha256 = '{sha256}'",
        )
    assert any("bodies" in problem for problem in whole_round(path, passed))


def rows(path: Path) -> dict[str, bytes]:
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT sha256, zstd FROM bodies").fetchall())
    connection.close()
    return found


def test_what_was_taken_down_since_is_no_loss(path: Path, passed: Passed) -> None:
    with Store.open(path) as store:
        store.take_down("a-1", "asked for")
    assert since(path, passed) == []
    assert whole_round(path, passed) == []


def test_a_note_with_any_bit_turned_is_no_note(path: Path, passed: Passed) -> None:
    assert write_passed(path, passed)
    assert read_passed(path) == passed
    whole = name_of(path).read_bytes()
    for bit in range(8 * (len(whole) - 1)):  # but for the line's end
        turned = bytearray(whole)
        turned[bit // 8] ^= 1 << bit % 8
        name_of(path).write_bytes(turned)
        assert read_passed(path) is None, bit


@pytest.mark.parametrize("noted", [True, False])
def test_a_backup_of_records_that_were_altered_is_refused(
    path: Path, passed: Passed, tmp_path: Path, noted: bool
) -> None:
    if noted:
        write_passed(path, passed)
    with Store.open(path, write=False) as store:
        store.backup(tmp_path / "safe.db")
    for article in ("a-1", "a-2"):
        by_hand(path, "gaps", f"UPDATE gaps SET reason = 'none' WHERE article = '{article}'")
        with Store.open(path, write=False) as store, pytest.raises(StoreError, match="gaps"):
            store.backup(tmp_path / f"{article}.db")
        by_hand(path, "gaps", "UPDATE gaps SET reason = 'nobody looked'")


def test_a_note_of_another_database_makes_a_backup_prove_everything(path: Path, passed: Passed, tmp_path: Path) -> None:
    write_passed(path, replace(passed, seal_hash="00" * 32))
    with Store.open(path, write=False) as store:
        store.backup(tmp_path / "safe.db")
    by_hand(path, "versions", "UPDATE versions SET digest = 'x' WHERE id = 1")
    with Store.open(path, write=False) as store, pytest.raises(StoreError, match="version"):
        store.backup(tmp_path / "other.db")


def test_a_note_of_another_schema_is_no_note(path: Path, passed: Passed) -> None:
    assert write_passed(path, replace(passed, schema=passed.schema - 1))
    assert read_passed(path) is None
