"""A database is opened again after whatever ended the program; what is not ours is left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import Store
from storage.errors import UserError

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
