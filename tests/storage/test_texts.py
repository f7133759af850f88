"""Texts are packed to a fraction and say the same; the newest of each article stays in the open."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from storage import Store
from storage.texts import pack, unpack
from storage.types import Block, BlockKind, Content, Look, Origin
from tests.storage.conftest import ARTICLE

Looks = Callable[..., Look]
DRAW = random.Random(5)  # noqa: S311 - repeatable on purpose
WORDS = [f"Wort{DRAW.randrange(9**6)}" for _ in range(400)]
ORIGINS = "SELECT base, length(packed), fingerprint FROM versions ORDER BY id"


def says(number: int) -> str:
    return " ".join([*WORDS, f"Fassung {number}."])


@pytest.fixture
def edited(path: Path, look: Looks) -> Path:
    """Ten versions that differ by a word."""
    with Store.open(path) as store:
        for number in range(1, 11):
            store.record(look(says(number)))
    return path


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """As any program asks that knows SQLite and nothing of ours."""
    connection = sqlite3.connect(path)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


@given(st.text(), st.text() | st.none())
def test_any_text_comes_out_as_it_went_in(text: str, base: str | None) -> None:
    assert unpack("", pack(text, base), base) == text


def test_a_row_that_says_two_things_says_nothing() -> None:
    with pytest.raises(ValueError, match="two things"):
        unpack("one", pack("other"))


def test_a_small_edit_takes_little_room_and_every_version_says_what_it_said(edited: Path) -> None:
    first, *others = query(edited, ORIGINS)
    assert (first[0], first[2]) == (None, "test-1")
    assert all(base == 1 and int(str(size)) < 100 and not maker for base, size, maker in others)
    with Store.open(edited, write=False) as store:
        found = store.versions("a-100")
        assert [version.content.blocks[0].text for version in found] == [says(number) for number in range(1, 11)]
        assert {version.fingerprint for version in found} == {"test-1"}
        assert list(store.verify_chain()) == []


def test_a_text_unlike_the_one_before_is_kept_whole_and_later_ones_rest_on_it(edited: Path, look: Looks) -> None:
    other = " ".join(reversed(WORDS)).swapcase()
    with Store.open(edited) as store:
        store.record(look(other))
        store.record(look(f"{other} Nachtrag."))
        assert list(store.verify_chain()) == []
    assert [base for base, _, _ in query(edited, ORIGINS)][-2:] == [None, 11]


def test_a_version_read_by_another_extractor_tells_its_own(edited: Path, look: Looks) -> None:
    with Store.open(edited) as store:
        store.record(replace(look(says(11)), fingerprint="test-2"))
        store.record(replace(look(says(12)), fingerprint="test-1"))
        assert [version.fingerprint for version in store.versions("a-100")][-3:] == ["test-1", "test-2", "test-1"]
        assert list(store.verify_chain()) == []


def test_taking_down_what_others_rest_on_leaves_them_saying_the_same(edited: Path) -> None:
    with Store.open(edited) as store:
        store.take_down("a-100", "a name", until=datetime(2026, 3, 1, 0, 3, tzinfo=UTC))
        found = store.versions("a-100")
        assert [bool(version.removed) for version in found] == [True] * 3 + [False] * 7
        assert [version.content.blocks[0].text for version in found[3:]] == [says(number) for number in range(4, 11)]
        assert list(store.verify_chain()) == []
    assert [base for base, _, _ in query(edited, ORIGINS)] == [None] * 4 + [4] * 6


def test_the_newest_text_of_each_article_is_read_and_searched_by_any_program(edited: Path) -> None:
    with Store.open(edited) as store:
        store.index_texts()
    [(article, version, headline, text)] = query(edited, "SELECT * FROM newest_texts")
    assert (article, version, headline) == ("a-100", 10, "Die Brücke")
    assert str(text).endswith("Fassung 10.")
    assert query(edited, f"SELECT rowid FROM texts WHERE texts MATCH '{WORDS[7]}'") == [(10,)]


def indexed(store: Store) -> list[tuple[str, int, str]]:
    """What the full-text index holds: article, version, the last line of its text."""
    rows = store._rows("SELECT article, version, text FROM newest_texts ORDER BY article")
    return [(row["article"], row["version"], row["text"].split("\n")[-1]) for row in rows]


def test_the_index_follows_whatever_came_since_and_holds_one_text_an_article(store: Store, look: Looks) -> None:
    other = replace(ARTICLE, id="a-200", url="https://example.org/de/hafen/a-200")
    for says in ("eins", "zwei"):
        store.record(look(says))
        store.record(replace(look(f"{says} im Hafen"), requested_url=other.url, article=other))
        store.index_texts()
        store.index_texts()  # a second time is nothing new
    store.record(look("drei"))
    assert indexed(store) == [("a-100", 2, "zwei"), ("a-200", 2, "zwei im Hafen")]
    store.index_texts()
    assert indexed(store) == [("a-100", 3, "drei"), ("a-200", 2, "zwei im Hafen")]
    assert store._rows("SELECT rowid FROM texts WHERE texts MATCH 'eins'") == []


def test_what_an_archive_saw_earlier_takes_no_text_of_ours_out_of_the_index(store: Store, look: Looks) -> None:
    earlier = look("damals")
    store.record(look("heute"))
    store.record(replace(earlier, origin=Origin.ARCHIVE))
    store.index_texts()
    assert [text for _, _, text in indexed(store)] == ["heute"]


def test_a_text_that_was_read_anew_or_taken_down_before_it_was_indexed_is_not_told_as_it_was(
    store: Store, look: Looks
) -> None:
    store.record(look("eins"))
    again = Content(headline="Die Brücke", blocks=(Block(kind=BlockKind.PARAGRAPH, text="anders gelesen"),))
    store.reextracted("a-100", 1, again, "test-2")
    store.index_texts()
    assert [text for _, _, text in indexed(store)] == ["anders gelesen"]
    store.record(look("ein Name"))
    store.take_down("a-100", "a name")
    store.index_texts()
    assert store._rows("SELECT * FROM texts") == []


def test_a_damaged_text_keeps_no_other_out_of_the_index(store: Store, look: Looks) -> None:
    other = replace(ARTICLE, id="a-200", url="https://example.org/de/hafen/a-200")
    store.record(look("eins"))
    store.record(replace(look("im Hafen"), requested_url=other.url, article=other))
    store._db.execute("DROP TRIGGER versions_no_UPDATE")
    store._db.execute("UPDATE versions SET packed = X'00' WHERE article = 'a-100'")
    store.index_texts()
    assert indexed(store) == [("a-200", 1, "im Hafen")]


def test_lists_show_every_version_to_any_program(edited: Path) -> None:
    rows = query(edited, "SELECT version, headline, blocks, extractor FROM data_versions ORDER BY version")
    assert rows == [(number, "Die Brücke", 1, "test-1") for number in range(1, 11)]


def test_datasette_reads_every_text(edited: Path) -> None:
    sql = (
        "SELECT zaesur_text(v.content, v.packed, w.packed) ->> '$.blocks[0].text' "
        "FROM versions v LEFT JOIN versions w ON w.id = v.base ORDER BY v.number"
    )
    rows = asyncio.run(Datasette([edited]).get_database("z").execute(sql))
    assert [row[0] for row in rows] == [says(number) for number in range(1, 11)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET packed = X'00'",
        "UPDATE versions SET packed = NULL, content = '{}'",
        "UPDATE versions SET base = NULL, packed = X'00' WHERE base IS NOT NULL",
        "UPDATE versions SET head = '{}'",
        "UPDATE versions SET fingerprint = 'x'",
    ],
)
def test_no_text_is_packed_anew_unless_what_it_rested_on_was_taken_down(edited: Path, statement: str) -> None:
    connection = sqlite3.connect(edited)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
