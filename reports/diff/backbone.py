"""The heaviest chain of pairs that keep their order on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def heaviest(pairs: Sequence[tuple[int, int, float]], names: Sequence[T]) -> list[T]:
    """The names of the pairs (old place, new place, weight), sorted by old place, on the heaviest rising chain."""
    if all(a[1] < b[1] for a, b in pairwise(pairs)):
        return list(names)
    ranks = {new: rank for rank, new in enumerate(sorted({new for _, new, _ in pairs}), 1)}
    size = len(ranks) + 1
    best, ends = [0.0] * size, [-1] * size  # a Fenwick tree of the heaviest chain that ends at or before a rank
    back: list[int] = []
    for at, (_, new, weight) in enumerate(pairs):
        total, before = _prefix(best, ends, ranks[new] - 1)
        back.append(before)
        total += weight
        rank = ranks[new]
        while rank < size:
            if total > best[rank]:
                best[rank], ends[rank] = total, at
            rank += rank & -rank
    at = _prefix(best, ends, size - 1)[1]
    chain = []
    while at >= 0:
        chain.append(names[at])
        at = back[at]
    return chain[::-1]


def _prefix(best: list[float], ends: list[int], rank: int) -> tuple[float, int]:
    """The weight of the heaviest chain up to a rank and the pair it ends with."""
    total, end = 0.0, -1
    while rank > 0:
        if best[rank] > total:
            total, end = best[rank], ends[rank]
        rank &= rank - 1
    return total, end
