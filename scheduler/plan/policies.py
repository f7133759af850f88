"""The three policies: learned (the default), fixed interval, age table; and the choice among what is due."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from heapq import nlargest
from math import exp
from typing import Protocol, TypeVar

from scheduler.plan.model import DAY, HOUR, Model
from scheduler.plan.observing import chance
from scheduler.plan.state import Followed
from storage.errors import UserError

Key = TypeVar("Key", bound=Hashable)

FLOOR = 30 * DAY  # nothing is forgotten: everything at least once in this time, as far as the budget carries
SHORTEST = 5 * 60.0  # seconds between two looks at an article
FORGET = 1 / 24  # per hour: a version seen a day late is worth 1/e of one seen at once
LATE = 0.8  # part of a version's worth that lateness cannot take
MARGIN = 0.4  # an article enters the short list when its value reaches this part of the threshold
LEAST = 5e-5  # no look is worth less, however large the budget
OLD = 7 * DAY
ARCHIVE_TURN = 10  # every tenth look goes to the old, or the learner never learns their rate
FLOOR_TURN = 3  # every third while some wait longer than the floor
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
        """The index: 0 (nothing can have happened) to 1; 2 for an article never looked at."""
        at = now.timestamp()
        return self.index(state, at, model.unseen(state, at))

    def index(self, state: Followed, now: float, unseen: float) -> float:
        """The same, at ``now`` in seconds, when the edits expected since the last look are known already."""
        if state.last_look is None:
            return 2.0
        return _worth(unseen, max(now - state.last_look, 0.0))

    def next_due(self, state: Followed, now: datetime, model: Model) -> datetime:
        """The first moment at which the value reaches the short list, at the latest the floor."""
        return _moment(self._next_due(state, now.timestamp(), model))

    def _next_due(self, state: Followed, now: float, model: Model) -> float:
        if state.retry_at is not None:
            return state.retry_at
        if state.last_look is None or state.hints:
            return now
        last, enough = state.last_look, MARGIN * model.threshold
        if now - state.born > OLD:
            enough = min(enough, 1.5 * model.old_threshold)
        enough = max(enough, LEAST)
        # the value may sink again after long waits: find the first grid point that reaches it in steps of eight
        unseen = model.outlook(state)
        high = next((i for i in range(7, 64, 8) if _worth(unseen(last + _GRID[i]), _GRID[i]) >= enough), None)
        if high is None:
            return last + self._floor
        low = high - 7
        while low < high:
            middle = (low + high) // 2
            if _worth(unseen(last + _GRID[middle]), _GRID[middle]) >= enough:
                high = middle
            else:
                low = middle + 1
        return last + min(_GRID[low], self._floor)

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
            f"A look now is worth {self.index(state, at, x):.2g}; looks at {model.threshold:.2g} are affordable. "
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


def choose(states: Mapping[Key, Followed], now: datetime, budget: int, model: Model, by: Policy = LEARNED) -> list[Key]:
    """The articles to look at now, most valuable first, at most ``budget``, among ``states``, those that are due.

    Retries after trouble wait for their moment. Some looks go to the old (see ARCHIVE_TURN). The thresholds in
    ``model`` follow what the budget allows.
    """
    at = now.timestamp()
    ready = {key: s for key, s in states.items() if s.retry_at is None or s.retry_at <= at}
    unseen: dict[Key, float] = {}
    if isinstance(by, Learned):
        unseen = {key: model.unseen(s, at) for key, s in ready.items()}
        values = {key: by.index(s, at, unseen[key]) for key, s in ready.items()}
    else:
        values = {key: by.value(s, now, model) for key, s in ready.items()}
    ranked = nlargest(budget, values, key=values.__getitem__)
    _follow(model, values, ranked, budget)
    chosen = dict.fromkeys(ranked)
    if not isinstance(by, Learned) or len(values) <= budget:
        model.turn += len(chosen)
        return list(chosen)
    return _with_lanes(ready, ranked, at, model, values, unseen)


def _follow(model: Model, values: Mapping[Key, float], ranked: list[Key], budget: int) -> None:
    if len(values) > budget > 0:
        least = values[ranked[-1]]
        if least <= 1:  # a first look competes with nothing, so it says nothing of what the budget allows
            # a median, not a mean: a few looks that hints made precious say nothing of the others
            model.threshold = max(model.threshold * (1.02 if least > model.threshold else 0.98), LEAST)
    elif len(values) < budget:
        model.threshold = max(model.threshold * 0.95, LEAST)


def _with_lanes(
    states: Mapping[Key, Followed],
    ranked: list[Key],
    at: float,
    model: Model,
    values: Mapping[Key, float],
    unseen: Mapping[Key, float],
) -> list[Key]:
    late = {key for key, s in states.items() if at - (s.last_look or s.first_seen) >= FLOOR and s.last_look is not None}
    every = FLOOR_TURN if late else ARCHIVE_TURN
    own = sum((model.turn + i + 1) % every == 0 for i in range(len(ranked)))
    model.turn += len(ranked)
    if not own:
        return ranked
    keep = ranked[: len(ranked) - own]
    taken = set(keep)
    old = {k: s for k, s in states.items() if k not in taken and (k in late or at - s.born > OLD)}
    lane = nlargest(
        own, old, key=lambda key: (key in late, unseen[key] * (at - (old[key].last_look or old[key].first_seen)))
    )
    reached = values[lane[-1]] if lane else 0.0
    model.old_threshold = max(model.old_threshold + 0.03 * (reached - model.old_threshold), LEAST)
    return keep + lane + ranked[len(keep) : len(ranked) - len(lane)]


def _worth(x: float, waited: float) -> float:
    """What a look is worth that expects ``x`` unseen edits ``waited`` seconds after the last one."""
    y = x + FORGET * waited / HOUR
    if y <= 0.0:
        return 0.0
    faded = exp(-y)
    return (1 - LATE) * (x / y * (1 - faded) - x * faded) + LATE * (1 - (1 + x) * exp(-x))


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
