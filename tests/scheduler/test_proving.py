"""Verification names what was altered, whatever it was altered to: it reads on behind what cannot be read any more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scheduler.anchoring import proved
from scheduler.proving import prove, prove_since
from storage import Store
from storage.errors import Altered
from tests.scheduler.newsdesk import zaesur
from tests.storage.test_seals import by_hand

ALTERED = [
    ("captures", "started = 'x'", "capture 2"),
    ("captures", "outcome = 'x'", "capture 2"),
    ("captures", "record = '[]'", "capture 2"),
    ("captures", "record = '7'", "capture 2"),
    ("captures", f"record = '{'[' * 100_000}'", "capture 2"),
    ("captures", "hash = 'no digest'", "capture 2"),
    ("versions", "origin = 'x'", "versions 2"),
    ("versions", "packed = NULL", "version 2"),
    ("versions", "content = '{}'", "version 2"),
    ("versions", "article = 'x'", "versions 2"),
    ("changes", "baseline = 'x'", "changes 2"),
    ("changes", "observed_by = 'x'", "changes 2"),
    ("changes", "kinds = '7'", "change 2"),
    ("changes", f"kinds = '{'[' * 100_000}'", "change 2"),
    ("changes", "packed = NULL", "change 2"),
    ("changes", "withdrawn = 'x'", "changes 2"),
    ("events", "record = '[]'", "event"),
    ("events", "at = 'x'", "events 2"),
    ("seeds", "content = '[]'", "seeds 1"),
    ("seeds", "taken_at = 'x'", "seeds 1"),
    ("bodies", "base = 'x'", "body"),
    ("anchors", "data = 'x'", "anchors"),
]


@pytest.fixture
def told(demo_database: Path, tmp_path: Path) -> Path:
    """Records of every kind, packed, among them an event and an anchor."""
    path = tmp_path / "z.db"
    shutil.copyfile(demo_database, path)
    with Store.open(path) as store:
        list(store.pack_pages())
        store.keep_anchor(store.anchor_now())
        for name in "xyz":
            store.set_url("a-71703285", f"https://www.dw.com/de/{name}/a-71703285")
    return path


@pytest.mark.parametrize(("table", "alteration", "named"), ALTERED)
def test_it_is_named_whatever_a_record_was_altered_to(told: Path, table: str, alteration: str, named: str) -> None:
    with Store.open(told, write=False) as store:
        passed = prove(store).passed
        assert passed is not None
    row = f"(SELECT MAX(rowid) FROM {table} WHERE rowid <= 2)"
    by_hand(told, table, f"UPDATE {table} SET {alteration} WHERE rowid = {row}")
    with Store.open(told, write=False) as store:
        found = [*prove(store).problems, *proved(store, (), None)[1]]
        assert any(named in problem for problem in found), found
        assert prove_since(store, passed, 60).problems or table == "anchors"


def test_the_command_names_them_and_fails(told: Path) -> None:
    by_hand(told, "versions", "UPDATE versions SET origin = 'x' WHERE id = 2")
    by_hand(told, "anchors", "UPDATE anchors SET data = 'x'")
    run = zaesur(told.parent, "verify", ZAESUR_DB=str(told))
    assert run.returncode == 1
    assert "versions 2: altered" in run.stderr
    assert "anchors 1: altered" in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout.startswith("FAIL: ")


@pytest.mark.parametrize(
    ("table", "damage", "command"),
    [
        ("changes", "packed = substr(packed, 3)", ("changes",)),
        ("changes", "kinds = 'x'", ("show", "2")),
        ("versions", "packed = substr(packed, 3)", ("show", "a-71703285")),
        ("events", "record = 'x'", ("events",)),
        ("seeds", "content = 'x'", ("seeds", "list")),
        ("seeds", "content = 'x'", ("show", "a-71703285")),
        ("captures", "record = 'x'", ("export", "warc", "all.warc")),
    ],
)
def test_what_shows_a_record_that_cannot_be_read_says_so_in_one_line(
    told: Path, table: str, damage: str, command: tuple[str, ...]
) -> None:
    by_hand(told, table, f"UPDATE {table} SET {damage}")
    run = zaesur(told.parent, *command, ZAESUR_DB=str(told))
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    assert "cannot be read any more" in line
    assert "see: zaesur verify" in line


def test_a_page_that_lost_the_one_it_rests_on_is_an_altered_page(told: Path) -> None:
    by_hand(told, "bodies", "UPDATE bodies SET base = 'x'")
    with Store.open(told, write=False) as store:
        sha256 = store._value("SELECT sha256 FROM bodies")
        with pytest.raises(Altered, match="the page it rests on is missing"):
            store.body(sha256)
