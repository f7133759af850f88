"""A takedown removes what was said and leaves what proves it; nothing else ever lets content go."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.comparing import compare_owed
from scheduler.proving import prove
from storage import Store
from storage.types import Content, EventKind, Look, Outcome
from tests.storage.test_seals import by_hand

Looks = Callable[..., Look]
SECRET = "Sanddornmarmelade"  # a word that stands in no other text


@pytest.fixture
def told(path: Path, look: Looks) -> Path:
    """A database with two versions and a change that say a word, and a page that was set aside and says it too."""
    with Store.open(path) as store:
        for says in (f"Die {SECRET} ist da.", f"Die {SECRET} ist weg."):
            store.record(look(says))
        store.record(look(outcome=Outcome.SET_ASIDE, body=f"<p>{SECRET}</p>".encode()))
        seed, _ = store.add_seed(
            "a.txt",
            SECRET.encode(),
            Content(headline=SECRET, language="de"),
            outlet="dw",
            language="de",
            fingerprint="f",
        )
        article = store.article("a-100")
        assert article is not None
        store.link_seed(seed.number, article)
        compare_owed(store)
        store.set_due("a-100", look().started)
        assert len(store.changes()) == 3
    return path


def test_what_was_said_is_gone_from_the_file_and_what_proves_it_stays(told: Path) -> None:
    with Store.open(told, write=False) as store:
        before = [(c.hash, c.body_sha256) for c in store.captures()], store.digests("a-100")
    assert SECRET.encode() in told.read_bytes()
    with Store.open(told) as store:
        store.take_down("a-100", "court order 7")
        assert list(store.verify_chain()) == []
        assert ([(c.hash, c.body_sha256) for c in store.captures()], store.digests("a-100")) == before
        assert {version.removed.reason for version in store.versions("a-100") if version.removed} == {"court order 7"}
        assert [version.content.blocks for version in store.versions("a-100")] == [(), (), ()]
        assert (len(store.changes()), store.changes(search=SECRET), store.followed()) == (3, [], set())
    for name in told.parent.iterdir():
        assert SECRET.encode() not in name.read_bytes(), name
        assert SECRET.casefold().encode() not in name.read_bytes(), name


def test_a_takedown_that_was_interrupted_after_its_commit_left_no_word(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words stayed in the full-text index then, and nothing went back to take them out."""

    def killed(self: Store) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(Store, "_empty_log", killed)
    with Store.open(told) as store, pytest.raises(RuntimeError, match="killed"):
        store.take_down("a-100", "court order 7")
    for name in told.parent.iterdir():
        assert SECRET.encode() not in name.read_bytes(), name
        assert SECRET.casefold().encode() not in name.read_bytes(), name


def test_verify_says_what_was_taken_down_and_why(told: Path) -> None:
    with Store.open(told) as store:
        store.take_down("a-100", "court order 7")
        proof = prove(store)
    assert proof.problems == ()
    assert "because: court order 7" in proof.removed[0]


def test_nothing_is_kept_of_later_looks(told: Path, look: Looks) -> None:
    with Store.open(told) as store:
        store.take_down("a-100", "court order 7")
        recorded = store.record(look(f"Neue {SECRET}"))
        assert (recorded.capture.outcome, recorded.version) == (Outcome.SET_ASIDE, None)
        assert "court order 7" in (recorded.capture.reason or "")
        assert recorded.capture.body_sha256 is None
    assert SECRET.encode() not in told.read_bytes()


def test_up_to_a_moment_only_what_was_said_by_then_goes_and_following_goes_on(told: Path, look: Looks) -> None:
    with Store.open(told) as store:
        first = store.version("a-100", 1)
        assert first is not None
        assert first.first_seen is not None
        store.take_down("a-100", "a name", until=first.first_seen)
        assert [bool(version.removed) for version in store.versions("a-100")] == [False, True, False]
        assert store.record(look("Ganz neu.", later=timedelta(days=1))).created
        compare_owed(store)
        assert prove(store).problems == ()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM bodies",
        "UPDATE versions SET content = '{\"headline\":null}'",
        "UPDATE seeds SET data = X'', content = '{\"headline\":null}'",
        "UPDATE articles SET headline = NULL",
        "UPDATE changes SET words = '', headline = ''",
        "UPDATE changes SET withdrawn = '2026'",
        "UPDATE comparisons SET change = NULL",
        "DELETE FROM versions",
        "DELETE FROM changes",
    ],
)
def test_without_a_takedown_no_statement_takes_content_away(told: Path, statement: str) -> None:
    connection = sqlite3.connect(told)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("UPDATE versions SET digest = 'x'", "append-only"),
        ("UPDATE versions SET content = '{}'", "append-only"),
        ("UPDATE seeds SET sha256 = 'x'", "append-only"),
        ("UPDATE changes SET weight = 1", "append-only"),
        ("DELETE FROM removals", "append-only"),
        ("DELETE FROM captures", "append-only"),
        ("UPDATE events SET at = ''", "append-only"),
    ],
)
def test_a_takedown_lets_nothing_go_but_content(told: Path, statement: str, verb: str) -> None:
    with Store.open(told) as store:
        store.take_down("a-100", "court order 7")
    connection = sqlite3.connect(told)
    with pytest.raises(sqlite3.IntegrityError, match=verb):
        connection.execute(statement)
    connection.close()


def test_a_removal_that_no_event_accounts_for_is_named(told: Path) -> None:
    connection = sqlite3.connect(told)
    (sha256,) = connection.execute("SELECT sha256 FROM bodies LIMIT 1").fetchone()
    connection.execute("INSERT INTO events(id, kind, at, record, hash) VALUES (99, 'purged', '', '{}', 'x')")
    connection.execute("INSERT INTO removals(event, kind, key, sha256) VALUES (99, 'body', ?, ?)", [sha256, sha256])
    connection.execute("DELETE FROM bodies WHERE sha256 = ?", [sha256])
    connection.commit()
    connection.close()
    with Store.open(told, write=False) as store:
        problems = list(store.verify_chain())
    assert any("event" in problem for problem in problems), problems


def test_a_purge_takes_only_pages_that_nothing_rests_on(told: Path, look: Looks) -> None:
    with Store.open(told) as store:
        store.keep_all = True
        unchanged = store.record(look(f"Die {SECRET} ist weg.", body=b"other noise")).capture
        assert store.body(unchanged.body_sha256 or "") == b"other noise"
        later = look().started
        found = store.unneeded_bodies(later)
        assert [item.key for item in found] == [unchanged.body_sha256]
        assert len(store.unneeded_bodies(later, set_aside=True)) == 2
        store.purge(found, "unchanged looks before 2027")
        assert store.body(unchanged.body_sha256 or "") is None
        assert [event.kind for event in store.events()][-1] is EventKind.PURGED
        assert prove(store).problems == ()


def test_unchanged_looks_are_thinned_to_one_page_a_day(told: Path, look: Looks) -> None:
    with Store.open(told) as store:
        store.keep_all = True
        hours = timedelta(hours=8)
        pages = [f"noise {n}".encode() for n in range(7)]  # from 08:04 of the first day, three a day
        for page in pages:
            store.record(look(f"Die {SECRET} ist weg.", body=page, later=hours))
        kept = {hashlib.sha256(page).hexdigest() for page in (pages[2], pages[5])}
        later = look(later=10 * hours).started
        every, thinned = store.unneeded_bodies(later), store.unneeded_bodies(later, daily=True)
        assert {item.key for item in every} - {item.key for item in thinned} == kept
        store.purge(thinned, "but for one a day")
        assert store.unneeded_bodies(later, daily=True) == [], "what was kept of a day stays kept"
        assert prove(store).problems == ()


def test_a_page_that_is_served_again_after_a_purge_is_no_forgery_and_can_be_purged_again(
    told: Path, look: Looks
) -> None:
    """An error page says the same each time: after the next one ``verify`` failed for good, and no purge took it away."""
    with Store.open(told) as store:
        for _ in range(3):
            again = store.record(look(outcome=Outcome.SET_ASIDE, body=b"503 busy")).capture
            store.record(look(f"Die {SECRET} ist weg."))
            assert store.body(again.body_sha256 or "") == b"503 busy"
            assert prove(store).problems == ()
            found = store.unneeded_bodies(look().started, set_aside=True)
            assert again.body_sha256 in {item.key for item in found}
            store.purge(found, "set aside before now")
            assert store.body(again.body_sha256 or "") is None
            assert prove(store).problems == ()


def test_a_page_that_was_removed_and_put_back_by_hand_is_named(told: Path, look: Looks) -> None:
    with Store.open(told) as store:
        aside = store.record(look(outcome=Outcome.SET_ASIDE, body=b"503 busy")).capture
        row = store._row("SELECT * FROM bodies WHERE sha256 = ?", [aside.body_sha256]) or {}
        store.purge(store.unneeded_bodies(look().started, set_aside=True), "set aside before now")
        store._insert("bodies", row)
        store._db.conn.commit()
        assert any("it took away is there again" in problem for problem in store.verify_chain())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE versions SET packed = substr(packed, 3) WHERE number = 1",
        "UPDATE versions SET packed = substr(packed, 3) WHERE number = 2",
        "UPDATE changes SET packed = substr(packed, 3)",
        "UPDATE changes SET packed = NULL",
    ],
)
@pytest.mark.parametrize("until", [False, True])
def test_what_cannot_be_read_any_more_is_taken_down_all_the_same(
    told: Path, look: Looks, damage: str, *, until: bool
) -> None:
    """One damaged row kept an article from being taken down at all."""
    by_hand(told, damage.split()[1], damage)
    with Store.open(told) as store:
        before = next(version for version in store._rows("SELECT * FROM versions ORDER BY number"))
        moment = store.captures()[-1].answered if until else None
        store.take_down("a-100", "court order 7", moment)
        assert store._value("SELECT content FROM versions WHERE number = 1") == '{"headline":null}'
        assert store._value("SELECT fingerprint FROM versions WHERE number = 1") == before["fingerprint"]
        assert until or list(store.verify_chain()) == [], "what was not taken down stays damaged"
