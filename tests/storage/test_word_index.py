"""A search finds exactly the changes whose words contain the text, letter by letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Store
from storage.content import encode
from storage.listing import Wanted
from storage.types import Article, Assessment, Diff, Disclosure, Kind, Weight

WORDS = (
    "hafen sundheim",
    "hafenbehörde",
    "von 412 auf 287",
    'er sagte: "nein"',
    "müdigkeit",
    "ein\nzwei",
    "核电站 已经",
    "abcabc bcabca",
    "100 %",
    "",
    "o'neill * ^ -x (y)",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("words") / "z.db"
    with Store.open(path) as store:
        store.add_article(Article(id="a-1", outlet="dw", url="https://example.org/a-1", language="de"))
        with store._write() as db:
            for number, words in enumerate(WORDS, 1):
                db.execute(
                    "INSERT INTO changes(article, baseline, from_version, to_version, weight, kinds, disclosure, summary, headline, "
                    "words, assessment, differ) VALUES ('a-1', 'previous', ?, ?, 3, '[\"number\"]', 'silent', '', '', ?, ?, '')",
                    [number, number + 1, words, ASSESSMENT],
                )
        yield store


ASSESSMENT = encode(
    Assessment(
        diff=Diff(edits=()), kinds=(Kind.NUMBER,), weight=Weight.SUBSTANTIVE, disclosure=Disclosure.SILENT, reason=""
    )
)


def found(store: Store, search: str) -> set[int]:
    return {change.id for change in store.listed(Wanted(search=search))}


def contained(search: str) -> set[int]:
    return {number for number, words in enumerate(WORDS, 1) if search.casefold() in words}


@pytest.mark.parametrize(
    "search",
    ["hafen", "HAFEN", "afenb", "a", "2 a", "12", 'te: "n', "Müdigkeit", "mudigkeit", "n\nz", "核电站", "核", "abcab", "cabca", "cbc", "%", "'", "* ^ -x (y)", "", "x" * 3000],
)  # fmt: skip
def test_a_search_finds_what_contains_it(store: Store, search: str) -> None:
    assert found(store, search) == contained(search)


@given(
    st.text(max_size=8)
    | st.sampled_from(WORDS).flatmap(
        lambda words: st.builds(lambda a, b: words[a : a + b], st.integers(0, 12), st.integers(0, 12))
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_search_finds_what_contains_it_and_nothing_else(store: Store, search: str) -> None:
    if "\0" not in search:  # SQLite's own texts end there
        assert found(store, search) == contained(search)


def test_what_was_taken_down_is_found_no_more(tmp_path: Path) -> None:
    from tests.scheduler.newsdesk import publish

    path = tmp_path / "z.db"
    publish(path, "Das Wort heißt Krakelfalter.", "Das Wort heißt Mondvogel.")
    with Store.open(path) as store:
        [change] = store.listed(Wanted(search="krakelfalt"))
        store.take_down(change.article, "a name")
        assert store.listed(Wanted(search="krakelfalt")) == []
        assert list(store.verify_chain()) == []
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, listing_index, row)")
    assert not connection.execute("SELECT 1 FROM temp.terms WHERE term = 'kra'").fetchone()
    connection.close()
