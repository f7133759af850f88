"""What was learned about when articles are edited: by age, hour and group, and how far hints can be trusted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from math import exp, expm1, log
from typing import Any

from scheduler.plan.state import START_ALPHA, Followed
from storage.types import Outcome

HOUR = 3600.0
DAY = 86400.0
WEEK = 168
# 44 ages of growing width, in hours: from 6 minutes to 1.3 years
_FIRST, _LAST, BINS = 0.1, 11400.0, 44
_STEP = log(_LAST / _FIRST) / (BINS - 1)
EDGES = (0.0, *(_FIRST * exp(_STEP * i) for i in range(BINS)))
_STARTS = EDGES[:-1]  # the last slope holds beyond the last age
LIVES = 30.0  # the published prior counts as much as this many articles of our own
HOURLY = 10.0  # and the flat week as much as this many edits an hour of the day
_LONGEST_FOR_RHYTHM = 6.0  # hours between two looks; a longer wait does not tell the hour of an edit
# a look that found the page, whatever it found
_TOLD = {Outcome.CHANGED: True, Outcome.UNCHANGED: False, Outcome.NOT_MODIFIED: False}


def published_growth(age: float) -> float:
    """Share of an article's edits that come before ``age`` hours; sources in docs/revisit-policy.md."""
    return 1.0 - float((1 + age / 2) ** -0.6)


def _prior_edits() -> list[float]:
    return [LIVES * (published_growth(b) - published_growth(a)) for a, b in pairwise(EDGES)]


def _prior_exposure() -> list[float]:
    return [LIVES * (b - a) for a, b in pairwise(EDGES)]


@dataclass(frozen=True, slots=True)
class Observation:
    """A look as a lesson: the state before it, how it ended and when."""

    before: Followed
    outcome: Outcome
    at: datetime


@dataclass(kw_only=True)
class Model:
    """Experience shared by all articles of an outlet. ``learn`` changes it in place; its curves are refitted daily.

    ``edits`` and ``exposure`` are by age; ``hourly`` holds (edits, expected) of 24 weekday and 24 weekend hours;
    ``groups`` (edits, expected) by group; ``hints`` (announced changes, changes, announced looks, of these changed).
    ``threshold`` follows the value of the least look that the budget allowed, ``old_threshold`` the same for the
    archive's share; ``turn`` counts looks for that share.
    """

    edits: list[float] = field(default_factory=_prior_edits)
    exposure: list[float] = field(default_factory=_prior_exposure)
    hourly: list[list[float]] = field(default_factory=lambda: [[HOURLY, HOURLY] for _ in range(48)])
    groups: dict[str, list[float]] = field(default_factory=dict)
    hints: list[float] = field(default_factory=lambda: [2.0, 4.0, 4.0, 2.0])
    threshold: float = 0.01
    old_threshold: float = 0.005
    turn: int = 0
    fitted: int = 0

    def __post_init__(self) -> None:
        self.refit()

    def refit(self) -> None:
        """Turn counts into curves."""
        self._hazard = [e / x for e, x in zip(self.edits, self.exposure, strict=True)]
        self._grown = [0.0]
        for b, hazard in enumerate(self._hazard):
            self._grown.append(self._grown[-1] + hazard * (EDGES[b + 1] - EDGES[b]))
        hours = [edits / expected for edits, expected in self.hourly]
        week = [hours[h % 24 + (24 if h >= 120 else 0)] for h in range(WEEK)]
        mean = sum(week) / WEEK
        self._week = [hour / mean for hour in week]
        self._passed = [0.0]
        for hour in self._week:
            self._passed.append(self._passed[-1] + hour)
        self._until, self._passed_until = 0.0, self._elapsed(0.0)
        self._quiet = 1 - self.hints[0] / self.hints[1]
        self._told = -log(1 - min(self.hints[3] / self.hints[2], 0.999))

    @property
    def announced(self) -> float:
        """Share of the changes found that a hint had announced."""
        return self.hints[0] / self.hints[1]

    @property
    def truthful(self) -> float:
        """Share of the announced looks that found a change."""
        return self.hints[3] / self.hints[2]

    def growth(self, age: float) -> float:
        """Edits an ordinary article has had at ``age`` hours."""
        if age <= 0:
            return 0.0
        b = bisect_right(_STARTS, age) - 1
        return self._grown[b] + self._hazard[b] * (age - EDGES[b])

    def rhythm(self, since: float, until: float) -> float:
        """How busy the hours between two moments are; 1 is the mean of the week."""
        if until - since < 1.0:
            return self._week[_hour(until)]
        if until != self._until:  # a choice asks about many articles at one moment
            self._until, self._passed_until = until, self._elapsed(until)
        return (self._passed_until - self._elapsed(since)) / ((until - since) / HOUR)

    def _elapsed(self, at: float) -> float:
        at = at / HOUR - 96  # 1970 began on a Thursday
        hours = at % WEEK
        whole = int(hours)
        return at - hours + self._passed[whole] + self._week[whole] * (hours - whole)

    def hazard(self, state: Followed, now: float) -> float:
        """Edits expected of an ordinary article between this one's last look and ``now``."""
        last = state.last_look
        if last is None:
            last = state.first_seen
        if now <= last:
            return 0.0
        born = state.published
        if born is None:
            born = state.first_seen
        return (self.growth((now - born) / HOUR) - self.growth((last - born) / HOUR)) * self.rhythm(last, now)

    def unseen(self, state: Followed, now: float) -> float:
        """Edits of this article expected since its last look, hints included (x in docs/revisit-policy.md)."""
        x = self._quiet * state.alpha / state.beta * self.hazard(state, now)
        return x + min(state.hints, 3) * self._told if state.hints else x

    def outlook(self, state: Followed) -> Callable[[float], float]:
        """``unseen`` of one article as a function of the moment: what stays the same is worked out once."""
        last = state.first_seen if state.last_look is None else state.last_look
        born, rate = state.born, self._quiet * state.alpha / state.beta
        grown, passed = self.growth((last - born) / HOUR), self._elapsed(last)
        hinted = min(state.hints, 3) * self._told

        def unseen(now: float) -> float:
            if now - last < 1.0:
                return self.unseen(state, now)
            rhythm = (self._elapsed(now) - passed) / ((now - last) / HOUR)
            return rate * (self.growth((now - born) / HOUR) - grown) * rhythm + hinted

        return unseen

    def start_beta(self, group: str) -> float:
        """The belief a new article starts with: the mean of its group, drawn towards an ordinary article."""
        edits, expected = self.groups.get(group, (0.0, 0.0))
        return START_ALPHA * (expected + 10) / (edits + 8)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Model:
        """The model these values describe."""
        return cls(**row)


def _hour(at: float) -> int:
    return int((at / HOUR - 96) % WEEK)


def learn(model: Model, seen: Observation) -> None:
    """Take a lesson from one look. Looks that did not show the page teach nothing; nor does the first."""
    state, at, changed = seen.before, seen.at.timestamp(), _TOLD.get(seen.outcome)
    if changed is None or state.last_look is None or at <= state.last_look:
        return
    ordinary = model.hazard(state, at)
    rate = state.alpha / state.beta
    found = _expected_edits(rate * ordinary) if changed else 0.0
    busy = model.rhythm(state.last_look, at)
    _learn_ages(model, state, at, rate * busy, found)
    if at - state.last_look <= _LONGEST_FOR_RHYTHM * HOUR:
        hour = _hour((at + state.last_look) / 2)
        cell = model.hourly[hour % 24 + (24 if hour >= 120 else 0)]
        cell[0] += found
        cell[1] += rate * ordinary / max(busy, 0.05)
    group = model.groups.setdefault(state.group, [0.0, 0.0])
    group[0] += found
    group[1] += ordinary
    _learn_hints(model, state, changed)
    if int(at // DAY) != model.fitted:
        model.fitted = int(at // DAY)
        model.refit()


def _expected_edits(x: float) -> float:
    """How many edits there were, given that there was one."""
    return 1.0 if x < 1e-9 else x / -expm1(-x)


def _learn_ages(model: Model, state: Followed, at: float, rate: float, found: float) -> None:
    start, end = ((t - state.born) / HOUR for t in (state.last_look or at, at))
    grown = model.growth(end) - model.growth(start)
    for b in range(bisect_right(_STARTS, max(start, 0.0)) - 1, BINS):
        upper = EDGES[b + 1] if b + 1 < BINS else float("inf")
        if EDGES[b] >= end:
            break
        overlap = min(end, upper) - max(start, EDGES[b], 0.0)
        if overlap <= 0:
            continue
        model.exposure[b] += rate * overlap
        if found and grown > 0:
            model.edits[b] += found * model._hazard[b] * overlap / grown


def _learn_hints(model: Model, state: Followed, changed: bool) -> None:
    if changed:
        model.hints[1] += 1
        model.hints[0] += bool(state.hints)
    if state.hints:
        model.hints[2] += 1
        model.hints[3] += changed
