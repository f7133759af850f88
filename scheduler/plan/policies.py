"""The three policies: learned (the default), fixed interval, age table."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime
from math import inf
from typing import Protocol

from scheduler.plan.model import DAY, HOUR, Model
from scheduler.plan.observing import chance
from scheduler.plan.state import Followed
from storage.errors import UserError

FLOOR = 30 * DAY  # nothing is forgotten: everything at least once in this time, as far as the budget carries
SHORTEST = 5 * 60.0  # seconds between two looks at an article
MARGIN = 0.4  # an article enters the short list when its value reaches this part of the threshold
ARCHIVE_MARGIN = 0.9  # the same for the archive's share of looks
LEAST = 5e-5  # no look is worth less, however large the budget
LEAST_URGENT = 0.1  # the same for the archive's share: unseen edits times hours
OLD = 7 * DAY
_GRID = tuple(SHORTEST * float((90 * DAY / SHORTEST) ** (i / 63)) for i in range(64))
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
        return 2.0 if state.last_look is None else model.worth(state, model.hazard(state, now.timestamp()))

    def next_due(self, state: Followed, now: datetime, model: Model) -> datetime:
        """The first moment at which the value reaches the short list, at the latest the floor."""
        return _moment(self._next_due(state, now.timestamp(), model))

    def _next_due(self, state: Followed, now: float, model: Model) -> float:
        if state.retry_at is not None:
            return state.retry_at
        if state.last_look is None or state.hints:
            return now
        last, hazard, old = state.last_look, model.outlook(state), now - state.born > OLD
        # the old have looks of their own, the same by day and by night: they need no margin to compete for the others
        enough = max(model.threshold if old else MARGIN * model.threshold, LEAST)
        level = ARCHIVE_MARGIN * model.archive_level if old else inf

        def reaches(wait: float) -> bool:
            ordinary = hazard(last + wait)
            return model.worth(state, ordinary) >= enough or model.urgency(state, ordinary, wait) >= level

        # both grow with the wait: the first point of the grid that is enough
        place = bisect_left(_GRID, True, key=reaches)
        return last + min(_GRID[place] if place < len(_GRID) else self._floor, self._floor)

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
        due = self.next_due(state, now, model)
        lines.append(
            f"A look now is worth {self.value(state, now, model):.2g}, the chance that two edits or more wait for it; "
            f"looks at {model.threshold:.2g} are affordable. "
            f"Due {due:%Y-%m-%d %H:%M} UTC, and {_words(self._floor)} after the last look at the latest."
        )
        return lines


class Fixed:
    """The same interval for every article."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.name = f"fixed:{seconds:g}"

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


def policy(name: str) -> Policy:
    """The policy of that name: ``learned``, ``fixed:SECONDS`` or ``ages``; raises UserError for any other."""
    if name == "learned":
        return LEARNED
    if name == "ages":
        return Ages()
    kind, _, seconds = name.partition(":")
    if kind == "fixed" and seconds.isdecimal() and int(seconds) >= 60:
        return Fixed(int(seconds))
    raise UserError(f"no policy {name!r}; there are learned, ages and fixed:SECONDS (at least 60)")


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
