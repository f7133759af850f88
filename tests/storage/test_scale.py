"""What is asked at every tick is answered by an index, however many articles are followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from storage import Due, Store
from storage.types import Article


def plans(store: Store, ask: Callable[[], object], words: str) -> list[list[str]]:
    """How SQLite finds what each of these questions with the words in it asks for, step by step."""
    asked: list[str] = []
    store._db.conn.set_trace_callback(asked.append)
    ask()
    store._db.conn.set_trace_callback(None)
    return [[row["detail"] for row in store._rows(f"EXPLAIN QUERY PLAN {sql}")] for sql in asked if words in sql]


def test_what_is_due_is_found_without_going_through_all_that_is_followed(store: Store) -> None:
    (plan,) = plans(store, lambda: store.due(datetime(2026, 3, 1, tzinfo=UTC), 20), "FROM schedule")
    # one step, in the index's own order: nothing is gone through and nothing is sorted
    assert plan == ["SEARCH schedule USING INDEX schedule_due (due<?)"]


def test_what_an_outlet_has_due_is_found_whatever_is_due_of_others(store: Store) -> None:
    start, due = datetime(2026, 3, 1, tzinfo=UTC), []
    for n in range(60):
        article = Article(
            id=f"a-{n}",
            outlet=("dw", "example.org", "example.net")[n % 3],
            url=f"https://example.org/{n}",
            language="de",
        )
        store.add_article(article)
        store.set_due(article.id, start + timedelta(minutes=n * 37 % 60))
        due.append((start + timedelta(minutes=n * 37 % 60), article.id, article.outlet))
    store.pause("a-4", paused=True)
    at = start + timedelta(minutes=45)
    for of in ("dw", "example.org", "example.net", "nobody"):
        expected = [id for when, id, outlet in sorted(due) if when <= at and outlet == of and id != "a-4"]
        assert [entry.article for entry in store.due(at, -1, of)] == expected
        assert [entry.article for entry in store.due(at, 5, of)] == expected[:5]
    (plan,) = plans(store, lambda: store.due(at, 5, "dw"), "schedule")
    assert plan == ["SEARCH schedule USING INDEX schedule_outlet (outlet=? AND due<?)"]


def test_what_was_promised_and_what_is_newest_due_is_found_however_much_waits(store: Store) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for n in range(60):
        article = Article(id=f"a-{n:02}", outlet="dw", url=f"https://www.dw.com/de/x/a-{n}", language="de")
        store.add_article(article)
        policy = {7: "fixed:600", 30: "ages", 50: "fixed:60"}.get(n, "learned")
        store.set_due(article.id, start + timedelta(minutes=n), {"policy": policy} if n % 2 or n in (30, 50) else {})
    store.pause("a-50", paused=True)
    at = start + timedelta(minutes=55)

    def named(due: list[Due]) -> list[str]:
        return [entry.article for entry in due]

    assert named(store.due_promised(at, 9, "dw")) == ["a-07", "a-30"]
    assert named(store.due_promised(at, 1, "dw")) == ["a-07"]
    assert named(store.due_promised(at, 9, "nobody")) == []
    assert named(store.due_at_ends(at, 6, "dw")) == ["a-00", "a-01", "a-02", "a-53", "a-54", "a-55"]
    assert store.due_at_ends(at, 80, "dw") == store.due(at, -1, "dw")
    (plan,) = plans(store, lambda: store.due_promised(at, 5, "dw"), "schedule")
    assert plan == ["SEARCH schedule USING INDEX schedule_promised (outlet=? AND due<?)"]
    for plan in plans(store, lambda: store.due_at_ends(at, 6, "dw"), "schedule"):
        assert plan == ["SEARCH schedule USING INDEX schedule_outlet (outlet=? AND due<?)"]


def test_outlets_with_something_due_are_named_the_longest_waiting_first_by_an_index(store: Store) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for n, (outlet, minutes) in enumerate([("b", 9), ("a", 3), ("b", 1), ("c", 8), ("d", 2), ("e", 4), ("a", 30)]):
        article = Article(id=f"a-{n}", outlet=outlet, url=f"https://{outlet}.example/{n}", language="de")
        store.add_article(article)
        store.set_due(article.id, start + timedelta(minutes=minutes))
    store.pause("a-4", paused=True)
    assert store.outlets_due(start + timedelta(minutes=5)) == ["b", "a", "e"]
    assert store.outlets_due(start) == []
    (plan,) = plans(store, lambda: store.outlets_due(start), "schedule")
    assert [step for step in plan if "schedule" in step and "COVERING INDEX schedule_outlet" not in step] == []


def test_what_is_owed_is_found_from_the_new_versions_on(store: Store) -> None:
    found = plans(store, store.owed, "FROM versions")
    assert len(found) == 3, "the newest version, what archives owe, what is owed"
    steps = [step for plan in found for step in plan]
    # of all versions only those that archives saw may be gone through; there is an index of nothing else
    assert [step for step in steps if step.startswith("SCAN") and "versions_archived" not in step] == []
    assert sum("USING INTEGER PRIMARY KEY (rowid>?)" in step for step in steps) == 3


def test_a_list_of_changes_groups_those_it_shows_not_all_there_are(store: Store) -> None:
    (plan,) = plans(store, lambda: store.groups([1, 2]), "change_edits")
    assert any(step.startswith("SEARCH change_edits USING") for step in plan), plan
    assert not any(step.startswith("SCAN change_edits") for step in plan), plan


def test_a_search_among_listed_changes_asks_the_index_of_words(store: Store) -> None:
    (plan,) = plans(store, lambda: store.changes(search="hafen", limit=50), "FROM changes c")
    assert any("VIRTUAL TABLE" in step and "listing_index" in step for step in plan), plan
