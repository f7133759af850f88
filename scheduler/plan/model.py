"""What was learned about when articles are edited: by age, hour and group, and how far hints can be trusted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import accumulate, pairwise
from math import exp, log, log1p
from typing import Any

from scheduler.plan.state import START_ALPHA, Followed

HOUR = 3600.0
DAY = 86400.0
WEEK = 168
_MONDAY = 96  # hours from the start of 1970, a Thursday, to the first Monday
# 44 ages of growing width, in hours: from 6 minutes to 1.3 years
_FIRST, _LAST, BINS = 0.1, 11400.0, 44
_STEP = log(_LAST / _FIRST) / (BINS - 1)
EDGES = (0.0, *(_FIRST * exp(_STEP * i) for i in range(BINS)))
STARTS = EDGES[:-1]  # the last slope holds beyond the last age
LIVES = 30.0  # the published prior counts as much as this many articles of our own
HOURLY = 10.0  # and the week of publications as much as this many edits an hour of the day
FIRST = 2.0  # the worth of a first look: it competes with none of the others, which are worth 1 at most
PAUSE = 900.0  # seconds without a choice after which nobody can say that an article only waited for its turn
RESTS = 20  # so many of an outlet's rests are remembered
AHEAD = 168.0  # hours; edits that come later than in a week are no reason to look later


def published_growth(age: float) -> float:
    """Share of an article's edits that come before ``age`` hours; sources in docs/revisit-policy.md."""
    return 1.0 - float((1 + age / 2) ** -0.6)


def _prior_edits() -> list[float]:
    return [LIVES * (published_growth(b) - published_growth(a)) for a, b in pairwise(EDGES)]


def _prior_exposure() -> list[float]:
    return [LIVES * (b - a) for a, b in pairwise(EDGES)]


@dataclass(kw_only=True)
class Model:
    """Experience shared by all articles of an outlet. ``learning`` changes it in place; its curves are refitted daily.

    ``edits`` and ``exposure`` are by age; ``hourly`` holds (edits, expected) of 24 weekday and 24 weekend hours,
    ``births`` (publications, days watched) of the same; ``groups`` (edits, expected) by group; ``hints`` (announced
    changes, changes, announced looks, of these changed). ``threshold`` follows the value of the least look that the
    budget allowed, ``steady`` follows it in a day (``asked`` says up to when), ``archive_level`` the urgency at which
    a few of the old wait for their share of looks; ``turn`` counts looks for that share. ``chosen`` is when looks were
    chosen last, ``resumed`` since when that has been done without a pause; ``rests`` (since, until, why) those of late, in
    which the outlet was left alone.
    """

    edits: list[float] = field(default_factory=_prior_edits)
    exposure: list[float] = field(default_factory=_prior_exposure)
    hourly: list[list[float]] = field(default_factory=lambda: [[HOURLY, HOURLY] for _ in range(48)])
    births: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0] for _ in range(48)])
    groups: dict[str, list[float]] = field(default_factory=dict)
    hints: list[float] = field(default_factory=lambda: [2.0, 4.0, 4.0, 2.0])
    threshold: float = 0.01
    steady: float = 0.01
    asked: float = 0.0
    archive_level: float = 1.0
    turn: int = 0
    chosen: float = 0.0
    resumed: float = 0.0
    rests: list[tuple[float, float, str]] = field(default_factory=list)
    fitted: int = 0

    def __post_init__(self) -> None:
        self.refit()

    def refit(self) -> None:
        """Turn counts into curves."""
        self.slopes = [e / x for e, x in zip(self.edits, self.exposure, strict=True)]
        # G by age and what the week after it brings, each piece as two lines: where it would begin, and its slope
        steps = [slope * (end - start) for slope, (start, end) in zip(self.slopes, pairwise(EDGES), strict=True)]
        grown = accumulate(steps, initial=0.0)
        self._pieces = [(g - k * start, k, 0.0, 0.0) for g, k, start in zip(grown, self.slopes, STARTS, strict=False)]
        ahead = [self.growth(edge + AHEAD) - self.growth(edge) for edge in EDGES]
        for b, (start, end) in enumerate(pairwise(EDGES)):
            more = (ahead[b + 1] - ahead[b]) / (end - start)
            self._pieces[b] = (*self._pieces[b][:2], ahead[b] - more * start, more)
        self._pieces[-1] = (*self._pieces[-1][:2], ahead[-1], 0.0)  # beyond the last age nothing changes any more
        hours = self._hours()
        week = [hours[cell(h)] for h in range(WEEK)]
        mean = sum(week) / WEEK
        self._week = [hour / mean for hour in week]
        self._at_monday, passed = [], 0.0
        for number, hour in enumerate(self._week):
            self._at_monday.append(passed - hour * number)
            passed += hour
        self._quiet = 1 - self.hints[0] / self.hints[1]
        self._told = -log(1 - min(self.hints[3] / self.hints[2], 0.999))

    def _hours(self) -> list[float]:
        """How busy the 48 hours are: as busy with edits as with publications, until edits tell otherwise."""
        published, watched = map(sum, zip(*self.births, strict=True))
        mean = (published + 1) / (watched + 1)
        busy = [(own + 2) / (mean * days + 2) for own, days in self.births]
        return [
            (edits + HOURLY * (prior - 1)) / expected
            for (edits, expected), prior in zip(self.hourly, busy, strict=True)
        ]

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
        at_birth, slope, _, _ = self._pieces[bisect_right(STARTS, age) - 1]
        return at_birth + slope * age

    def rhythm(self, since: float, until: float) -> float:
        """How busy the hours between two moments are; 1 is the mean of the week."""
        if until - since < 1.0:
            return self._week[hour_of_week(until)]
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

    def coming(self, age: float) -> float:
        """Edits an ordinary article will have in the week after ``age`` hours."""
        age = max(age, 0.0)
        _, _, start, more = self._pieces[bisect_right(STARTS, age) - 1]
        return start + more * age

    def worth(self, state: Followed, hazard: float, coming: float) -> float:
        """What a look is worth: the versions it saves that later looks would not, for the belief about the rate.

        ``hazard`` is what an ordinary article may have had since the last look, ``coming`` what it will have yet.
        """
        alpha, beta = state.alpha, state.beta
        hidden = gap = self._quiet * hazard
        false = 1.0  # the chance that no hint is true
        if state.hints:
            told = self._hinted(state)
            gap += told * beta / alpha
            false = exp(-told)
        if gap <= 0:
            return 0.0
        unchanged = false * exp(-alpha * log1p(hidden / beta))
        later = self._quiet * coming / gap  # looks in the week to come, were they as far apart
        if later < 1e-6:  # nothing more will come: what is unseen stays
            return 1 - unchanged
        worth = 1 - unchanged - later * (unchanged - false * exp(-alpha * log1p((hidden + gap / later) / beta)))
        return worth if worth > 0 else 0.0

    def urgency(self, state: Followed, hazard: float, waited: float) -> float:
        """By what the archive's share of looks goes: unseen edits expected, times hours waited (seconds in)."""
        return state.alpha / state.beta * hazard * waited / HOUR

    def _hinted(self, state: Followed) -> float:
        return min(state.hints, 3) * self._told

    def weigh(self, states: Iterable[Followed], now: float) -> tuple[list[float], list[float]]:
        """What a look at each of these is worth at one moment, and ``hazard``: what they share is worked out once."""
        worths, hazards, worth, passed_now = [], [], self.worth, self._elapsed(now)
        pieces, week, at_monday, starts, now_hours = self._pieces, self._week, self._at_monday, STARTS, now / HOUR
        for state in states:
            last, born = state.last_look, state.published
            if last is None:
                worths.append(FIRST)
                hazards.append(0.0)
                continue
            if born is None:
                born = state.first_seen
            if now - last < 1.0 or now <= born:
                hazard, coming = self.hazard(state, now), self.coming((now - born) / HOUR)
            else:
                born /= HOUR
                hours = last / HOUR
                age = now_hours - born
                at_birth, slope, start, more = pieces[bisect_right(starts, age) - 1]
                coming, hazard = start + more * age, at_birth + slope * age
                if hours > born:
                    age = hours - born
                    at_birth, slope, _, _ = pieces[bisect_right(starts, age) - 1]
                    hazard -= at_birth + slope * age
                whole = int(of_week := (hours - _MONDAY) % WEEK)
                # the newsroom's hours passed since, as the curve has them, over those of the clock
                passed = hours - _MONDAY - of_week + at_monday[whole] + week[whole] * of_week
                hazard *= (passed_now - passed) / (now_hours - hours)
            worths.append(worth(state, hazard, coming))
            hazards.append(hazard)
        return worths, hazards

    def outlook(self, state: Followed) -> Callable[[float], tuple[float, float]]:
        """``hazard`` and ``coming`` of one article at a moment: what stays the same is worked out once."""
        last = state.first_seen if state.last_look is None else state.last_look
        born = state.born
        grown, passed = self.growth((last - born) / HOUR), self._elapsed(last)
        pieces, elapsed = self._pieces, self._elapsed

        def at(now: float) -> tuple[float, float]:
            age = (now - born) / HOUR
            if now - last < 1.0 or age <= 0:
                return self.hazard(state, now), self.coming(age)
            at_birth, slope, start, more = pieces[bisect_right(STARTS, age) - 1]
            rhythm = (elapsed(now) - passed) / ((now - last) / HOUR)
            return (at_birth + slope * age - grown) * rhythm, start + more * age

        return at

    def start_beta(self, group: str) -> float:
        """The belief a new article starts with: the mean of its group, drawn towards an ordinary article."""
        edits, expected = self.groups.get(group, (0.0, 0.0))
        return START_ALPHA * (expected + 10) / (edits + 8)

    def choosing(self, now: float) -> None:
        """Looks are chosen now."""
        if not 0 <= now - self.chosen <= PAUSE:
            self.resumed = now
        self.chosen = now

    def paused(self, since: float, until: float) -> bool:
        """Whether there was a time between two moments when nothing was chosen; since the later one, choices may have gone on."""
        return self.resumed > since + 60.0 or until - self.chosen > PAUSE

    def resting(self, now: float, until: float, why: str) -> None:
        """The outlet is left alone until a moment: nothing can be chosen, and that is no pause of ours."""
        since = now
        if self.rests and self.rests[-1][1] >= now:  # it goes on
            since = self.rests.pop()[0]
        self.rests = [*self.rests[1 - RESTS :], (since, until, why)]
        self.choosing(now)

    def rested(self, since: float, until: float) -> str:
        """Why the outlet was left alone for longer than PAUSE between two moments; nothing when it was not."""
        within = [(min(end, until) - max(start, since), why) for start, end, why in self.rests]
        return max(within)[1] if sum(max(seconds, 0.0) for seconds, _ in within) > PAUSE else ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Model:
        """The model these values describe; names this version does not know are left out."""
        return cls(**{name: value for name, value in row.items() if name in _NAMES})


_NAMES = {kept.name for kept in fields(Model)}


def hour_of_week(at: float) -> int:
    return int((at / HOUR - _MONDAY) % WEEK)


def cell(hour: int) -> int:
    """Which of 24 weekday and 24 weekend hours an hour of the week is."""
    return hour % 24 + (24 if hour >= 120 else 0)
