"""What one look teaches the model that all articles share."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from math import expm1, log1p

from scheduler.plan.model import BINS, DAY, EDGES, HOUR, STARTS, Model, cell, hour_of_week
from scheduler.plan.state import Followed
from storage.types import Outcome

_LONGEST_FOR_RHYTHM = 6.0  # hours between two looks; a longer wait does not tell the hour of an edit
# a look that found the page, whatever it found
_TOLD = {Outcome.CHANGED: True, Outcome.UNCHANGED: False, Outcome.NOT_MODIFIED: False}


@dataclass(frozen=True, slots=True)
class Observation:
    """A look as a lesson: the state before it, how it ended and when."""

    before: Followed
    outcome: Outcome
    at: datetime


def learn(model: Model, seen: Observation) -> None:
    """Take a lesson from one look. Looks that did not show the page teach nothing; nor does the first."""
    state, at, changed = seen.before, seen.at.timestamp(), _TOLD.get(seen.outcome)
    if state.last_look is None:
        _learn_births(model, state, seen)
        return
    if changed is None or at <= state.last_look:
        return
    ordinary = model.hazard(state, at)
    rate = state.alpha / state.beta
    found = _expected_edits(state, ordinary) if changed else 0.0
    busy = model.rhythm(state.last_look, at)
    _learn_ages(model, state, at, rate * busy, found)
    if at - state.last_look <= _LONGEST_FOR_RHYTHM * HOUR:
        hour = hour_of_week((at + state.last_look) / 2)
        own = model.hourly[cell(hour)]
        own[0] += found
        own[1] += rate * ordinary / max(busy, 0.05)
    group = model.groups.setdefault(state.group, [0.0, 0.0])
    group[0] += found
    group[1] += ordinary
    _learn_hints(model, state, changed)
    if int(at // DAY) != model.fitted:
        if model.fitted:
            first = cell(hour_of_week(model.fitted * DAY))
            for hour in range(first, first + 24):
                model.births[hour][1] += 1
        model.fitted = int(at // DAY)
        model.refit()


def _learn_births(model: Model, state: Followed, seen: Observation) -> None:
    """An article found within a day of its publication tells when the newsroom is at work."""
    if seen.outcome is Outcome.NEW and state.published and 0 <= state.first_seen - state.published < DAY:
        model.births[cell(hour_of_week(state.published))][0] += 1


def _expected_edits(state: Followed, hazard: float) -> float:
    """How many edits there were, given that there was one, for the belief about the article's rate."""
    edits = state.alpha / state.beta * hazard
    return 1.0 if edits < 1e-9 else edits / -expm1(-state.alpha * log1p(hazard / state.beta))


def _learn_ages(model: Model, state: Followed, at: float, rate: float, found: float) -> None:
    start, end = ((t - state.born) / HOUR for t in (state.last_look or at, at))
    grown = model.growth(end) - model.growth(start)
    for b in range(bisect_right(STARTS, max(start, 0.0)) - 1, BINS):
        upper = EDGES[b + 1] if b + 1 < BINS else float("inf")
        if EDGES[b] >= end:
            break
        overlap = min(end, upper) - max(start, EDGES[b], 0.0)
        if overlap <= 0:
            continue
        model.exposure[b] += rate * overlap
        if found and grown > 0:
            model.edits[b] += found * model.slopes[b] * overlap / grown


def _learn_hints(model: Model, state: Followed, changed: bool) -> None:
    if changed:
        model.hints[1] += 1
        model.hints[0] += bool(state.hints)
    if state.hints:
        model.hints[2] += 1
        model.hints[3] += changed
