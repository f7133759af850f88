"""The same edit on many pages as one line of a list, with the number of articles that have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storage.types import Baseline, Change


def grouped(found: Sequence[Change], groups: Mapping[int, int]) -> tuple[list[Change], dict[int, int]]:
    """The first change of each group and all that are in none, in their order; and for each that stands for several
    articles, how many.

    ``groups`` tells for a change which change was the first to do the same. Against the seed and against the version
    before are two groups: they answer two questions.
    """
    stands: dict[tuple[int, Baseline], Change] = {}
    articles: dict[int, set[str]] = {}
    kept = []
    for change in found:
        key = (groups.get(change.id, -change.id), change.baseline)
        first = stands.setdefault(key, change)
        if first is change:
            kept.append(change)
        articles.setdefault(first.id, set()).add(change.article)
    return kept, {id: len(names) for id, names in articles.items() if len(names) > 1}
