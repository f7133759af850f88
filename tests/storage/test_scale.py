"""What is asked at every tick is answered by an index, however many articles are followed."""

from __future__ import annotations

from datetime import UTC, datetime

from storage import Store


def test_what_is_due_is_found_without_going_through_all_that_is_followed(store: Store) -> None:
    asked: list[str] = []
    store._db.conn.set_trace_callback(asked.append)
    store.due(datetime(2026, 3, 1, tzinfo=UTC), 20)
    store._db.conn.set_trace_callback(None)
    (sql,) = [each for each in asked if "FROM schedule" in each]
    # one step, in the index's own order: nothing is gone through and nothing is sorted
    plan = [row["detail"] for row in store._rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert plan == ["SEARCH schedule USING INDEX schedule_due (due<?)"]
