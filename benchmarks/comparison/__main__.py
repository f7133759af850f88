"""``python -m benchmarks.comparison``: prints every figure beside its target, exits 1 when one of ours is missed."""

from __future__ import annotations

import sys

from benchmarks.comparison import realedits
from benchmarks.comparison.kinds import table
from benchmarks.comparison.pairs import CHECKED, FIRST_RUNS, read, verdict
from benchmarks.comparison.pairs import TARGETS as PAIR_TARGETS
from benchmarks.comparison.scripted import languages, side_by_side
from benchmarks.comparison.speed import bounds, speed
from benchmarks.comparison.targets import Targets

TARGETS = Targets()
check = TARGETS.check


def kinds() -> None:
    """Single edits of every kind: the name given to them, and the weights that must never be wrong."""
    print("\nkinds, 100 single edits each")
    for (language, kind), (right, unsafe, wrong) in table().items():
        name = f"{language} {kind}"
        figures = (
            check("kinds of single edits: kind right", right, 0.97, name=name),
            check("kinds of single edits: unsafe weights", unsafe, 0, most=True, name=name),
        )
        print(f"  {name:16} right {figures[0]}, unsafe weights {figures[1]} {dict(wrong) or ''}")


def pairs() -> None:
    """Minimal pairs written by hand, before anyone saw what the rules say about them; the figures of that first run stay said."""
    print("\npairs by hand, held out")
    for name, (kind, weight) in FIRST_RUNS.items():
        some = read(name)
        found, ours = verdict(some), verdict(pair for pair in some if pair.language in CHECKED)
        right = found.kinds / found.pairs
        figure = (
            check(f"pairs by hand, {name}: kind right", right, PAIR_TARGETS[name])
            if name in PAIR_TARGETS
            else f"{right:.4f}"
        )
        print(f"  {name:24} {found.pairs} pairs: kind right {figure}, weight right {found.weights / found.pairs:.4f}")
        print(
            f"  {'':24} at the first run: kind {kind:.3f}, weight {weight:.3f}; misleading weights now: {len(found.unsafe)}"
        )
        print(f"  {'':24} German and English alone: {ours.kinds} of {ours.pairs} kinds, {ours.weights} weights")


def real_edits() -> None:
    """Edits and notes of other outlets, where the sample data are at hand."""
    data = realedits.folder()
    print("\nreal edits" + (": skipped, ZAESUR_TEST_DATA is not set" if data is None else ""))
    if data is not None:
        print(f"  real notes recognised: {check('real notes recognised', realedits.report(data), 1.0)}")


def main() -> int:
    """All parts; ``--quick`` takes fewer scripts."""
    quick = "--quick" in sys.argv
    side_by_side(TARGETS, 4 if quick else 25)
    languages(TARGETS, 4 if quick else 40)
    kinds()
    pairs()
    real_edits()
    speed(TARGETS)
    bounds(TARGETS)
    print()
    for line in TARGETS.table():
        print(line)
    missed = TARGETS.missed()
    print("\nmissed: " + (", ".join(missed) or "nothing"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
