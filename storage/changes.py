"""Comparisons that are owed, and the changes they found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.articles import Articles
from storage.base import Row, instant, now, text
from storage.content import decode, encode
from storage.types import Assessment, Baseline, Change, Kind, SpanOp, Weight

_OWED = """
SELECT v.article, 'previous' AS baseline, v.number - 1 AS old, v.number AS new FROM versions v
WHERE v.number > 1 AND NOT EXISTS (SELECT 1 FROM comparisons c WHERE c.article = v.article
    AND c.baseline = 'previous' AND c.from_version = v.number - 1 AND c.to_version = v.number)
UNION ALL
SELECT v.article, 'seed', 0, v.number FROM versions v JOIN seed_links l ON l.article = v.article
WHERE NOT EXISTS (SELECT 1 FROM comparisons c WHERE c.article = v.article
    AND c.baseline = 'seed' AND c.from_version = 0 AND c.to_version = v.number)
ORDER BY 1, 4, 2
"""

_SELECT = """
SELECT c.*, a.language,
       (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.seen DESC, u.rowid DESC LIMIT 1) AS url
FROM changes c JOIN articles a ON a.id = c.article
"""


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A comparison that has not been made yet."""

    article: str
    baseline: Baseline
    old: int
    new: int


class Changes(Articles):
    """What differs between recorded versions."""

    def owed(self) -> list[Owed]:
        """Every version against the one before and, where a seed is linked, against the seed, if not compared yet."""
        rows = self._rows(_OWED)
        return [Owed(article=r["article"], baseline=Baseline(r["baseline"]), old=r["old"], new=r["new"]) for r in rows]

    def settle(
        self,
        owed: Owed,
        assessment: Assessment | None,
        *,
        summary: str,
        headline: str,
        observed_after: datetime | None,
        observed_by: datetime | None,
        differ: str,
    ) -> Change | None:
        """Record a comparison; ``assessment`` is ``None`` when nothing differs. Returns the change, if any."""
        pair = {
            "article": owed.article,
            "baseline": owed.baseline.value,
            "from_version": owed.old,
            "to_version": owed.new,
        }
        with self._write() as db:
            number = None
            if assessment:
                row = {
                    **pair,
                    "observed_after": text(observed_after),
                    "observed_by": text(observed_by),
                    "weight": int(assessment.weight),
                    "kinds": json.dumps([kind.value for kind in assessment.kinds]),
                    "disclosure": assessment.disclosure.value,
                    "summary": summary,
                    "headline": headline,
                    "words": words(assessment),
                    "assessment": encode(assessment),
                    "differ": differ,
                }
                number = db.table("changes").insert(row).last_pk
            db.table("comparisons").insert({**pair, "change": number, "differ": differ, "at": text(now())})
        return self.change(int(number)) if number else None

    def change(self, id: int) -> Change | None:
        """One change."""
        row = self._row(f"{_SELECT} WHERE c.id = ?", [id])
        return _change(row) if row else None

    def changes_by_id(self, ids: Sequence[int]) -> list[Change]:
        """These changes, in the order asked for; ids that are not there are left out."""
        rows = self._rows(f"{_SELECT} WHERE c.id IN ({', '.join('?' * len(ids))})", ids)
        found = {row["id"]: row for row in rows}
        return [_change(found[id]) for id in ids if id in found]

    def differ_of(self, id: int) -> str | None:
        """The fingerprint of the diff engine that found a change."""
        value = self._value("SELECT differ FROM changes WHERE id = ?", [id])
        return str(value) if value else None

    def changes(
        self,
        *,
        article: str | None = None,
        since: datetime | None = None,
        weight: Weight | None = None,
        silent: bool = False,
        disclosure: str | None = None,
        kind: str | None = None,
        search: str | None = None,
        baseline: Baseline | None = None,
        language: str | None = None,
        outlet: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Change]:
        """Recorded changes, most important first: by weight, silent ones before noted ones, newest first."""
        wanted: dict[str, Any] = {
            "c.article = ?": article,
            "c.observed_by >= ?": text(since),
            "c.weight >= ?": int(weight) if weight else None,
            "c.disclosure = ?": "silent" if silent else disclosure,
            "instr(c.kinds, ?)": json.dumps(kind) if kind else None,
            "instr(c.words, ?)": search.casefold() if search else None,
            "c.baseline = ?": baseline.value if baseline else None,
            "a.language = ?": language,
            "a.outlet = ?": outlet,
        }
        given = {condition: value for condition, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        order = "ORDER BY c.weight DESC, c.disclosure DESC, c.observed_by DESC, c.id DESC LIMIT ? OFFSET ?"
        rows = self._rows(f"{_SELECT} {where} {order}", [*given.values(), -1 if limit is None else limit, offset])
        return [_change(row) for row in rows]


def words(assessment: Assessment) -> str:
    """What a change added or removed, case-folded, for searching."""
    edits = assessment.diff.edits
    return "\n".join(span.text for edit in edits for span in edit.spans if span.op is not SpanOp.KEEP).casefold()


def _change(row: Row) -> Change:
    assessment = decode(row["assessment"], Assessment)
    if [kind.value for kind in assessment.kinds] != json.loads(row["kinds"]):
        kinds = tuple(map(Kind, json.loads(row["kinds"])))
        raise ValueError(f"change {row['id']}: its kinds {kinds} disagree with its assessment")
    return Change(
        id=row["id"],
        article=row["article"],
        baseline=Baseline(row["baseline"]),
        from_version=row["from_version"],
        to_version=row["to_version"],
        observed_after=instant(row["observed_after"]),
        observed_by=instant(row["observed_by"]),
        assessment=assessment,
        summary=row["summary"],
        url=row["url"],
        language=row["language"],
        headline=row["headline"],
    )
