"""Seeded worlds of articles and their edits; docs/revisit-policy.md names the studies they are calibrated to."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from math import erf, exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

HOUR, DAY = 3600.0, 86400.0
START = 1_767_571_200.0  # 2026-01-05, a Monday
DAYS = 30
PER_DAY = 45
ARCHIVED = 2250  # fifty for each new article a day, as in the simulation the targets come from
YEAR = 8760.0
SECTIONS = {"politics": 1.3, "culture": 0.5, "science": 0.9, "breaking": 2.2}


@dataclass(frozen=True)
class Kind:
    """What sets a world apart. ``early``, ``day`` and ``tail`` share out an article's edits by age."""

    name: str
    rate: float = 0.55
    shape: float = 1.2
    early: float = 0.50
    day: float = 0.35
    median: float = 1.8
    live: float = 0.006
    bursts: float = 0.15
    outage: float = 0.0


CALIBRATED = Kind("calibrated")
KINDS = (
    Kind("heavy tails", shape=0.4),
    Kind("bursts", bursts=0.45, rate=0.45),
    Kind("live blogs", live=0.03),
    Kind("late corrections", early=0.25, day=0.25),
    Kind("a day's outage", outage=24.0),
    Kind("wrong prior: slow", median=8.0, early=0.3, day=0.2, rate=1.2),
    Kind("wrong prior: fast", median=0.5, early=0.85, day=0.12, rate=0.3),
)


@dataclass(frozen=True)
class World:
    """What happens: publications and edits (seconds), the hints given of them, and the truth only oracles may read."""

    kind: Kind
    published: NDArray[np.float64]
    found: NDArray[np.float64]
    rates: NDArray[np.float64]
    sections: list[str]
    edits: list[list[float]]
    hints: list[tuple[float, int]] = field(default_factory=list)

    @property
    def end(self) -> float:
        """The last moment."""
        return START + DAYS * DAY

    def open(self, at: float) -> bool:
        """Whether requests can be made: not during the outage in the middle."""
        middle = START + DAYS * DAY / 2
        return not middle <= at < middle + self.kind.outage * HOUR

    def growth(self, hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of an article's edits up to an age in hours: the truth."""
        kind, a = self.kind, np.maximum(hours, 1e-6)
        table = np.interp(np.log(a), _LOGS, [_share(kind, exp(x)) for x in _LOGS])
        return np.asarray(table)


_LOGS = [log(0.01) + i * (log(2 * YEAR) - log(0.01)) / 300 for i in range(301)]


def _share(kind: Kind, a: float) -> float:
    early = 0.5 * (1 + erf((log(a) - log(kind.median)) / sqrt(2)))
    tail = min(max(log(a / 24) / log(YEAR / 24), 0.0), 1.0)
    return kind.early * early + kind.day * (1 - exp(-a / 20)) + (1 - kind.early - kind.day) * tail


def busy(at: float) -> float:
    """The newsroom's rhythm, mean about 1: quiet nights and weekends."""
    hour, weekend = (at / HOUR) % 24, ((at - START) / DAY) % 7 >= 5
    return (1.5 if 6 <= hour < 21 else 0.35) * (0.65 if weekend else 1.1)


def build(kind: Kind, seed: int, *, hints: bool = False) -> World:
    """The world of that kind and seed; ``hints``: 60 % of edits announced, half of the announcements false."""
    draw = random.Random(f"{kind.name} {seed}")
    born = [START - exp(draw.uniform(log(DAY), log(365 * DAY))) for _ in range(ARCHIVED)]
    born += sorted(_busy_moment(draw) for _ in range(DAYS * PER_DAY))
    sections = [draw.choice(list(SECTIONS)) for _ in born]
    rates = [kind.rate * SECTIONS[s] * draw.gammavariate(kind.shape, 1 / kind.shape) for s in sections]
    rates = [rate + (8 if draw.random() < kind.live else 0) for rate in rates]
    edits = [_edits(kind, draw, at, rate) for at, rate in zip(born, rates, strict=True)]
    return World(
        kind=kind,
        published=np.array(born),
        found=np.maximum(np.array(born) + 300, START),
        rates=np.array(rates),
        sections=sections,
        edits=edits,
        hints=_hints(kind, draw, edits, born, rates) if hints else [],
    )


def _busy_moment(draw: random.Random) -> float:
    while True:
        at = START + draw.random() * DAYS * DAY
        if draw.random() * 1.65 < busy(at):
            return at


def _edits(kind: Kind, draw: random.Random, born: float, rate: float) -> list[float]:
    first = [born + _age(kind, draw) * HOUR for _ in range(_poisson(draw, rate * 1.65))]
    own = [at for at in first if draw.random() * 1.65 < busy(at)]
    for at in own:  # grows while it is read: an edit may bring others, and these others again
        own.extend(at + draw.expovariate(1 / 1.5) * HOUR for _ in range(_poisson(draw, kind.bursts)))
    return sorted(at for at in own if at < START + DAYS * DAY)


def _age(kind: Kind, draw: random.Random) -> float:
    part = draw.random()
    if part < kind.early:
        return draw.lognormvariate(log(kind.median), 1)
    if part < kind.early + kind.day:
        return draw.expovariate(1 / 20)
    return exp(draw.uniform(log(24), log(YEAR)))


def _poisson(draw: random.Random, mean: float) -> int:
    count, product, limit = 0, draw.random(), exp(-mean)
    while product > limit:
        count, product = count + 1, product * draw.random()
    return count


def _hints(
    kind: Kind, draw: random.Random, edits: list[list[float]], born: list[float], rates: list[float]
) -> list[tuple[float, int]]:
    hints: list[tuple[float, int]] = []
    for number, own in enumerate(edits):
        true = [at + draw.expovariate(1 / 300) for at in own]
        false = _edits(kind, draw, born[number], rates[number])  # as frequent as true ones, of the same ages
        hints += [(at, number) for at in true + false if at > START and draw.random() < 0.6]
    return sorted(hints)


def calibration(world: World) -> dict[str, float]:
    """The world's own figures beside the studies': changed and edits within 24 h, changed headlines aside."""
    new = [(b, e) for b, e in zip(world.published, world.edits, strict=True) if START <= b < world.end - DAY]
    day = [bisect_right(e, b + DAY) for b, e in new]
    changed = [n for n in day if n]
    return {
        "changed within 24 h": len(changed) / len(day),
        "edits per changed article": sum(changed) / len(changed),
        "of these one or two": sum(n <= 2 for n in changed) / len(changed),
    }
