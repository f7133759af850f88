"""What is asked at every tick is answered by an index, however many articles are followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from storage import Store


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
