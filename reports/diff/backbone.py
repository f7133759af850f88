"""The heaviest chain of pairs that keep their order on both sides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def heaviest(pairs: Sequence[tuple[int, int, float]], names: Sequence[T]) -> list[T]:
    """The names of the pairs (old place, new place, weight), sorted by old place, on the heaviest rising chain."""
    if all(a[1] < b[1] for a, b in pairwise(pairs)):
        return list(names)
    places = sorted({new for _, new, _ in pairs})
    best: list[tuple[float, int]] = [(0.0, -1)] * (len(places) + 1)  # a Fenwick tree of prefix maxima
    back: list[int] = []
    for at, (_, new, weight) in enumerate(pairs):
        rank = bisect_left(places, new)
        total, before = _prefix(best, rank)
        back.append(before)
        _raise(best, rank + 1, (total + weight, at))
    at = _prefix(best, len(places))[1]
    chain = []
    while at >= 0:
        chain.append(names[at])
        at = back[at]
    return chain[::-1]


def _prefix(tree: list[tuple[float, int]], rank: int) -> tuple[float, int]:
    found = (0.0, -1)
    while rank > 0:
        if tree[rank][0] > found[0]:
            found = tree[rank]
        rank &= rank - 1
    return found


def _raise(tree: list[tuple[float, int]], rank: int, value: tuple[float, int]) -> None:
    while rank < len(tree):
        if value[0] > tree[rank][0]:
            tree[rank] = value
        rank += rank & -rank
