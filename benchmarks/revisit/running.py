"""Drive a schedule through a world, tick by tick, and score what it saw."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from benchmarks.revisit.schedules import Schedule
from benchmarks.revisit.worlds import DAY, DAYS, HOUR, PER_DAY, START, World

TICK = 600.0


@dataclass(frozen=True)
class Score:
    """What a schedule achieved; delays in hours, of the versions caught."""

    recall: float
    hour: float
    day: float
    mean: float
    median: float
    late: float
    requests: float


def run(world: World, schedule: Schedule, per_article: float) -> Score:
    """One run at ``per_article`` requests for each new article."""
    first: dict[int, float] = {}
    seen = [0] * len(world.edits)
    delays: dict[tuple[int, int], float] = {}
    found, hinted, tokens, requests = 0, 0, 0.0, 0
    order = np.argsort(world.found, kind="stable")
    for step in range(int(DAYS * DAY / TICK)):
        at = START + step * TICK
        tokens = min(tokens + per_article * PER_DAY * TICK / DAY, max(per_article * PER_DAY / 24, 1.0))
        if not world.open(at):
            continue
        while found < len(order) and world.found[order[found]] <= at:
            number = int(order[found])
            schedule.add(number, at)
            if world.published[number] < START:  # the archive was known before
                schedule.told(number, at, False)
                first[number], seen[number] = at, bisect_right(world.edits[number], at)
            found += 1
        while hinted < len(world.hints) and world.hints[hinted][0] <= at:
            if world.found[world.hints[hinted][1]] <= at:
                schedule.hint(world.hints[hinted][1], at)
            hinted += 1
        if tokens < 1:
            continue
        for number in schedule.choose(at, int(tokens)):
            tokens -= 1
            requests += 1
            now = bisect_right(world.edits[number], at)
            if number in first and now > seen[number]:
                delays[number, now - 1] = (at - world.edits[number][now - 1]) / HOUR
            schedule.told(number, at, number in first and now > seen[number])
            first.setdefault(number, at)
            seen[number] = now
    return _score(world, first, delays, requests)


def _score(world: World, first: dict[int, float], delays: dict[tuple[int, int], float], requests: int) -> Score:
    window = {
        (number, place)
        for number, own in enumerate(world.edits)
        for place, at in enumerate(own)
        if START + 3 * DAY <= at < world.end - 2 * DAY and at > world.found[number] + 600
    }
    caught = np.array([delay for key, delay in delays.items() if key in window] or [0.0])
    total = max(len(window), 1)
    return Score(
        recall=len(caught) / total,
        hour=float((caught <= 1).sum()) / total,
        day=float((caught <= 24).sum()) / total,
        mean=float(caught.mean()),
        median=float(np.median(caught)),
        late=float(np.percentile(caught, 95)),
        requests=requests / max(len(delays), 1),
    )
