"""Changes as a reader browses them: filtered, what matters first, page by page, counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.base import instant, text
from storage.changes import Changes
from storage.types import Baseline, Change, Disclosure, Kind, Verdict, Weight

_ORDER = "l.weight, l.disclosure, l.observed, l.change"
_NEWEST_MARK = "(SELECT r.verdict FROM reviews r WHERE r.change = l.change ORDER BY r.id DESC LIMIT 1)"

# articles whose newest look showed no text
_FAILING = """
SELECT COUNT(DISTINCT article) FROM captures c
WHERE outcome IN ('set-aside', 'fetch-failed', 'extract-failed')
  AND NOT EXISTS (SELECT 1 FROM captures later WHERE later.article = c.article AND later.id > c.id)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which changes: every condition that is not ``None`` must hold. ``weight`` is the least, ``exactly`` the only one.

    ``until`` is exclusive. ``newer_than`` is the id of the last change a reader saw. ``section`` is the first part of the kicker.
    """

    weight: Weight | None = None
    exactly: Weight | None = None
    disclosure: Disclosure | None = None
    kind: Kind | None = None
    outlet: str | None = None
    language: str | None = None
    section: str | None = None
    baseline: Baseline | None = None
    article: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    newer_than: int | None = None
    review: Verdict | None = None


class Listing(Changes):
    """The changes in the order of the inbox: by weight, silent before noted, newest first."""

    def listed(self, wanted: Wanted, *, after: int | None = None, limit: int = 50) -> list[Change]:
        """The changes that match, what matters first; ``after`` is the id of the last change of the page before."""
        conditions, values = _where(wanted)
        if after is not None:
            conditions.append(f"({_ORDER}) < (SELECT {_ORDER} FROM listing l WHERE l.change = ?)")
            values.append(after)
        order = ", ".join(f"{column} DESC" for column in _ORDER.split(", "))
        rows = self._rows(f"SELECT l.change FROM {_from(conditions)} ORDER BY {order} LIMIT ?", [*values, limit])
        return self.changes_by_id([row["change"] for row in rows])

    def latest_changes(self, wanted: Wanted, limit: int) -> list[Change]:
        """The changes that match, newest first, as feeds list them."""
        conditions, values = _where(wanted)
        sql = f"SELECT l.change FROM {_from(conditions)} ORDER BY l.observed DESC, l.change DESC LIMIT ?"
        return self.changes_by_id([row["change"] for row in self._rows(sql, [*values, limit])])

    def tally(self, wanted: Wanted) -> dict[Weight, int]:
        """How many changes match, by weight; weights without any are left out."""
        conditions, values = _where(wanted)
        rows = self._rows(f"SELECT l.weight, COUNT(*) AS n FROM {_from(conditions)} GROUP BY l.weight", values)
        return {Weight(row["weight"]): row["n"] for row in rows}

    def newest_change(self) -> int:
        """The id of the change recorded last; 0 when there is none."""
        return int(self._value("SELECT MAX(id) FROM changes") or 0)

    def pulse(self) -> dict[str, Any]:
        """Whether it is alive: when it last looked, what is due next, and how the service is; cheap at any size."""
        return {
            "last_look": instant(self._value("SELECT started FROM captures ORDER BY id DESC LIMIT 1")),
            "next_due": instant(self._value("SELECT MIN(due) FROM schedule WHERE paused = 0")),
            "failing": self._value(_FAILING),
            "gaps": self._value("SELECT COUNT(*) FROM gaps"),
        }

    def languages(self) -> list[str]:
        """The languages of the known articles."""
        return [row["language"] for row in self._rows("SELECT DISTINCT language FROM articles ORDER BY language")]

    def outlets(self) -> list[str]:
        """The outlets of the known articles."""
        return [row["outlet"] for row in self._rows("SELECT DISTINCT outlet FROM articles ORDER BY outlet")]

    def sections(self) -> list[str]:
        """The sections in which something changed."""
        # a loose index scan: SQLite has none of its own, and the distinct values are few among many
        sql = """
        WITH RECURSIVE found(name) AS (
            SELECT MIN(section) FROM listing UNION ALL
            SELECT (SELECT MIN(section) FROM listing WHERE section > name) FROM found WHERE name IS NOT NULL)
        SELECT name FROM found WHERE name != ''
        """
        return [row["name"] for row in self._rows(sql)]


def _where(wanted: Wanted) -> tuple[list[str], list[Any]]:
    pairs: dict[str, Any] = {
        "l.weight >= ?": wanted.weight and int(wanted.weight),
        "l.weight = ?": wanted.exactly and int(wanted.exactly),
        "l.disclosure = ?": wanted.disclosure and wanted.disclosure.value,
        "instr(l.kinds, ?)": wanted.kind and json.dumps(wanted.kind.value),
        "l.outlet = ?": wanted.outlet,
        "l.language = ?": wanted.language,
        # the plus keeps SQLite from an index that would sort half the table anew
        "+l.section = ?": wanted.section,
        "l.baseline = ?": wanted.baseline and wanted.baseline.value,
        "l.article = ?": wanted.article,
        "+l.observed >= ?": text(wanted.since),
        "+l.observed < ?": text(wanted.until),
        "+l.change > ?": wanted.newer_than,
        "instr(w.words, ?)": wanted.search and wanted.search.casefold(),
        f"COALESCE({_NEWEST_MARK}, 'open') = ?": wanted.review and wanted.review.value,
    }
    given = {condition: value for condition, value in pairs.items() if value is not None}
    return list(given), list(given.values())


def _from(conditions: list[str]) -> str:
    searched = any("w.words" in condition for condition in conditions)
    words = " JOIN listing_words w ON w.change = l.change" if searched else ""
    return f"listing l{words}{' WHERE ' + ' AND '.join(conditions) if conditions else ''}"
