"""Time against difflib over words, without autojunk, on the same inputs in the same run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from difflib import SequenceMatcher

from benchmarks.comparison.methods import content, flat, sides
from benchmarks.comparison.texts import made
from benchmarks.comparison.truth import Script, Word, script
from reports.diff import diff

# name, words, edits (None: a total rewrite), allowed share of difflib's time
CASES: tuple[tuple[str, int, int | None, float], ...] = (
    ("800 words, 5 edits", 800, 5, 1.0),
    ("5,000 words, 20 edits", 5_000, 20, 0.12),
    ("live blog, 50,000 words, 200 edits", 50_000, 200, 0.008),
    ("total rewrite, 5,000 words", 5_000, None, 0.8),
    ("5,000 tokens of 5 words", 0, None, 0.01),
)


def measured(case: tuple[str, int, int | None, float]) -> tuple[float, float]:
    """Milliseconds of ours and of difflib."""
    pair = _input(case)
    old, new = sides(pair)
    a, b = content(old), content(new)
    texts = [word.text for word in flat(old)], [word.text for word in flat(new)]
    slow = case[1] >= 50_000 or not case[1]
    theirs = _time(lambda: SequenceMatcher(None, *texts, autojunk=False).get_opcodes(), 1 if slow else 3)
    return _time(lambda: diff(a, b), 5), theirs


def _input(case: tuple[str, int, int | None, float]) -> Script:
    _, words, edits, _ = case
    rng = random.Random(7)
    if not words:
        few = [rng.choice(["eins", "zwei", "drei", "vier", "fünf"]) for _ in range(5_000)]
        changed = [rng.choice(few) if rng.random() < 0.02 else text for text in few]
        return Script("de", [[[Word(text) for text in few]]], [[[Word(text) for text in changed]]])
    if edits is None:
        both = [[[[Word(w) for w in s] for s in p] for p in made(rng, words)] for _ in range(2)]
        return Script("de", both[0], both[1])
    return script(made(rng, words * 6 // 5), "de", rng, edits)  # a sixth is kept back for insertions


def _time(call: Callable[[], object], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1000
