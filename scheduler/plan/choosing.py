"""Which of the articles that are due are looked at now: the most valuable, and some of the old."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from heapq import nlargest
from typing import TypeVar

from scheduler.plan.model import Model
from scheduler.plan.policies import FLOOR, LEARNED, LEAST, LEAST_URGENT, OLD, Learned, Policy
from scheduler.plan.state import Followed

Key = TypeVar("Key", bound=Hashable)

ARCHIVE_TURN = 5  # every fifth look goes to the old, or the learner never learns their rate
FLOOR_TURN = 3  # every third while some wait longer than the floor


def choose(states: Mapping[Key, Followed], now: datetime, budget: int, model: Model, by: Policy = LEARNED) -> list[Key]:
    """The articles to look at now, most valuable first, at most ``budget``, among ``states``, those that are due.

    Retries after trouble wait for their moment. Some looks go to the old (see ARCHIVE_TURN). The thresholds in
    ``model`` follow what the budget allows.
    """
    at = now.timestamp()
    keys = [key for key, state in states.items() if state.retry_at is None or state.retry_at <= at]
    ready = [states[key] for key in keys]
    if not isinstance(by, Learned):
        values = [by.value(state, now, model) for state in ready]
        return [keys[i] for i in nlargest(budget, range(len(ready)), key=values.__getitem__)]
    hazards = model.hazards(ready, at)
    values = [2.0 if s.last_look is None else model.worth(s, h) for s, h in zip(ready, hazards, strict=True)]
    chosen = nlargest(budget, range(len(ready)), key=values.__getitem__)
    if len(ready) > budget > 0:
        _follow(model, values[chosen[-1]])
        chosen = _with_lane(ready, hazards, chosen, at, model)
    elif len(ready) < budget:
        model.threshold = max(model.threshold * 0.95, LEAST)
        model.archive_level = max(model.archive_level * 0.95, LEAST_URGENT)
    model.turn += len(chosen)
    return [keys[i] for i in chosen]


def _follow(model: Model, least: float) -> None:
    """Move the threshold towards the value of the least look that the budget allowed."""
    if least <= 1:  # a first look competes with nothing, so it says nothing of what the budget allows
        # a median, not a mean: a few looks that hints made precious say nothing of the others
        model.threshold = max(model.threshold * (1.02 if least > model.threshold else 0.98), LEAST)


def _with_lane(ready: list[Followed], hazards: list[float], ranked: list[int], at: float, model: Model) -> list[int]:
    """``ranked`` with its last places given to articles that wait longer than the floor, or else to the old."""
    waits = [0.0 if state.last_look is None else at - state.last_look for state in ready]
    late = max(waits) >= FLOOR
    every = FLOOR_TURN if late else ARCHIVE_TURN
    own = (model.turn + len(ranked)) // every - model.turn // every
    if not own:
        return ranked
    keep = ranked[: len(ranked) - own]
    taken, born = set(keep), at - OLD
    urgent = {
        i: model.urgency(state, hazards[i], waits[i])
        for i, state in enumerate(ready)
        if i not in taken and (state.born < born or waits[i] >= FLOOR)
    }
    lane = nlargest(own, urgent, key=lambda i: (waits[i] >= FLOOR, urgent[i]))
    reached = urgent[lane[-1]] if lane else 0.0
    model.archive_level = max(model.archive_level + 0.01 * (reached - model.archive_level), LEAST_URGENT)
    # where there are fewer of these than places, the next in value take what is left, and none has two
    rest = [i for i in ranked[len(keep) :] if i not in lane]
    return (keep + lane + rest)[: len(ranked)]
