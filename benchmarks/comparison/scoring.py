"""How much of a script's truth a method found."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.comparison.truth import Script, Truth, Word

_OVERLAP = 0.5


@dataclass
class Score:
    """Sums over scripts."""

    right: int = 0
    reported: int = 0
    true: int = 0
    exact: int = 0
    scripts: int = 0
    over: int = 0

    def add(self, made: Script, reported: list[Truth]) -> None:
        """Count one script: an edit is found when kind and most touched words agree, each true edit once."""
        left = list(made.edits)
        for edit in reported:
            best = max(left, key=lambda true: _overlap(edit, true), default=None)
            if best is not None and best.kind == edit.kind and _overlap(edit, best) >= _OVERLAP:
                left.remove(best)
                self.right += 1
        self.reported += len(reported)
        self.true += len(made.edits)
        self.scripts += 1
        self.exact += not left and len(reported) == len(made.edits)
        self.over += len(_marked(reported) - _marked(made.edits))

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall per edit."""
        return 2 * self.right / max(self.reported + self.true, 1)


def _overlap(a: Truth, b: Truth) -> float:
    left = {(0, w) for w in a.old} | {(1, w) for w in a.new}
    right = {(0, w) for w in b.old} | {(1, w) for w in b.new}
    return len(left & right) / max(len(left | right), 1)


def _marked(edits: list[Truth]) -> set[tuple[int, Word]]:
    """Words shown as dropped or added; a word that merely moved is not."""
    plain = [edit for edit in edits if edit.kind in ("replace", "insert", "delete")]
    return {(0, w) for edit in plain for w in edit.old} | {(1, w) for edit in plain for w in edit.new}
