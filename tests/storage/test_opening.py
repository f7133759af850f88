"""A database is opened again after whatever ended the program; what is not ours is left as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from storage import Store
from storage.errors import StoreError, UserError
from storage.schema import SCHEMA
from tests.storage.conftest import Looks

_ZEROS = bytes(4096)  # a file that had grown when the power went, before its first bytes were on the disk
# what SQLite's journal says then: magic, no pages to put back, a nonce, a file of 0 pages, sectors of 512, pages of 4096 bytes
_JOURNAL = bytes.fromhex("d9d505f920a163d7 00000000 12345678 00000000 00000200 00001000").ljust(512, b"\0")


def test_a_database_whose_first_page_was_cut_off_by_the_power_is_made_again_without_a_hand(tmp_path: Path) -> None:
    path = tmp_path / "z.db"
    path.write_bytes(_ZEROS)
    path.with_name("z.db-journal").write_bytes(_JOURNAL)
    with Store.open(path) as store:
        assert list(store.verify_chain()) == []


def test_a_file_of_zeros_that_no_journal_explains_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "z.db"
    path.write_bytes(_ZEROS)
    path.with_name("z.db-journal").write_bytes(b"of another kind")
    with pytest.raises(UserError, match="not a SQLite database"):
        Store.open(path)
    assert path.read_bytes() == _ZEROS


def test_what_a_newer_program_left_in_its_log_when_it_was_killed_is_refused_too(tmp_path: Path) -> None:
    """The file itself is of the older schema still; opened as such, the upgrade was undone in name and kept in fact."""
    made, killed = tmp_path / "z.db", tmp_path / "killed"
    Store.open(made).close()
    newer = sqlite3.connect(made)
    newer.execute("PRAGMA wal_autocheckpoint = 0")
    newer.executescript(f"BEGIN; CREATE TABLE newer (x); PRAGMA user_version = {SCHEMA + 1}; COMMIT")
    killed.mkdir()
    for file in tmp_path.glob("z.db*"):
        shutil.copy(file, killed)
    newer.close()
    for write in (True, False):
        with pytest.raises(UserError, match="written by a newer zaesur"):
            Store.open(killed / "z.db", write=write)
    connection = sqlite3.connect(killed / "z.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA + 1,)
    connection.close()
    assert not list(killed.glob("*before-schema*"))


def test_a_link_to_a_database_is_that_database_and_has_one_writer(
    tmp_path: Path, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a lock beside the link two could write at once, each going on from the seal that it had seen."""
    monkeypatch.setattr("storage.opening._PATIENCE", 0.1)
    path, link = tmp_path / "files" / "z.db", tmp_path / "link.db"
    path.parent.mkdir()
    link.symlink_to(path)
    with Store.open(link) as store:
        store.record(look("eins"))
        assert Store.locked(path)
        with pytest.raises(StoreError, match="is being written by another zaesur"):
            Store.open(path)
    with Store.open(link, write=False) as store:
        assert list(store.verify_chain()) == []
    assert {file.name for file in path.parent.iterdir()} >= {"z.db", "z.db-head", "z.db-lock"}
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [link]


def test_a_link_that_leads_to_itself_is_refused_in_one_line(tmp_path: Path) -> None:
    link = tmp_path / "z.db"
    link.symlink_to(link)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(link)


def test_a_database_may_have_a_name_that_is_no_text(tmp_path: Path, look: Looks) -> None:
    path, copied = (Path(os.fsdecode(os.fsencode(tmp_path) + name)) for name in (b"/z\xff.db", b"/safe\xff?#%.db"))
    with Store.open(path) as store:
        store.record(look("eins"))
        store.backup(copied)
    for each in (path, copied):
        with Store.open(each, write=False) as store:
            assert list(store.verify_chain()) == []
