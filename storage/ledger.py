"""What was asked of each outlet, and how far the plan was kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from storage.base import COUNT_REQUESTS, Base, Row, now, text

VIEWS = (
    "data_articles",
    "data_versions",
    "data_changes",
    "data_gaps",
    "data_captures",
    "data_coverage",
    "data_plan",
)
_COUNT_LOOK = (
    "INSERT INTO plan_days(outlet, day, seen, late, not_seen, missed) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET seen = seen + excluded.seen, late = late + excluded.late, "
    "not_seen = not_seen + excluded.not_seen, missed = missed + excluded.missed"
)


class PlannedLook(msgspec.Struct, frozen=True, kw_only=True):
    """A look that was planned, as it was made; ``missed``: edits expected to have come and gone before it."""

    outlet: str
    at: datetime
    seen: bool
    late: bool
    missed: float


class Ledger(Base):
    """Counts by day; and the documented views over everything."""

    def count_request(self, outlet: str, answer: str) -> None:
        """One request left for an outlet; ``answer`` is the status, or "none".

        It is written down with the next commit: that of the look it brought, or of the end of the run.
        """
        self._requests[outlet, str(text(now()))[:10], answer] += 1
        self._asked_last[outlet] = time.monotonic()

    def asked_last(self, outlet: str) -> float:
        """When this process last asked an outlet, by the monotonic clock; 0 when it did not."""
        return self._asked_last.get(outlet, 0.0)

    def add_requests(self, outlet: str, day: str, answer: str, requests: int) -> None:
        """Count requests that another process made; a negative number takes back what was counted as not answered yet."""
        if requests:
            with self._write() as db:
                db.execute(COUNT_REQUESTS, [outlet, day, answer, requests])

    def write_requests(self) -> None:
        """Write down what was counted and goes with no other commit."""
        if self._requests:
            with self._write():
                pass

    def asked(self, day: str | None = None) -> list[Row]:
        """Requests by outlet, day and answer; of one day (ISO, UTC) or of all."""
        self.write_requests()
        where = "AND day = ?" if day else ""
        return self._rows(
            f"SELECT * FROM asked WHERE requests > 0 {where} ORDER BY outlet, day, answer", [day] if day else []
        )

    def requests_of(self, outlet: str) -> int:
        """All requests ever made to an outlet."""
        self.write_requests()
        return int(self._value("SELECT COALESCE(SUM(requests), 0) FROM asked WHERE outlet = ?", [outlet]))

    def count_looks(self, looks: Iterable[PlannedLook]) -> None:
        """Planned looks were made."""
        rows = [
            (look.outlet, str(text(look.at))[:10], look.seen, look.seen and look.late, not look.seen, look.missed)
            for look in looks
        ]
        with self._write() as db:
            db.conn.executemany(_COUNT_LOOK, rows)

    def plan_kept(self) -> list[Row]:
        """Each outlet's looks, the share of the plan that was kept, and the edits expected to have been missed."""
        return self._rows(
            "SELECT outlet, SUM(seen + not_seen) AS looks, round(1.0 * SUM(seen - late) / SUM(seen + not_seen), 4) AS kept, "
            "round(SUM(missed), 2) + 0.0 AS expected_missed FROM plan_days GROUP BY outlet ORDER BY outlet"
        )

    def optimise(self) -> None:
        """Let SQLite renew its statistics where that pays."""
        self._rows("PRAGMA optimize")

    def forget_runs(self, before: datetime) -> int:
        """Remove readings of sources that ended before a moment; runs that hold looks stay. Returns how many."""
        with self._write() as db:
            return int(db.execute("DELETE FROM runs WHERE job = 'discover' AND finished < ?", [text(before)]).rowcount)

    def period(self) -> tuple[str | None, str | None]:
        """When the first and the last look were made."""
        row = self._row("SELECT MIN(started) AS first, MAX(started) AS last FROM captures") or {}
        return row.get("first"), row.get("last")

    def view(self, name: str) -> Iterator[Row]:
        """The rows of a documented view, in a fixed order."""
        if name not in VIEWS:
            raise LookupError(name)
        columns = self.view_columns(name)
        yield from self._rows(f"SELECT * FROM {name} ORDER BY {', '.join(columns)}")

    def view_columns(self, name: str) -> list[str]:
        """The names of a view's columns."""
        return [str(row["name"]) for row in self._rows("SELECT name FROM pragma_table_info(?)", [name])]
