"""Counts over an outlet: what changed, how late, of what kind, with or without a note, and how much was watched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from storage.base import Base, instant
from storage.types import Disclosure, Kind, Weight

# hours after the declared publication, upper bounds; the last class is open
DELAYS = (1, 6, 24, 72, 168)

_BASE = "FROM listing WHERE outlet = ? AND baseline = 'previous' AND weight >= 2"
_HOURS = "(julianday(observed) - julianday(published)) * 24"


class OutletNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one outlet; changes are those against the version before that are more than cosmetic.

    ``watched`` are articles of which at least two looks showed text: only there could a change be seen.
    ``delays`` counts changes by hours since publication, one class for each of ``DELAYS`` and one for later;
    ``undated`` are those whose article declares no time of publication.
    """

    articles: int
    watched: int
    changed: int
    substantive: int
    looks: int
    set_aside: int
    failed: int
    gaps: int
    first_look: datetime | None
    last_look: datetime | None
    changes: int
    kinds: dict[Kind, int]
    disclosures: dict[Disclosure, int]
    delays: tuple[int, ...]
    undated: int


class Numbers(Base):
    """Counts for the outlet page."""

    def outlet_numbers(self, outlet: str) -> OutletNumbers:
        """All counts of one outlet, over the whole time it was watched."""
        changed = dict.fromkeys((Weight.EDITORIAL, Weight.SUBSTANTIVE), 0)
        for row in self._rows(f"SELECT MAX(weight) AS most {_BASE} GROUP BY article", [outlet]):
            changed[Weight(row["most"])] += 1
        delays, undated = self._delays(outlet)
        looks = self._looks(outlet)
        return OutletNumbers(
            articles=self._count(
                "SELECT COUNT(DISTINCT v.article) FROM versions v JOIN articles a ON a.id = v.article WHERE a.outlet = ?",
                outlet,
            ),
            watched=self._count(
                "SELECT COUNT(*) FROM (SELECT c.article FROM captures c JOIN articles a ON a.id = c.article "
                "WHERE a.outlet = ? AND c.version IS NOT NULL GROUP BY c.article HAVING COUNT(*) > 1)",
                outlet,
            ),
            changed=sum(changed.values()),
            substantive=changed[Weight.SUBSTANTIVE],
            gaps=self._count(
                "SELECT COUNT(*) FROM gaps g JOIN articles a ON a.id = g.article WHERE a.outlet = ?", outlet
            ),
            changes=sum(delays) + undated,
            kinds=self._kinds(outlet),
            disclosures=self._disclosures(outlet),
            delays=delays,
            undated=undated,
            **looks,
        )

    def _count(self, sql: str, outlet: str) -> int:
        return int(self._value(sql, [outlet]) or 0)

    def _looks(self, outlet: str) -> dict[str, Any]:
        row = self._rows(
            "SELECT COUNT(*) AS looks, SUM(c.outcome = 'set-aside') AS set_aside, "
            "SUM(c.outcome IN ('fetch-failed', 'extract-failed')) AS failed, MIN(c.started) AS first, MAX(c.started) AS last "
            "FROM captures c JOIN articles a ON a.id = c.article WHERE a.outlet = ?",
            [outlet],
        )[0]
        return {
            "looks": row["looks"],
            "set_aside": row["set_aside"] or 0,
            "failed": row["failed"] or 0,
            "first_look": instant(row["first"]),
            "last_look": instant(row["last"]),
        }

    def _delays(self, outlet: str) -> tuple[tuple[int, ...], int]:
        # a day without a time says too little about hours
        classes = " ".join(f"WHEN {_HOURS} <= {bound} THEN {index}" for index, bound in enumerate(DELAYS))
        delay = f"CASE WHEN published IS NULL OR length(published) < 16 OR observed = '' THEN NULL {classes} ELSE {len(DELAYS)} END"
        rows = self._rows(f"SELECT {delay} AS class, COUNT(*) AS n {_BASE} GROUP BY 1", [outlet])
        found = {row["class"]: row["n"] for row in rows}
        return tuple(found.get(index, 0) for index in range(len(DELAYS) + 1)), found.get(None, 0)

    def _kinds(self, outlet: str) -> dict[Kind, int]:
        sql = f"SELECT k.value AS kind, COUNT(*) AS n FROM (SELECT kinds {_BASE}) l, json_each(l.kinds) k GROUP BY 1"
        return {Kind(row["kind"]): row["n"] for row in self._rows(sql, [outlet])}

    def _disclosures(self, outlet: str) -> dict[Disclosure, int]:
        rows = self._rows(f"SELECT disclosure, COUNT(*) AS n {_BASE} AND weight = 3 GROUP BY 1", [outlet])
        return {Disclosure(row["disclosure"]): row["n"] for row in rows}
