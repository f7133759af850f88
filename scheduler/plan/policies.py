"""The three policies: learned (the default), fixed interval, age table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import exp, inf, log
from typing import Protocol

from scheduler.plan.model import DAY, HOUR, Model
from scheduler.plan.observing import chance
from scheduler.plan.state import Followed
from storage.errors import UserError

FLOOR = 30 * DAY  # nothing is forgotten: everything at least once in this time, as far as the budget carries
SHORTEST = 5 * 60.0  # seconds between two looks at an article
MARGIN = 0.4  # an article enters the short list when its value reaches this part of the threshold
OLD_MARGIN = 0.6  # an old one: of the steady threshold
LEAST = 5e-5  # no look is worth less, however large the budget
LEAST_URGENT = 0.1  # the same for the archive's share: unseen edits times hours
OLD = 7 * DAY
NEAR = 0.1  # how exactly the moment is found
# the table of NewsDiffs (2012): seconds since publication or the last change, seconds between looks
AGES = ((3 * HOUR, 15 * 60.0), (DAY, HOUR), (7 * DAY, 3 * HOUR), (30 * DAY, 3 * DAY))


class Policy(Protocol):
    """How a watch decides when to look again."""

    @property
    def name(self) -> str:
        """As written in the configuration."""

    def value(self, state: Followed, now: datetime, model: Model) -> float:
        """What a look now is worth; only for ranking against values of the same policy."""

    def next_due(self, state: Followed, now: datetime, model: Model) -> datetime:
        """When to look next."""

    def explain(self, state: Followed, now: datetime, model: Model) -> list[str]:
        """Why, in sentences."""


class Learned:
    """A look is worth the versions it is expected to save, against what a look costs; see docs/revisit-policy.md."""

    name = "learned"

    def __init__(self, floor: float = FLOOR) -> None:
        self._floor = floor

    def value(self, state: Followed, now: datetime, model: Model) -> float:
        """0 (nothing can have happened) to 1; 2 for an article never looked at."""
        return model.weigh([state], now.timestamp())[0][0]

    def next_due(self, state: Followed, now: datetime, model: Model) -> datetime:
        """The first moment at which the value reaches the short list, at the latest the floor."""
        return _moment(self._next_due(state, now.timestamp(), model))

    def _next_due(self, state: Followed, now: float, model: Model) -> float:
        if state.retry_at is not None:
            return state.retry_at
        if state.last_look is None or state.hints:
            return now
        last, ahead, old = state.last_look, model.outlook(state), now - state.born > OLD
        # what the old are worth hardly changes in a day: they do not become due in masses when looks are cheap at night
        enough = max(OLD_MARGIN * model.steady if old else MARGIN * model.threshold, LEAST)
        level = model.archive_level if old else inf

        def reached(wait: float) -> float:
            hazard, coming = ahead(last + wait)
            worth = model.worth(state, hazard, coming) / enough
            return max(worth, model.urgency(state, hazard, wait) / level) if old else worth

        return last + _first(reached, 0.3 * (last - state.born), self._floor)

    def explain(self, state: Followed, now: datetime, model: Model) -> list[str]:
        """Age, belief, hints, value and threshold, each in a sentence."""
        if trouble := _trouble(state):
            return [trouble]
        if state.last_look is None:
            return ["It was never seen; a first look comes before all others."]
        at = now.timestamp()
        x, rate = model.unseen(state, at), state.alpha / state.beta
        lines = [
            f"Published {_words(at - state.born)} ago, last seen {_words(at - state.last_look)} ago.",
            f"It is edited {rate:.2g} times as often as an ordinary article of its age, as far as its looks tell.",
            f"{x:.2g} unseen edits are expected, a chance of {chance(x):.0%} that it has changed.",
        ]
        if state.hints:
            lines.append(
                f"{state.hints} hint(s) from feeds or sitemaps; they are true {model.truthful:.0%} of the time."
            )
        lines.append(
            f"A look now is worth {self.value(state, now, model):.2g} versions that later looks would not catch; "
            f"looks at {model.threshold:.2g} are affordable. "
            f"It is looked at {_words(self._floor)} after the last look at the latest."
        )
        return lines


class Fixed:
    """The same interval for every article."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.name = f"fixed:{seconds:.0f}"

    def interval(self, state: Followed, now: float) -> float:
        """Seconds between two looks."""
        return self._seconds

    def value(self, state: Followed, now: datetime, model: Model) -> float:
        """How overdue it is: 1 when just due."""
        at = now.timestamp()
        return float("inf") if state.last_look is None else (at - state.last_look) / self.interval(state, at)

    def next_due(self, state: Followed, now: datetime, model: Model) -> datetime:
        """The last look plus the interval; after trouble, the retry."""
        if state.retry_at is not None:
            return _moment(state.retry_at)
        if state.last_look is None:
            return now
        return _moment(state.last_look + self.interval(state, now.timestamp()))

    def explain(self, state: Followed, now: datetime, model: Model) -> list[str]:
        """The interval that applies."""
        if trouble := _trouble(state):
            return [trouble]
        return [f"Policy {self.name}: looked at every {_words(self.interval(state, now.timestamp()))}."]


class Ages(Fixed):
    """An interval by the time since publication or the last change; the floor beyond the table."""

    def __init__(self, table: tuple[tuple[float, float], ...] = AGES, floor: float = FLOOR) -> None:
        super().__init__(floor)
        self.name = "ages"
        self._table = table

    def interval(self, state: Followed, now: float) -> float:
        """Seconds between two looks at its present age."""
        age = now - max(state.born, state.last_change or 0.0)
        return next((step for limit, step in self._table if age < limit), self._seconds)


LEARNED = Learned()


def to_replan(now: datetime) -> datetime:
    """Up to which due time articles are planned anew in this night: all on Mondays, else those of two days."""
    return datetime.max.replace(tzinfo=UTC) if now.weekday() == 0 else now + timedelta(days=2)


_LONGEST = 10 * 365 * DAY
_AS_NOTED = re.compile(r"[0-9](\.[0-9]+)?e\+[0-9]{2,3}")  # how a million seconds and more were written down once


def policy(name: str) -> Policy:
    """The policy of that name: ``learned``, ``fixed:SECONDS`` or ``ages``; raises UserError for any other."""
    if name == "learned":
        return LEARNED
    if name == "ages":
        return Ages()
    kind, _, seconds = name.partition(":")
    if kind == "fixed" and _AS_NOTED.fullmatch(seconds):
        return Fixed(min(float(seconds), _LONGEST))
    if kind == "fixed" and seconds.isdecimal() and 60 <= float(seconds) <= _LONGEST:
        return Fixed(float(seconds))
    raise UserError(f"no policy {name!r}; there are learned, ages and fixed:SECONDS (at least 60, at most ten years)")


def _first(reached: Callable[[float], float], wait: float, longest: float) -> float:
    """About the first wait at which ``reached``, which grows, is 1, at most ``longest``; ``wait`` is where to begin."""
    short, long = log(SHORTEST), log(longest)
    at = min(max(log(wait) if wait > SHORTEST else short, short), long)
    slope, before = 1.4, None  # it grows about as the wait or as its square
    while long - short > NEAR:
        share = reached(exp(at))
        lag = log(share) if share > 1e-30 else -70.0
        if -NEAR < lag < NEAR:
            break
        if lag < 0:
            short = at
        else:
            long = at
        if before:
            slope = min(max((lag - before[1]) / (at - before[0]), 0.3), 3.0)
        before = at, lag
        at -= lag / slope
        edge = 0.1 * (long - short)
        if not short + edge < at < long - edge:
            at = short + edge if at < short + edge else long - edge
    return min(exp(at), longest)


def _trouble(state: Followed) -> str:
    if state.retry_at is None or state.outcome is None:
        return ""
    when = _moment(state.retry_at)
    if state.failures:
        return f"The last {state.failures} look(s) ended {state.outcome.value}; tried again {when:%Y-%m-%d %H:%M} UTC."
    return f"The last text was one seen before, or the server asked to wait; looked at again {when:%Y-%m-%d %H:%M} UTC."


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _words(seconds: float) -> str:
    for size, name in ((DAY, "days"), (HOUR, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{max(seconds, 0):.0f} seconds"
