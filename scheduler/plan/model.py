"""What was learned about when articles are edited: by age, hour and group, and how far hints can be trusted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from itertools import pairwise
from math import exp, expm1, log, log1p
from typing import Any

from scheduler.plan.state import START_ALPHA, Followed
from storage.types import Outcome

HOUR = 3600.0
DAY = 86400.0
WEEK = 168
_MONDAY = 96  # hours from the start of 1970, a Thursday, to the first Monday
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
    ``threshold`` follows the value of the least look that the budget allowed, ``archive_level`` the urgency of the
    least look of the archive's share; ``turn`` counts looks for that share.
    """

    edits: list[float] = field(default_factory=_prior_edits)
    exposure: list[float] = field(default_factory=_prior_exposure)
    hourly: list[list[float]] = field(default_factory=lambda: [[HOURLY, HOURLY] for _ in range(48)])
    groups: dict[str, list[float]] = field(default_factory=dict)
    hints: list[float] = field(default_factory=lambda: [2.0, 4.0, 4.0, 2.0])
    threshold: float = 0.01
    archive_level: float = 1.0
    turn: int = 0
    fitted: int = 0

    def __post_init__(self) -> None:
        self.refit()

    def refit(self) -> None:
        """Turn counts into curves."""
        self._hazard = [e / x for e, x in zip(self.edits, self.exposure, strict=True)]
        # each piece of a curve as a line: where it would begin, and its slope
        self._at_birth, grown = [], 0.0
        for b, hazard in enumerate(self._hazard):
            self._at_birth.append(grown - hazard * EDGES[b])
            grown += hazard * (EDGES[b + 1] - EDGES[b])
        hours = [edits / expected for edits, expected in self.hourly]
        week = [hours[h % 24 + (24 if h >= 120 else 0)] for h in range(WEEK)]
        mean = sum(week) / WEEK
        self._week = [hour / mean for hour in week]
        self._at_monday, passed = [], 0.0
        for number, hour in enumerate(self._week):
            self._at_monday.append(passed - hour * number)
            passed += hour
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
        return self._at_birth[b] + self._hazard[b] * age

    def rhythm(self, since: float, until: float) -> float:
        """How busy the hours between two moments are; 1 is the mean of the week."""
        if until - since < 1.0:
            return self._week[_hour(until)]
        return (self._elapsed(until) - self._elapsed(since)) / ((until - since) / HOUR)

    def _elapsed(self, at: float) -> float:
        at = at / HOUR - _MONDAY
        hours = at % WEEK
        whole = int(hours)
        return at - hours + self._at_monday[whole] + self._week[whole] * hours

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
        return self._quiet * state.alpha / state.beta * self.hazard(state, now) + self._hinted(state)

    def worth(self, state: Followed, hazard: float) -> float:
        """What a look is worth: the chance of at least two unseen edits, for the belief about the article's rate.

        ``hazard`` is what an ordinary article may have had since the last look.
        """
        hidden, told = self._quiet * hazard, self._hinted(state) if state.hints else 0.0
        none = exp(-state.alpha * log1p(hidden / state.beta) - told)
        return 1 - none * (1 + state.alpha * hidden / (state.beta + hidden) + told)

    def urgency(self, state: Followed, hazard: float, waited: float) -> float:
        """By what the archive's share of looks goes: unseen edits expected, times hours waited (seconds in)."""
        return state.alpha / state.beta * hazard * waited / HOUR

    def _hinted(self, state: Followed) -> float:
        return min(state.hints, 3) * self._told

    def hazards(self, states: Iterable[Followed], now: float) -> list[float]:
        """``hazard`` of many articles at one moment: what they share is worked out once."""
        ordinary, passed_now, starts = [], self._elapsed(now), _STARTS
        hazard, at_birth, week, at_monday = self._hazard, self._at_birth, self._week, self._at_monday
        for state in states:
            last, born = state.last_look, state.published
            if last is None or now - last < 1.0:
                ordinary.append(self.hazard(state, now))
                continue
            if born is None:
                born = state.first_seen
            before = after = 0.0
            if now > born:
                age = (now - born) / HOUR
                b = bisect_right(starts, age) - 1
                after = at_birth[b] + hazard[b] * age
            if last > born:
                age = (last - born) / HOUR
                b = bisect_right(starts, age) - 1
                before = at_birth[b] + hazard[b] * age
            hours = last / HOUR - _MONDAY
            of_week = hours % WEEK
            whole = int(of_week)
            passed = hours - of_week + at_monday[whole] + week[whole] * of_week
            ordinary.append((after - before) * (passed_now - passed) / ((now - last) / HOUR))
        return ordinary

    def outlook(self, state: Followed) -> Callable[[float], float]:
        """``hazard`` of one article as a function of the moment: what stays the same is worked out once."""
        last = state.first_seen if state.last_look is None else state.last_look
        born = state.born
        grown, passed = self.growth((last - born) / HOUR), self._elapsed(last)

        def hazard(now: float) -> float:
            if now - last < 1.0:
                return self.hazard(state, now)
            rhythm = (self._elapsed(now) - passed) / ((now - last) / HOUR)
            return (self.growth((now - born) / HOUR) - grown) * rhythm

        return hazard

    def start_beta(self, group: str) -> float:
        """The belief a new article starts with: the mean of its group, drawn towards an ordinary article."""
        edits, expected = self.groups.get(group, (0.0, 0.0))
        return START_ALPHA * (expected + 10) / (edits + 8)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Model:
        """The model these values describe; names this version does not know are left out."""
        return cls(**{name: value for name, value in row.items() if name in _NAMES})


_NAMES = {kept.name for kept in fields(Model)}


def _hour(at: float) -> int:
    return int((at / HOUR - _MONDAY) % WEEK)


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
