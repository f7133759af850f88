"""Changes as a reader browses them: filtered, what matters first, page by page, counted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec

from storage.base import instant, text
from storage.changes import Changes
from storage.types import Baseline, Change, Disclosure, Kind, Verdict, Weight
from storage.wordindex import has_words

_ORDER = "l.weight, l.disclosure, l.observed, l.change"
# where a change stands in that order; one that was withdrawn since its page was read is in no list any more
_PLACE = "SELECT weight, disclosure, COALESCE(observed_by, ''), id FROM changes WHERE id = ?"
# the marks are few: each is read once, not once for every change
_MARKED = "SELECT change FROM reviews WHERE id IN (SELECT MAX(id) FROM reviews GROUP BY change)"

# articles whose newest look showed no text; the first condition is that of the index, word for word
_FAILING = """
SELECT COUNT(DISTINCT article) FROM captures c
WHERE outcome IN ('set-aside', 'fetch-failed', 'extract-failed', 'gone') AND outcome != 'gone'
  AND NOT EXISTS (SELECT 1 FROM captures later WHERE later.article = c.article AND later.id > c.id)
"""
# the distinct values of an indexed column, one seek each: SQLite has no loose index scan of its own
_DISTINCT = """
WITH RECURSIVE found(name) AS (
    SELECT MIN({column}) FROM {table} UNION ALL
    SELECT (SELECT MIN({column}) FROM {table} WHERE {column} > name) FROM found WHERE name IS NOT NULL)
SELECT name FROM found WHERE name != ''
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which changes: every condition that is not ``None`` must hold. ``weight`` is the least, ``exactly`` the only one.

    ``folded`` leaves out what an earlier change of the same flapping told. ``until`` is exclusive. ``newer_than`` is the id of the last change a reader saw. ``section`` is the first part of the kicker.
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
    folded: bool = False


class Listing(Changes):
    """The changes in the order of the inbox: by weight, silent before noted, newest first."""

    def listed(self, wanted: Wanted, *, after: int | None = None, limit: int = 50) -> list[Change]:
        """The changes that match, what matters first; ``after`` is the id of the last change of the page before."""
        conditions, values = _where(wanted)
        if after is not None:
            conditions.append(f"({_ORDER}) < ({_PLACE})")
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

    def newer_than(self, change: int) -> int:
        """How many changes that are more than cosmetic were recorded after this one; a flapping is told of once."""
        sql = "SELECT COUNT(*) FROM listing WHERE change > ? AND weight > ? AND episode IS NULL"
        return int(self._value(sql, [change, int(Weight.COSMETIC)]))

    def languages(self) -> list[str]:
        """The languages of the known articles."""
        return self._distinct("articles", "language")

    def outlets(self) -> list[str]:
        """The outlets of the known articles."""
        return self._distinct("articles", "outlet")

    def sections(self) -> list[str]:
        """The sections in which something changed."""
        return self._distinct("listing", "section")

    def _distinct(self, table: str, column: str) -> list[str]:
        return [row["name"] for row in self._rows(_DISTINCT.format(table=table, column=column))]


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
        "(l.episode IS NULL) = ?": wanted.folded or None,
        _reviewed(wanted.review): wanted.review and wanted.review.value,
    }
    given = {condition: value for condition, value in pairs.items() if value is not None}
    conditions, values = list(given), list(given.values())
    if wanted.search is not None:
        condition, searched = has_words(wanted.search.casefold())
        conditions.append(condition)
        values += searched
    return conditions, values


def _reviewed(review: Verdict | None) -> str:
    """Without a mark a change is open."""
    if review is Verdict.OPEN:
        return f"l.change NOT IN ({_MARKED} AND verdict != ?)"
    return f"l.change IN ({_MARKED} AND verdict = ?)"


def _from(conditions: list[str]) -> str:
    return f"listing l{' WHERE ' + ' AND '.join(conditions) if conditions else ''}"
