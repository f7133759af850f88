"""Print what each schedule catches at equal budgets, and whether the targets are met: exits 1 when one is missed.

``python -m benchmarks.revisit [SEED...]``; the other worlds are tried with the first seed.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from functools import lru_cache
from itertools import pairwise
from math import exp, log
from statistics import median

from benchmarks.revisit.running import Score, run
from benchmarks.revisit.schedules import SCHEDULES
from benchmarks.revisit.worlds import CALIBRATED, KINDS, Kind, World, build, calibration

BUDGETS = (4, 8, 16, 32)
SEEDS = (1, 2, 3)
BASELINES = ("uniform", "age table (NewsDiffs)", "geometric (diffengine)", "adaptive (Nutch)")
HINTED = ("zaesur", "rate oracle")
ELSEWHERE = ("zaesur", "rate oracle", *BASELINES)
NEAR_ORACLE = {4: 0.88, 8: 0.92, 16: 0.95, 32: 0.96}
NEAR_ORACLE_HINTED = {8: 0.96, 16: 0.96, 32: 0.96}
STUDIES = {"changed within 24 h": 0.35, "edits per changed article": 1.94, "of these one or two": 0.80}
# times fewer requests than a baseline at its own recall with 32 requests: (baseline, with hints) -> target
FEWER = {(BASELINES[1], False): 2.2, (BASELINES[1], True): 4.0, (BASELINES[2], False): 1.6}

Scores = dict[tuple[str, int], list[Score]]


def main() -> int:
    """Run everything; the number of the exit."""
    began = time.perf_counter()
    seeds = tuple(map(int, sys.argv[1:])) or SEEDS
    worlds = [build(CALIBRATED, seed) for seed in seeds]
    print("The calibrated world, median of seeds (study):")
    for name, study in STUDIES.items():
        print(f"  {name:<28}{median(calibration(world)[name] for world in worlds):.2f}  ({study:.2f})")
    found = _all(_cells(seeds))
    scores = _scores(found, seeds, hints=False)
    hinted = _scores(found, seeds, hints=True)
    _print_table("Calibrated world, no hints", scores)
    _print_table("Calibrated world, 60 % of edits hinted, half of the hints false", hinted)
    checks = _near(scores, NEAR_ORACLE, "recall / rate oracle")
    checks += _near(hinted, NEAR_ORACLE_HINTED, "with hints, recall / rate oracle with hints")
    checks += _fewer(scores, hinted)
    checks += _every_world(scores, found, seeds[0])
    took, spent = time.perf_counter() - began, sum(os.times()[:4])
    checks.append((f"seconds for all of this, on {os.cpu_count()} cores", took, 60.0, took < 60.0))
    print("\nTargets")
    for what, figure, target, met in checks:
        print(f"  {'met   ' if met else 'MISSED'}  {what:<64}{figure:>7.3f}  (target {target:g})")
    print("\nBeside an oracle that values a look by our formula, which catches more than the study's (no target)")
    for budget in BUDGETS:
        ratio = _ratio(scores, "rate oracle, sharper", budget)
        print(f"  {f'recall / sharper rate oracle, {budget} requests an article':<72}{ratio:>7.3f}")
    print(f"  {spent:.0f} s of processor time")
    return 0 if all(met for *_, met in checks) else 1


Check = tuple[str, float, float, bool]
Cell = tuple[Kind, int, bool, int, str]


def _cells(seeds: Iterable[int]) -> list[Cell]:
    """All runs, those of one world together."""
    cells: list[Cell] = []
    for place, seed in enumerate(seeds):
        cells += [(CALIBRATED, seed, True, budget, name) for budget in BUDGETS for name in HINTED]
        cells += [(CALIBRATED, seed, False, budget, name) for budget in BUDGETS for name in SCHEDULES]
        if place == 0:
            cells += [(kind, seed, False, 16, name) for kind in KINDS for name in ELSEWHERE]
    return cells


def _scores(found: Mapping[Cell, Score], seeds: Iterable[int], *, hints: bool) -> Scores:
    scores: Scores = defaultdict(list)
    for seed in seeds:
        for budget in BUDGETS:
            for name in HINTED if hints else SCHEDULES:
                scores[name, budget].append(found[CALIBRATED, seed, hints, budget, name])
    return scores


def _all(cells: list[Cell]) -> dict[Cell, Score]:
    with ProcessPoolExecutor() as pool:
        return dict(zip(cells, pool.map(_one, cells), strict=True))


def _one(cell: Cell) -> Score:
    kind, seed, hints, budget, name = cell
    world = _world(kind, seed, hints)
    return run(world, SCHEDULES[name](world), budget)


@lru_cache(maxsize=1)  # the runs come world by world
def _world(kind: Kind, seed: int, hints: bool) -> World:
    return build(kind, seed, hints=hints)


def _print_table(title: str, scores: Scores) -> None:
    print(f"\n{title} (medians of the seeds; delays in hours)")
    print(
        f"{'':<26}{'req/art':>8}{'recall':>8}{'<=1 h':>8}{'<=24 h':>8}{'mean':>8}{'median':>8}{'p95':>8}{'req/ver':>9}"
    )
    for (name, budget), own in sorted(scores.items(), key=lambda item: item[0][1]):
        figures = [median(column) for column in zip(*(astuple(score) for score in own), strict=True)]
        shares, rest = figures[:3], figures[3:]
        cells = "".join(f"{f:>8.3f}" for f in shares) + "".join(f"{f:>8.2f}" for f in rest[:3])
        print(f"{name:<26}{budget:>8}{cells}{rest[3]:>9.1f}")


def _near(scores: Scores, targets: dict[int, float], what: str) -> list[Check]:
    checks = []
    for budget, target in targets.items():
        ratio = _ratio(scores, "rate oracle", budget)
        checks.append((f"{what}, {budget} requests an article", ratio, target, ratio >= target))
    return checks


def _ratio(scores: Scores, oracle: str, budget: int) -> float:
    pairs = zip(scores["zaesur", budget], scores[oracle, budget], strict=True)
    return median(ours.recall / known.recall for ours, known in pairs)


def _recall(scores: Scores, name: str, budget: int) -> float:
    return median(score.recall for score in scores[name, budget])


def _fewer(scores: Scores, hinted: Scores) -> list[Check]:
    checks = []
    for (name, hints), target in FEWER.items():
        wanted = _recall(scores, name, 32)
        times = 32 / _needed(hinted if hints else scores, wanted)
        what = f"times fewer requests at the recall of {name.split(' (')[0]}" + (", with hints" if hints else "")
        checks.append((what, times, target, times >= target))
    return checks


def _needed(scores: Scores, wanted: float) -> float:
    """Requests an article at which ours reaches a recall, between budgets along the logarithm."""
    curve = [(budget, _recall(scores, "zaesur", budget)) for budget in BUDGETS]
    if wanted <= curve[0][1]:
        return curve[0][0]
    for (low, a), (high, b) in pairwise(curve):
        if a < wanted <= b:
            return exp(log(low) + (log(high) - log(low)) * (wanted - a) / (b - a))
    return float("inf")


def _every_world(scores: Scores, found: Mapping[Cell, Score], seed: int) -> list[Check]:
    """Ours against the best baseline, in every world."""
    margins = [
        min(_recall(scores, "zaesur", budget) - _recall(scores, name, budget) for name in BASELINES)
        for budget in BUDGETS
    ]
    checks: list[Check] = [
        ("recall above the best baseline, calibrated, worst budget", min(margins), 0.0, min(margins) >= 0)
    ]
    print(f"\nOther worlds, recall at 16 requests an article (seed {seed})")
    print(f"{'':<26}{'zaesur':>8}{'oracle':>8}  best baseline")
    for kind in KINDS:
        recalls = {name: found[kind, seed, False, 16, name].recall for name in ELSEWHERE}
        ours, oracle = recalls["zaesur"], recalls["rate oracle"]
        best, name = max((recalls[name], name) for name in BASELINES)
        print(f"{kind.name:<26}{ours:>8.3f}{oracle:>8.3f}  {best:.3f} {name}")
        checks.append((f"recall above the best baseline, {kind.name}", ours - best, 0.0, ours >= best))
    return checks


if __name__ == "__main__":
    sys.exit(main())
