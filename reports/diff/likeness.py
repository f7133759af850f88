"""How alike two blocks are, and which of them are worth comparing at all."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

import msgspec
from rapidfuzz.distance import Indel, LCSseq

from reports.diff.tokens import Words, is_word, weight

if TYPE_CHECKING:
    from reports.diff.blocks import Piece

_ALIKE = 0.42
_CONTAINED = 0.6
_JOINED = 0.6
_COMPLETING, _CERTAIN = 4, 8  # tokens
_GAINED = 0.3
_HELD, _HELD_WORDS = 0.8, 4  # a block whose words the other nearly all holds was written out
_SURE = 0.85
_TINY = 100  # a block so many times shorter is no part of a split
_ALL_PAIRS = 900  # up to so many pairs of blocks all are compared; beyond, only those sharing rare words
_RAREST = 16
_BEST = 6
_COMMON = 64  # a word in more blocks tells nothing
_LOOKED_AT = 40  # blocks among which the best are surely found: commoner words are not asked
_HUGE = 100_000_000  # cells beyond which the order of the words is left out of account


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """Blocks that may belong together."""

    score: float
    old: tuple[int, ...]
    new: tuple[int, ...]

    def order(self) -> tuple[float, int, int, tuple[int, ...], tuple[int, ...]]:
        """Best first; among equals the nearer pair, then reading order."""
        return (-round(self.score, 6), abs(self.old[0] - self.new[0]), self.old[0] + self.new[0], self.old, self.new)


class Likeness:
    """Likeness between the blocks of two sequences; ``anchors`` are pairs of places known to correspond."""

    def __init__(
        self,
        old: Sequence[Piece],
        new: Sequence[Piece],
        words: Callable[[str], Words],
        anchors: Sequence[tuple[int, int]],
    ) -> None:
        """Take the sequences; texts are cut into words when first asked for."""
        self.sides = (old, new)
        self.words = words
        self.anchors = ([i for i, _ in anchors], [j for _, j in anchors])
        self.numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self.ids: tuple[dict[int, tuple[int, ...]], ...] = ({}, {})
        self.sets: tuple[dict[int, frozenset[int]], ...] = ({}, {})
        self.weighty: dict[tuple[int, int], tuple[Counter[str], float]] = {}

    def candidates(self, olds: list[int], news: list[int], parts: int) -> list[Candidate]:
        """Pairs, splits and merges among the free blocks, unsorted."""
        pairs = self._worth(olds, news)
        olds_ids, news_ids = self.ids
        found: list[Candidate] = []
        alike: dict[tuple[int, int], float] = {}
        splits: dict[int, list[int]] = defaultdict(list)
        merges: dict[int, list[int]] = defaultdict(list)
        for i, j, shared in pairs:
            a, b = olds_ids[i], news_ids[j]
            one = self._alike(a, b, _ALIKE)
            if one >= _ALIKE:
                alike[i, j] = one
                found.append(Candidate(one + self._bonus(i, j), (i,), (j,)))
            if len(b) < len(a) - 1:
                if shared >= 0.5 * len(self._set(1, j)) and self._contained(b, a):
                    splits[i].append(j)
            elif len(a) < len(b) - 1 and shared >= 0.5 * len(self._set(0, i)) and self._contained(a, b):
                merges[j].append(i)
        if splits or merges:
            found += self._divided(alike, splits, merges, parts)
        return found

    def _divided(
        self,
        alike: dict[tuple[int, int], float],
        splits: dict[int, list[int]],
        merges: dict[int, list[int]],
        parts: int,
    ) -> list[Candidate]:
        """Runs of blocks inside one block, where they explain it better than its best single partner does."""
        single: dict[tuple[int, int], float] = defaultdict(float)
        partners: dict[tuple[int, int], set[int]] = defaultdict(set)
        for (i, j), one in alike.items():
            single[0, i], single[1, j] = max(single[0, i], one), max(single[1, j], one)
            partners[0, i].add(j)
            partners[1, j].add(i)
        found: list[Candidate] = []
        for i, inside in splits.items():
            for run in _runs(sorted(inside), parts):
                wanted = any(partners[1, j] - {i} for j in run)
                found += self._joint((i,), run, single[0, i], wanted)
        for j, inside in merges.items():
            for run in _runs(sorted(inside), parts):
                wanted = any(partners[0, i] - {j} for i in run)
                found += self._joint(run, (j,), single[1, j], wanted)
        return found

    def of(self, olds: tuple[int, ...], news: tuple[int, ...], cutoff: float = 0.0) -> float:
        """The share of words, in order, that two blocks (or joined blocks) have in common."""
        a = self._ids(0, olds[0]) if len(olds) == 1 else tuple([key for at in olds for key in self._ids(0, at)])
        b = self._ids(1, news[0]) if len(news) == 1 else tuple([key for at in news for key in self._ids(1, at)])
        return self._alike(a, b, cutoff)

    def _alike(self, a: tuple[int, ...], b: tuple[int, ...], cutoff: float) -> float:
        if 2 * min(len(a), len(b)) < cutoff * (len(a) + len(b)):
            return 0.0
        if len(a) * len(b) > _HUGE:
            return 2 * (Counter(a) & Counter(b)).total() / (len(a) + len(b))
        return Indel.normalized_similarity(a, b, score_cutoff=cutoff)

    def content(self, i: int, j: int) -> float:
        """The share of weighty words two blocks have in common, in any order; of the shorter when nearly all of it."""
        (few, some), (many, more) = sorted((self._weighty(0, i), self._weighty(1, j)), key=lambda side: len(side[0]))
        shared = sum(weight(key) * min(count, many[key]) for key, count in few.items() if key in many)
        if shared >= _HELD_WORDS and shared >= _HELD * min(some, more):
            return shared / min(some, more)
        return 2 * shared / (some + more) if shared else 0.0

    def _weighty(self, side: int, at: int) -> tuple[Counter[str], float]:
        """The words of a block that say something, and how much they say together."""
        found = self.weighty.get((side, at))
        if found is None:
            keys = self.words(self.sides[side][at].text).keys
            words = Counter(key for key in keys if weight(key) > 0.4 and is_word(key))
            found = self.weighty[side, at] = (words, sum(weight(key) * count for key, count in words.items()))
        return found

    def completes(self, side: int, whole: int, parts: tuple[int, ...], part: int) -> bool:
        """Whether a block holds, in order, most of what others on its side lack of a block on the other side."""
        around, ids = self._ids(1 - side, whole), self._ids(side, part)
        before = tuple([key for at in parts if at < part for key in self._ids(side, at)])
        after = tuple([key for at in parts if at > part for key in self._ids(side, at)])
        if len(around) * (len(before) + len(ids) + len(after)) > _HUGE:
            return False
        found = LCSseq.similarity(around, before + after)
        gain = LCSseq.similarity(around, before + ids + after) - found
        if gain >= max(_CERTAIN, _SURE * len(ids)):
            return True
        return gain >= max(_COMPLETING, _CONTAINED * (len(around) - found), _GAINED * len(ids))

    def _ids(self, side: int, at: int) -> tuple[int, ...]:
        ids = self.ids[side].get(at)
        if ids is None:
            keys = self.words(self.sides[side][at].text).keys
            ids = self.ids[side][at] = tuple(map(self.numbers.__getitem__, keys))
        return ids

    def _set(self, side: int, at: int) -> frozenset[int]:
        found = self.sets[side].get(at)
        if found is None:
            found = self.sets[side][at] = frozenset(self._ids(side, at))
        return found

    def _worth(self, olds: list[int], news: list[int]) -> Iterator[tuple[int, int, int]]:
        """Pairs of blocks that share enough words to be compared, and how many different words they share."""
        if len(olds) * len(news) <= _ALL_PAIRS:
            for i in olds:
                yield from self._sharing(i, news)
            return
        holders: dict[int, list[int]] = defaultdict(list)
        for j in news:
            for number in self._set(1, j):
                holders[number].append(j)
        for i in olds:
            rarest = sorted((len(holders[number]), number) for number in self._set(0, i) if number in holders)[:_RAREST]
            votes: dict[int, float] = defaultdict(float)
            for often, number in rarest:
                if often > _COMMON or len(votes) > _LOOKED_AT:
                    break
                for j in holders[number]:
                    votes[j] += 1 / often
            yield from self._sharing(i, sorted(sorted(votes), key=votes.__getitem__, reverse=True)[:_BEST])

    def _sharing(self, i: int, news: list[int]) -> Iterator[tuple[int, int, int]]:
        a, others = self._set(0, i), self.sets[1]
        for j in news:
            b = others.get(j) or self._set(1, j)
            shared = len(a & b)
            if shared >= 0.3 * min(len(a), len(b)):
                yield i, j, shared

    @staticmethod
    def _contained(ids: tuple[int, ...], around: tuple[int, ...]) -> bool:
        """Whether most of a block stands, in order, in another."""
        if len(ids) < 3 or len(ids) * _TINY < len(around):
            return False
        if len(ids) * len(around) > _HUGE:
            return (Counter(ids) & Counter(around)).total() >= _CONTAINED * len(ids)
        return LCSseq.similarity(ids, around) >= _CONTAINED * len(ids)

    def _joint(self, olds: tuple[int, ...], news: tuple[int, ...], single: float, wanted: bool) -> list[Candidate]:
        """The blocks as a split or merge; where a part is like another block too, only when nearly all fits."""
        least = _SURE if wanted else _JOINED
        alike = self.of(olds, news, cutoff=least)
        if alike < least or alike <= single + 0.02:
            return []
        return [Candidate(alike + self._bonus(olds[0], news[0]) + 0.05, olds, news)]

    def _bonus(self, i: int, j: int) -> float:
        same_gap = bisect_left(self.anchors[0], i) == bisect_left(self.anchors[1], j)
        return 0.08 * same_gap + 0.04 * (self.sides[0][i].kind is self.sides[1][j].kind)


def _after(place: int, present: set[int]) -> int | None:
    """The next place, or the one behind it when another block has come between."""
    return next((at for at in (place + 1, place + 2) if at in present), None)


def _runs(places: list[int], parts: int) -> list[tuple[int, ...]]:
    """Every run of two to ``parts`` neighbouring places."""
    present = set(places)
    found: list[tuple[int, ...]] = []
    for start in places:
        run: tuple[int, ...] = (start,)
        while len(run) < parts and (after := _after(run[-1], present)) is not None:
            run = (*run, after)
            found.append(run)
    return found
