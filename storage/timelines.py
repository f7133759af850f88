"""What happened to an article besides its versions: other addresses, looks that showed no text, how often each version was seen."""

from __future__ import annotations

from datetime import datetime

import msgspec

from storage.base import Row
from storage.captures import Captures
from storage.types import Capture, Gap, Outcome

_TROUBLED = "outcome IN ('set-aside', 'fetch-failed', 'extract-failed', 'gone')"

_COVERAGE = """
SELECT COUNT(*) AS looks, COUNT(version) AS seen, COALESCE(SUM(outcome = 'set-aside'), 0) AS set_aside,
       COALESCE(SUM(outcome IN ('fetch-failed', 'extract-failed')), 0) AS failed,
       (SELECT MAX(apart) FROM (SELECT (julianday(answered) - julianday(LAG(answered) OVER (ORDER BY answered))) * 86400 AS apart
        FROM captures WHERE article = :article AND version IS NOT NULL)) AS longest
FROM captures WHERE article = :article
"""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A URL under which an article was seen, and since when."""

    url: str
    since: datetime


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How closely an article was watched: its looks, those that showed its text, and the longest time (seconds) between two of these."""

    looks: int
    seen: int
    set_aside: int
    failed: int
    longest: float | None


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """A look that showed no text, and why."""

    id: int
    started: datetime
    outcome: Outcome
    reason: str | None


class Timelines(Captures):
    """The parts of an article's timeline that are no versions, and the same over all articles."""

    def addresses(self, article: str) -> list[Address]:
        """All URLs of an article, first seen first; more than one means that its slug changed."""
        rows = self._rows("SELECT url, seen FROM article_urls WHERE article = ? ORDER BY seen, rowid", [article])
        return [Address(url=row["url"], since=datetime.fromisoformat(row["seen"])) for row in rows]

    def looks_at_versions(self, article: str) -> dict[int, int]:
        """How many looks showed each version."""
        sql = "SELECT version, COUNT(*) AS n FROM captures WHERE article = ? AND version IS NOT NULL GROUP BY version"
        return {row["version"]: row["n"] for row in self._rows(sql, [article])}

    def coverage(self, article: str) -> Coverage:
        """How closely an article was watched; what archives saw counts as seen."""
        row = self._row(_COVERAGE, {"article": article}) or {}
        return Coverage(**row)

    def looks_without_text(self, article: str) -> list[Unseen]:
        """An article's looks that showed no text, whatever the reason, in the order in which they were recorded."""
        sql = "SELECT id, started, outcome, reason FROM captures WHERE article = ? AND version IS NULL ORDER BY id"
        return [
            Unseen(
                id=row["id"],
                started=datetime.fromisoformat(row["started"]),
                outcome=Outcome(row["outcome"]),
                reason=row["reason"],
            )
            for row in self._rows(sql, [article])
        ]

    def troubled(self, limit: int) -> list[Capture]:
        """The newest looks at any article that were set aside, failed or found it gone; newest first."""
        return self._captures_by_id(f"SELECT id FROM captures WHERE {_TROUBLED} ORDER BY id DESC LIMIT ?", [limit])

    def reasons(self, limit: int) -> list[tuple[Outcome, str, int]]:
        """Why looks showed no text, and how often, most frequent first."""
        sql = (
            f"SELECT outcome, COALESCE(reason, '') AS why, COUNT(*) AS n FROM captures WHERE {_TROUBLED} "
            "GROUP BY outcome, why ORDER BY n DESC, outcome, why LIMIT ?"
        )
        return [(Outcome(row["outcome"]), row["why"], row["n"]) for row in self._rows(sql, [limit])]

    def newest_gaps(self, limit: int) -> list[Gap]:
        """The newest stretches in which an article was due and not seen."""
        rows = self._rows("SELECT * FROM gaps ORDER BY since DESC, id DESC LIMIT ?", [limit])
        return [
            Gap(
                article=row["article"],
                since=datetime.fromisoformat(row["since"]),
                until=datetime.fromisoformat(row["until"]) if row["until"] else None,
                reason=row["reason"],
            )
            for row in rows
        ]

    def upcoming(self, limit: int) -> list[tuple[str, str, datetime]]:
        """The articles whose next look is due first: id, headline as last seen, when."""
        sql = (
            "SELECT s.article, a.headline, s.due FROM schedule s JOIN articles a ON a.id = s.article "
            "WHERE s.paused = 0 AND s.due IS NOT NULL ORDER BY s.due, s.article LIMIT ?"
        )
        rows = self._rows(sql, [limit])
        return [(row["article"], self._headline(row), datetime.fromisoformat(row["due"])) for row in rows]

    def _headline(self, row: Row) -> str:
        """The headline of the version that stands last in time; before there is one, that under which the article was heard of."""
        version = self.latest(row["article"])
        return (version and version.content.headline) or row["headline"] or ""

    def _captures_by_id(self, sql: str, values: list[str | int]) -> list[Capture]:
        found = (self.capture(row["id"]) for row in self._rows(sql, values))
        return [capture for capture in found if capture]
