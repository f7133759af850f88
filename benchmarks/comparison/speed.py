"""CPU time against difflib over words, without autojunk, turn by turn on the same inputs."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from benchmarks.comparison.limits import SECONDS, limits
from benchmarks.comparison.methods import content, flat, sides
from benchmarks.comparison.targets import Targets
from benchmarks.comparison.texts import made
from benchmarks.comparison.truth import Script, Word, script
from reports.diff import diff, tokens


@dataclass(frozen=True)
class Case:
    """An input: words and edits (none: a total rewrite; no words: few distinct ones), difflib's share allowed, turns."""

    name: str
    words: int
    edits: int | None
    share: float
    turns: int


CASES = (
    Case("800 words, 5 edits", 800, 5, 1.0, 41),
    Case("5,000 words, 20 edits", 5_000, 20, 0.12, 9),
    Case("live blog, 50,000 words, 200 edits", 50_000, 200, 0.008, 3),
    Case("total rewrite, 5,000 words", 5_000, None, 0.8, 9),
    Case("5,000 tokens of 5 words", 0, None, 0.01, 5),
)


def speed(targets: Targets) -> None:
    """Each case: medians of both, and the median of the ratios of neighbouring turns."""
    print("\nCPU time against difflib over words without autojunk; cold: nothing remembered from other texts")
    for case in CASES:
        cold, ours, theirs = measured(case)
        ratio = targets.check(
            "time / difflib words: " + case.name,
            statistics.median(a / b for a, b in zip(ours, theirs, strict=True)),
            case.share,
            most=True,
        )
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"  {case.name:36} ours {a:7.1f} ms (cold {cold:7.1f}), difflib {b:9.1f} ms, ratio {ratio}")


def bounds(targets: Targets) -> None:
    """Inputs of a megabyte a side made to be slow."""
    print("\nCPU seconds for a megabyte a side, made to be slow")
    for name, seconds in limits():
        print(f"  {name:30} {targets.check('seconds for any input of 1 MB', seconds, SECONDS, most=True, name=name)}")


def measured(case: Case) -> tuple[float, list[float], list[float]]:
    """Milliseconds: of our first call, and of ours and of difflib's in turn."""
    pair = _input(case)
    old, new = sides(pair)
    a, b = content(old), content(new)
    texts = [word.text for word in flat(old)], [word.text for word in flat(new)]
    gc.collect()
    gc.freeze()  # the words of the script belong to the measurement, not to what is measured
    tokens._chunks.clear()
    cold = _time(lambda: diff(a, b))
    ours, theirs = [], []
    for _ in range(case.turns):
        ours.append(_time(lambda: diff(a, b)))
        theirs.append(_time(lambda: SequenceMatcher(None, *texts, autojunk=False).get_opcodes()))
    gc.unfreeze()
    return cold, ours, theirs


def _input(case: Case) -> Script:
    rng = random.Random(7)
    if not case.words:
        few = [rng.choice(["eins", "zwei", "drei", "vier", "fünf"]) for _ in range(5_000)]
        changed = [rng.choice(few) if rng.random() < 0.02 else text for text in few]
        return Script("de", [[[Word(text) for text in few]]], [[[Word(text) for text in changed]]])
    if case.edits is None:
        both = [[[[Word(w) for w in s] for s in p] for p in made(rng, case.words)] for _ in range(2)]
        return Script("de", both[0], both[1])
    # a sixth of the paragraphs is kept back for insertions
    return script(made(rng, case.words * 6 // 5), "de", rng, case.edits)


def _time(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000
