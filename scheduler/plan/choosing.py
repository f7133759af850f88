"""Which of the articles that are due are looked at now: the most valuable, and some of the old."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from heapq import nlargest
from typing import TypeVar

from scheduler.plan.model import DAY, Model
from scheduler.plan.policies import FLOOR, LEARNED, LEAST, LEAST_URGENT, OLD, Learned, Policy
from scheduler.plan.state import Followed

Key = TypeVar("Key", bound=Hashable)

ARCHIVE_TURN = 20  # every twentieth look goes to the old, or the learner never learns their rate
WAITING = 10  # so many of the old wait for such a look, beside the one that gets it
FLOOR_TURN = 3  # every third while some wait longer than the floor


def choose(states: Mapping[Key, Followed], now: datetime, budget: int, model: Model, by: Policy = LEARNED) -> list[Key]:
    """The articles to look at now, most valuable first, at most ``budget``, among ``states``, those that are due.

    Retries after trouble wait for their moment. Some looks go to the old (see ARCHIVE_TURN). The thresholds in
    ``model`` follow what the budget allows.
    """
    at = now.timestamp()
    model.choosing(at)
    keys = [key for key, state in states.items() if state.retry_at is None or state.retry_at <= at]
    ready = [states[key] for key in keys]
    if not isinstance(by, Learned):
        values = [by.value(state, now, model) for state in ready]
        return [keys[i] for i in nlargest(budget, range(len(ready)), key=values.__getitem__)]
    values, hazards = model.weigh(ready, at)
    chosen = nlargest(budget, range(len(ready)), key=values.__getitem__)
    if len(ready) > budget > 0:
        _follow(model, values[chosen[-1]], at)
        chosen = _with_lane(ready, hazards, chosen, at, model)
    elif len(ready) < budget:
        model.threshold = max(model.threshold * 0.95, LEAST)
        _settle(model, at)
    model.turn += len(chosen)
    return [keys[i] for i in chosen]


def _follow(model: Model, least: float, at: float) -> None:
    """Move the threshold towards the value of the least look that the budget allowed."""
    if least <= 1:  # a first look competes with nothing, so it says nothing of what the budget allows
        # a median, not a mean: a few looks that hints made precious say nothing of the others
        model.threshold = max(model.threshold * (1.02 if least > model.threshold else 0.98), LEAST)
    _settle(model, at)


def _settle(model: Model, at: float) -> None:
    """Let the steady threshold follow the other within about a day, so that it is the same by day and by night."""
    passed = min(max(at - model.asked, 0.0) / DAY, 1.0)
    model.steady *= (model.threshold / model.steady) ** passed
    model.asked = at


def _with_lane(ready: list[Followed], hazards: list[float], ranked: list[int], at: float, model: Model) -> list[int]:
    """``ranked`` with its last places given to articles that wait longer than the floor, or else to the old."""
    floor, born, turn = at - FLOOR, at - OLD, model.turn + len(ranked)
    if turn // FLOOR_TURN == model.turn // FLOOR_TURN and turn // ARCHIVE_TURN == model.turn // ARCHIVE_TURN:
        return ranked
    late = {i for i, state in enumerate(ready) if state.last_look is not None and state.last_look <= floor}
    every = FLOOR_TURN if late else ARCHIVE_TURN
    own = turn // every - model.turn // every
    if not own:
        return ranked
    keep = ranked[: len(ranked) - own]
    taken = set(keep)
    urgent = {
        i: model.urgency(state, hazards[i], at - state.last_look)
        for i, state in enumerate(ready)
        if state.last_look is not None and i not in taken and (state.born < born or i in late)
    }
    waiting = nlargest(own + WAITING, urgent, key=lambda i: (i in late, urgent[i]))
    _follow_urgency(model, urgent[waiting[-1]] if len(waiting) == own + WAITING else None)
    lane = waiting[:own]
    # where there are fewer of these than places, the next in value take what is left, and none has two
    rest = [i for i in ranked[len(keep) :] if i not in lane]
    return (keep + lane + rest)[: len(ranked)]


def _follow_urgency(model: Model, last: float | None) -> None:
    """Let about as many of the old wait as WAITING says: ``last`` is the urgency of the last of so many, if there are."""
    if last is None:
        model.archive_level = max(0.97 * model.archive_level, LEAST_URGENT)
    else:
        model.archive_level = max(model.archive_level, last)
