"""What a look changes in the state: the belief about the article, and the short schedules after trouble."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import expm1

from msgspec.structs import replace

from scheduler.plan.model import Model
from scheduler.plan.state import START_ALPHA, Followed
from storage.types import Outcome

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
# (first wait, longest wait) in seconds; each further look of the kind doubles the wait
TROUBLE: Mapping[Outcome, tuple[float, float]] = {
    Outcome.SET_ASIDE: (10 * _MINUTE, _DAY),
    Outcome.FETCH_FAILED: (10 * _MINUTE, _DAY),
    Outcome.EXTRACT_FAILED: (_HOUR, _DAY),
    Outcome.MOVED: (_HOUR, _DAY),
    Outcome.GONE: (_HOUR, 30 * _DAY),  # believed after a second look that agrees, then asked ever more rarely
}
FLIP = 5 * _MINUTE  # a text that went back to an older one is soon looked at again: two copies may be answering in turn
_FIRST = (Outcome.NEW, Outcome.UNCHANGED, Outcome.CHANGED, Outcome.NOT_MODIFIED)


def observe(
    state: Followed,
    outcome: Outcome,
    at: datetime,
    model: Model,
    *,
    flip: bool = False,
    retry_after: timedelta | None = None,
) -> Followed:
    """The state after a look. ``flip``: an earlier text came back; ``retry_after``: as the server asked."""
    now = at.timestamp()
    asked = now + retry_after.total_seconds() if retry_after else None
    if outcome not in _FIRST:
        return _troubled(state, outcome, now, asked)
    if state.last_look is None:
        alpha, beta = START_ALPHA, model.start_beta(state.group)
    else:
        changed = outcome is Outcome.CHANGED
        alpha, beta = belief(state.alpha, state.beta, model.hazard(state, now), changed=changed)
    return replace(
        state,
        last_look=now,
        tried=now,
        last_change=now if outcome is Outcome.CHANGED else state.last_change,
        alpha=alpha,
        beta=beta,
        hints=0,
        failures=0,
        outcome=outcome,
        retry_at=now + FLIP if flip else asked,
    )


def _troubled(state: Followed, outcome: Outcome, now: float, asked: float | None) -> Followed:
    failures = state.failures + 1 if outcome is state.outcome else 1
    first, longest = TROUBLE[outcome]
    wait = min(first * 2.0 ** min(failures - 1, 20), longest)
    # what the server asks for is kept even where it exceeds our longest wait
    return replace(state, tried=now, failures=failures, outcome=outcome, retry_at=max(now + wait, asked or 0.0))


def belief(alpha: float, beta: float, hazard: float, *, changed: bool) -> tuple[float, float]:
    """The gamma belief after a look that tells only whether the page changed, matching the exact first two moments."""
    if not changed:
        return alpha, beta + hazard
    if hazard < 1e-6 * beta:
        return alpha + 1, beta
    quiet = (beta / (beta + hazard)) ** alpha
    some = 1 - quiet
    mean = (alpha / beta - quiet * alpha / (beta + hazard)) / some
    square = alpha * (alpha + 1) * (beta**-2 - quiet * (beta + hazard) ** -2) / some
    spread = square - mean * mean
    if spread <= 0:
        return alpha + 1, beta
    return mean * mean / spread, mean / spread


def chance(x: float) -> float:
    """The chance of at least one edit where ``x`` are expected."""
    return -expm1(-x)  # 1 - exp(-x), exact where x is small too
