"""Scripted edits: every method side by side in German, ours in nine languages."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from benchmarks.comparison.methods import METHODS
from benchmarks.comparison.scoring import Score
from benchmarks.comparison.targets import Targets
from benchmarks.comparison.texts import LANGUAGES, article, real
from benchmarks.comparison.truth import Script, script

# name, edits an article, F1 and share of exact scripts to reach
MIXTURES = (("ordinary", 5, 0.995, 0.98), ("hard", 15, 0.99, 0.93))
OVER = 0.01


def scripts(language: str, edits: int, rounds: int) -> Iterator[Script]:
    """Seeded scripts over one language's article; German ones over the seed and real pages as well."""
    documents = [article(language), *(real() if language == "de" else [])]
    for number, document in enumerate(documents):
        for seed in range(rounds):
            rng = random.Random(f"{language}/{number}/{edits}/{seed}")
            yield script(document, language, rng, edits, hard=edits > 9)


def side_by_side(targets: Targets, rounds: int) -> None:
    """Every method on German scripts."""
    for name, edits, f1, exact in MIXTURES:
        some = list(scripts("de", edits, rounds))
        print(
            f"\n{name} mixtures, {edits} edits an article, German (our article, the seed, real pages): {len(some)} scripts"
        )
        print(f"  {'method':28} {'F1':>6} {'exact':>6} {'over/edit':>9} {'ms':>7}")
        for method, run in METHODS.items():
            score, spent = Score(), 0.0
            for one in some:
                start = time.process_time()
                reported = run(one)
                spent += time.process_time() - start
                score.add(one, reported)
            share, over = score.exact / score.scripts, score.over / score.true
            print(f"  {method:28} {score.f1:6.3f} {share:6.2f} {over:9.3f} {spent * 1000 / len(some):7.1f}")
            if method == "ours":
                targets.check(f"{name} mixtures, German: F1", score.f1, f1)
                targets.check(f"{name} mixtures, German: exact scripts", share, exact)
                targets.check(f"{name} mixtures, German: over-marked words an edit", over, OVER, most=True)


def languages(targets: Targets, rounds: int) -> None:
    """Ours on articles of our own in nine languages."""
    for name, edits, _, _ in MIXTURES:
        print(f"\n{name} mixtures by language, articles of our own: {rounds} scripts each")
        for language in LANGUAGES:
            score = Score()
            for one in scripts(language, edits, rounds) if language != "de" else _own_german(edits, rounds):
                score.add(one, METHODS["ours"](one))
            figure = targets.check(f"{name} mixtures, nine languages: F1", score.f1, 0.99, name=language)
            over = score.over / score.true
            print(f"  {language}: F1 {figure}, exact {score.exact / score.scripts:.2f}, over-marked {over:.3f}")


def _own_german(edits: int, rounds: int) -> Iterator[Script]:
    for number, one in enumerate(scripts("de", edits, rounds)):
        if number == rounds:
            return
        yield one
