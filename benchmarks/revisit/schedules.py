"""What is compared: the project's own policy through the tick interface, known schedules, and three oracles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from math import exp, log
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.revisit.worlds import DAY, HOUR, World, busy
from scheduler import plan
from scheduler.plan.model import AHEAD
from storage.types import Outcome

Floats = NDArray[np.float64]


class Schedule(Protocol):
    """What a tick asks for and tells."""

    def add(self, number: int, at: float) -> None:
        """An article was found."""

    def hint(self, number: int, at: float) -> None:
        """A feed gave a new date for it."""

    def choose(self, at: float, budget: int) -> list[int]:
        """Which articles to look at now."""

    def told(self, number: int, at: float, changed: bool) -> None:
        """What the look found."""


class Ours:
    """The project's policy as the service drives it: stored due times, a short list, an exact choice."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._model = plan.Model()
        self._fitted = 0
        self._states: dict[int, plan.Followed] = {}
        self._due: list[tuple[float, int]] = []
        self._planned: dict[int, float] = {}
        self._short: dict[int, plan.Followed] = {}

    def add(self, number: int, at: float) -> None:
        published = datetime.fromtimestamp(self._world.published[number], UTC)
        found = datetime.fromtimestamp(at, UTC)
        self._states[number] = plan.Followed.start(found, published, self._world.sections[number])
        self._plan(number, at)

    def hint(self, number: int, at: float) -> None:
        state = plan.hinted(self._states[number], "feed", "first")
        self._states[number] = plan.hinted(state, "feed", str(at))
        self._plan(number, at)

    def choose(self, at: float, budget: int) -> list[int]:
        if self._model.fitted != self._fitted:  # the nightly job: new curves, new due times
            self._fitted = self._model.fitted
            until = plan.to_replan(datetime.fromtimestamp(at, UTC)).timestamp()
            for number, due in list(self._planned.items()):
                if due < until:
                    self._plan(number, at)
        while self._due and self._due[0][0] <= at:
            due, number = heappop(self._due)
            if self._planned.get(number) == due:
                self._short[number] = self._states[number]
        return plan.choose(self._short, datetime.fromtimestamp(at, UTC), budget, self._model)

    def told(self, number: int, at: float, changed: bool) -> None:
        before, now = self._states[number], datetime.fromtimestamp(at, UTC)
        outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
        if before.last_look is None:
            outcome = Outcome.NEW
        plan.learn(self._model, plan.Observation(before, outcome, now))
        self._states[number] = plan.observe(before, outcome, now, self._model)
        self._plan(number, at)

    def _plan(self, number: int, at: float) -> None:
        self._short.pop(number, None)
        now = datetime.fromtimestamp(at, UTC)
        due = plan.next_due(self._states[number], now, self._model).timestamp()
        self._planned[number] = due
        heappush(self._due, (due, number))


class Ranked:
    """A schedule that scores every article found so far at every tick; the overdue ratio or index is what differs.

    Articles are found in the order of their numbers, so those found are the first ``found`` of every array.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.found = 0
        self._new: set[int] = set()  # found and never looked at: they come before all others
        self.last = np.full(len(world.published), world.end)
        self.changed = world.published.copy()
        self.interval = np.full(len(world.published), HOUR)

    def add(self, number: int, at: float) -> None:
        self.found = number + 1
        self._new.add(number)

    def hint(self, number: int, at: float) -> None:
        return

    def choose(self, at: float, budget: int) -> list[int]:
        new = sorted(self._new)[:budget]
        budget = min(budget - len(new), self.found - len(self._new))
        if budget <= 0:
            return new
        score = self.score(at)
        if self._new:
            score[list(self._new)] = -1.0
        best = np.argpartition(score, -budget)[-budget:]
        return new + [int(i) for i in best if score[i] > 0]

    def told(self, number: int, at: float, changed: bool) -> None:
        self._new.discard(number)
        self.last[number] = at
        if changed:
            self.changed[number] = at

    def score(self, at: float) -> Floats:
        """Of the articles found so far; at most 0: not to be looked at."""
        raise NotImplementedError


class Uniform(Ranked):
    """Every article equally often (changedetection.io)."""

    def score(self, at: float) -> Floats:
        return at - self.last[: self.found]


class AgeTable(Ranked):
    """NewsDiffs: an interval by the time since the last update."""

    _limits = np.array([[3 * HOUR], [DAY], [7 * DAY], [30 * DAY]])
    _steps = np.array([HOUR / 4, HOUR, 3 * HOUR, 3 * DAY, 30 * DAY])

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._apart = np.arange(len(world.published)) * 1e-6

    def score(self, at: float) -> Floats:
        row = (at - self.changed[: self.found] >= self._limits).sum(axis=0)
        # a microsecond apart, since thousands that are equal take long to rank
        return np.asarray((at - self.last[: self.found] + self._apart[: self.found]) / self._steps[row])


class Geometric(Ranked):
    """diffengine as intended: the wait grows with the age."""

    def score(self, at: float) -> Floats:
        age = at - self.world.published[: self.found]
        return np.asarray((at - self.last[: self.found]) / np.maximum(age, 300))


class Adaptive(Ranked):
    """Nutch: x 1.4 when unchanged, x 0.8 when changed."""

    def score(self, at: float) -> Floats:
        return np.asarray((at - self.last[: self.found]) / self.interval[: self.found])

    def told(self, number: int, at: float, changed: bool) -> None:
        if number not in self._new:
            step = self.interval[number] * (0.8 if changed else 1.4)
            self.interval[number] = min(max(step, 60.0), 365 * DAY)
        super().told(number, at, changed)


class RateOracle(Ranked):
    """Knows every article's rate, the true curve, the rhythm, the bursts and how far hints are true; not the edits.

    It ranks by the index of the study that the targets come from: a version seen late counts less, by up to two fifths.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._hints = np.zeros(len(world.published))
        self._quiet = 0.4 if world.hints else 1.0
        self._told_by = log(2) if world.hints else 0.0
        # at each article's last look: growth, the newsroom's hours passed, what was left of a burst
        self._grown, self._passed_last, self._left = np.zeros((3, len(world.published)))
        # by age, in equal steps of its logarithm: growth, and what the week after it brings; with the step to the next
        hours = np.exp(_LEAST + np.arange(_PIECES + 2) / _PER_LOG)
        self._curve = _stepped(world.growth(hours))
        self._ahead = _stepped(world.growth(hours + AHEAD) - world.growth(hours))
        ticks = world.end - DAY * 60 + np.arange(0, 60 * DAY + HOUR, HOUR)
        self._ticks = ticks
        self._now = 0.0
        self._passed = np.concatenate([[0.0], np.cumsum([busy(t) for t in ticks[:-1]])])

    def hint(self, number: int, at: float) -> None:
        self._hints[number] += 1

    def score(self, at: float) -> Floats:
        hours, x, _ = self._edits(at)
        y = x + hours / 24
        early, unchanged, kept = np.exp(-y), np.exp(-x), 0.6
        return np.asarray((1 - kept) * (x / y * (1 - early) - x * early) + kept * (1 - (1 + x) * unchanged))

    def _edits(self, at: float) -> tuple[Floats, Floats, Floats]:
        """Hours since the last look, the edits expected in them, and those of the week to come."""
        found, bursts = slice(self.found), self.world.kind.bursts
        self._come_to(at)
        hours = np.maximum((at - self.last[found]) / HOUR, 1e-9)
        grown = self._grown_now[found] - self._grown[found]
        rhythm = (self._passed_now - self._passed_last[found]) / hours
        rate = self._quiet * self.world.rates[found] * (1 + 0.5 * bursts)
        x = rate * grown * rhythm
        if bursts:
            x += self._quiet * bursts * self._left[found] * (1 - np.exp(-hours / 1.5))
        if self.world.hints:
            x += np.minimum(self._hints[found], 3) * self._told_by
        return hours, np.maximum(x, 1e-12), np.maximum(rate * self._ahead_now[found], 1e-12)

    def _come_to(self, at: float) -> None:
        """What time alone decides, once a tick for all looks."""
        if self._now == at:
            return
        self._now = at
        piece, part = _place((at - self.world.published) / HOUR)
        self._grown_now = self._curve[0][piece] + part * self._curve[1][piece]
        self._ahead_now = self._ahead[0][piece] + part * self._ahead[1][piece]
        self._passed_now = float(np.interp(at, self._ticks, self._passed))

    def told(self, number: int, at: float, changed: bool) -> None:
        super().told(number, at, changed)
        self._hints[number] = 0
        born, edited = self.world.published[number], self.changed[number]
        self._come_to(at)
        self._grown[number], self._passed_last[number] = self._grown_now[number], self._passed_now
        self._left[number] = exp(-(at - edited) / HOUR / 1.5) if edited > born else 0.0


class SharperOracle(RateOracle):
    """Knows the same and values a look by the policy's own formula, which catches more."""

    def score(self, at: float) -> Floats:
        _, x, ahead = self._edits(at)
        later, unchanged = ahead / x, np.exp(-x)
        return np.asarray(1 - unchanged - later * unchanged * (1 - np.exp(-x / later)))


_LEAST, _PIECES, _PER_LOG = log(0.01), 575, 40.0  # from half a minute to two years


def _stepped(curve: Floats) -> tuple[Floats, Floats]:
    return curve[:-1], np.diff(curve)


def _place(hours: Floats) -> tuple[NDArray[np.intp], Floats]:
    """In which piece of a curve ages lie, and how far."""
    place = np.clip((np.log(np.maximum(hours, 0.01)) - _LEAST) * _PER_LOG, 0, _PIECES)
    piece = place.astype(np.intp)
    return piece, place - piece


class Clairvoyant(Ranked):
    """Knows every edit and looks at the version that will be overwritten first."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        changes = sorted((at, n, i) for n, own in enumerate(world.edits) for i, at in enumerate(own))
        self._changes = changes
        self._next = 0
        self._gone = np.full(len(world.published), np.inf)  # when the version now shown, if unseen, is overwritten
        self._last = -np.arange(len(world.published), dtype=np.float64)  # nothing to see: all different, quick to rank

    def score(self, at: float) -> Floats:
        while self._next < len(self._changes) and self._changes[self._next][0] <= at:
            _, number, place = self._changes[self._next]
            own = self.world.edits[number]
            self._gone[number] = own[place + 1] if place + 1 < len(own) else self.world.end + DAY
            self._next += 1
        gone = self._gone[: self.found]
        return np.where(np.isfinite(gone), 1 / (1 + np.maximum(gone - at, 0)), self._last[: self.found])

    def told(self, number: int, at: float, changed: bool) -> None:
        super().told(number, at, changed)
        self._gone[number] = np.inf


SCHEDULES: dict[str, Callable[[World], Schedule]] = {
    "uniform": Uniform,
    "age table (NewsDiffs)": AgeTable,
    "geometric (diffengine)": Geometric,
    "adaptive (Nutch)": Adaptive,
    "zaesur": Ours,
    "rate oracle": RateOracle,
    "rate oracle, sharper": SharperOracle,
    "clairvoyant": Clairvoyant,
}
