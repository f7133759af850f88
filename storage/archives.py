"""Looks that archives made before or between our own: placed in time, without rewriting what stands there.

A look belongs where its time puts it among all looks at the article that showed a text. It shows the version before it or the one
after it, if it says the same as either; else it brings a version of its own, with the next free number. Numbers are names, never
an order: what was recorded keeps its number, its comparisons and its changes.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

import msgspec

from storage.base import instant, text
from storage.captures import Captures, Recorded
from storage.content import digest
from storage.flips import Appeared, Return, in_turn, returns
from storage.records import sha256
from storage.types import Baseline, Look, Origin, Outcome, Provenance

_OWN_OR_OTHERS = """
SELECT id, version, answered, origin FROM captures WHERE article = ? AND version IS NOT NULL AND answered IS NOT NULL ORDER BY id
"""
# articles that archives saw, with a version that was not compared with the one before, other than the first in time
# in this order (CROSS JOIN): from the new versions on; SQLite would ask of every version ever which look showed it first
_UNCOMPARED = """
SELECT DISTINCT v.article FROM versions n CROSS JOIN versions a ON a.article = n.article CROSS JOIN versions v ON v.article = a.article
WHERE n.id > ? AND a.origin = 'archive' AND NOT EXISTS (SELECT 1 FROM comparisons c WHERE c.article = v.article
    AND c.baseline = 'previous' AND c.to_version = v.number)
AND v.number != (SELECT c.version FROM captures c WHERE c.article = v.article AND c.version IS NOT NULL
    ORDER BY c.answered, c.id LIMIT 1)
ORDER BY v.article
"""

# a look of this article that brought a page, as archives name it
_NAMED = """
SELECT id, requested_url, started, answered, status, body_sha256 FROM captures
WHERE article = :article AND body_sha256 IS NOT NULL AND answered IS NOT NULL AND (record ->> '$.provenance.record_id' = :name
    OR requested_url || ' ' || (record ->> '$.provenance.date') = :name OR 'sha256:' || body_sha256 = lower(:name))
ORDER BY id DESC
"""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Looks in a row that showed the same version: the first and the last of them."""

    version: int
    first: datetime
    last: datetime


class Archives(Captures):
    """History from elsewhere."""

    def stretches(self, article: str) -> list[Stretch]:
        """What all looks showed, in the order of time; a version that archives saw another within stands there twice."""
        runs = groupby(self._in_time(article), key=lambda look: look["version"])
        found = [(version, [look["answered"] for look in looks]) for version, looks in runs]
        return [Stretch(version=version, first=_at(times[0]), last=_at(times[-1])) for version, times in found]

    def returns(self, article: str) -> dict[int, Return]:
        """The versions whose text had stood there before, in the order of time."""
        return returns(self._appeared(article)) if self._saw(article) else super().returns(article)

    def returned(self, article: str, old: int, new: int) -> Return | None:
        """As elsewhere; a version may stand there twice, and be a return only the second time."""
        if not self._saw(article):
            return super().returned(article, old, new)
        appeared = self._appeared(article)
        before = [0, *(each.number for each in appeared)]
        turns = list(zip(before, appeared, in_turn(appeared), strict=False))
        side_by_side = [turn for one, each, turn in turns if (one, each.number) == (old, new)]
        return next(iter([*side_by_side, *(turn for _, each, turn in turns if each.number == new)]), None)

    def _saw(self, article: str) -> bool:
        """Whether archives saw a version of this article."""
        return bool(self._value("SELECT 1 FROM versions WHERE article = ? AND origin = 'archive'", [article]))

    def _appeared(self, article: str) -> list[Appeared]:
        digests = self.digests(article)
        found = self.stretches(article)
        return [Appeared(number=each.version, digest=digests[each.version], at=each.first) for each in found]

    def neighbours(self, article: str, at: datetime) -> tuple[int | None, int | None]:
        """The versions that the looks just before (or at) and just after a moment showed."""
        looks = self._in_time(article)
        place = bisect_right([look["place"] for look in looks], text(at) or "")
        before = looks[place - 1]["version"] if place else None
        return before, looks[place]["version"] if place < len(looks) else None

    def known_as(self, look: Look) -> Outcome | None:
        """How this look ended if it is recorded already: the same article, moment and bytes, from whatever file or from our own fetch."""
        sql = (
            "SELECT outcome FROM captures WHERE article = ? AND body_sha256 = ? AND ? IN (started, answered) "
            "ORDER BY version IS NULL, id DESC LIMIT 1"
        )
        values = [look.article.id if look.article else None, sha256(look.body), text(look.answered)]
        return Outcome(found) if (found := self._value(sql, values)) else None

    def page_again(self, article: str, name: str) -> Look | None:
        """The look whose page a revisit record of an archive calls so: by its record's name, by address and date, or by digest."""
        for row in self._rows(_NAMED, {"article": article, "name": name}):
            if body := self.body(row["body_sha256"]):
                told = self.record_of(row["id"])
                return Look(
                    requested_url=row["requested_url"],
                    article=self.article(article),
                    started=_at(row["started"]),
                    answered=_at(row["answered"]),
                    protocol=told["protocol"],
                    status=row["status"],
                    headers=tuple((name, value) for name, value in told["headers"]),
                    normalised=told["normalised"],
                    body=body,
                    software=told["software"],
                    origin=Origin.ARCHIVE,
                    provenance=Provenance(**told["provenance"]) if told.get("provenance") else None,
                )
        return None

    def record_archived(self, look: Look, run: int | None = None) -> Recorded:
        """Record a look of an archive in its place in time, and a version if it shows a text of its own; all or nothing, read back.

        Raises StoreError when it is not durable; then nothing was recorded.
        """
        if look.origin is not Origin.ARCHIVE or look.article is None or look.answered is None or look.body is None:
            raise ValueError("not a look of an archive")
        article = look.article.id
        self.refuse_barred(article)
        with self._write():
            if self.article(article) is None:  # an old address of a known article is not its newest
                self.add_article(look.article)
            found = self._believed(look)
            outcome, number = self._placed(found, article, look.answered)
            created = outcome in (Outcome.NEW, Outcome.CHANGED)
            self._keep(look.body)
            capture = self._insert_capture(found, outcome, number, run, self._end())
            if created and number:
                self._insert_version(look, number, capture.id)
            self._compare_anew()
        recorded = Recorded(capture=capture, created=created, shown=lambda: self._version_of(capture))
        self._read_back([look], [recorded])
        return recorded

    def _placed(self, look: Look, article: str, at: datetime) -> tuple[Outcome, int | None]:
        if look.outcome is not None or look.content is None:
            return look.outcome or Outcome.EXTRACT_FAILED, None
        says, digests = digest(look.content), self.digests(article)
        beside = self.neighbours(article, at)
        for number in beside:
            if number is not None and digests.get(number) == says:
                return Outcome.UNCHANGED, number
        before = beside[0]
        outcome = self._against(article, before, look.content, look.fingerprint) if before else Outcome.NEW
        return outcome, before if outcome is Outcome.UNCHANGED else self._next_number(article)

    def _in_time(self, article: str) -> list[dict[str, Any]]:
        """The looks that showed a text. Our own keep the order they were made in, whatever a clock did; those of archives go between."""
        latest, looks = "", []
        for look in self._rows(_OWN_OR_OTHERS, [article]):
            if look["origin"] == Origin.CRAWL:
                latest = max(latest, look["answered"])
            looks.append({**look, "place": latest if look["origin"] == Origin.CRAWL else look["answered"]})
        return sorted(looks, key=lambda look: (look["place"], look["id"]))

    def owed_in_time(self, since: int) -> list[dict[str, Any]]:
        """Comparisons owed of articles that archives saw: each stretch against the one before, once a pair of versions."""
        return [owed for row in self._rows(_UNCOMPARED, [since]) for owed in self._owed_of(row["article"])]

    def _owed_of(self, article: str) -> list[dict[str, Any]]:
        sql = "SELECT from_version, to_version FROM comparisons WHERE article = ? AND baseline = 'previous'"
        made = {(row["from_version"], row["to_version"]) for row in self._rows(sql, [article])}
        stretches, found = self.stretches(article), []
        for old, new in pairwise(stretches):
            pair = (old.version, new.version)
            if pair not in made:
                made.add(pair)
                times = {"after": old.last, "by": new.first}
                found.append(
                    {"article": article, "baseline": Baseline.PREVIOUS, "old": pair[0], "new": pair[1], **times}
                )
        return found


def _at(moment: str) -> datetime:
    found = instant(moment)
    if found is None:
        raise ValueError("a look without a time")
    return found
