"""Which block of the old text became which of the new: blocks are aligned before any word is compared."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from rapidfuzz.distance import Indel

from reports.diff.tokens import key, words
from storage.types import Block

_ALIKE = 0.42  # token similarity from which two blocks are one block edited
_NEIGHBOURS = 0.2  # the same for blocks left over at the same place
_JOINED = 0.6  # similarity from which parts laid end to end are a split or merge
_INSIDE = 0.6  # share of a part's tokens that must lie in the whole
_MOVABLE = 4  # words; smaller blocks are never called moved
_CANDIDATES = 10
_RARE = 24  # tokens that nominate candidates
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Old blocks that became new blocks; either side may be empty. More than one on a side is a merge or a split."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    moved: bool = False


def align(old: Sequence[Block], new: Sequence[Block]) -> list[Pair]:
    """Every block of both sides in exactly one pair, in the new text's order, dropped blocks at their old place."""
    keys_old, keys_new = [key(block.text) for block in old], [key(block.text) for block in new]
    pairs = _anchors(keys_old, keys_new)
    left, right = _unmatched(pairs, len(old), len(new))
    tokens_old = {i: words(keys_old[i]) for i in left}
    tokens_new = {j: words(keys_new[j]) for j in right}
    pairs += _splits(tokens_old, tokens_new, keys_old, keys_new)
    left, right = _unmatched(pairs, len(old), len(new))
    pairs += _alike({i: tokens_old[i] for i in left}, {j: tokens_new[j] for j in right}, old, new)
    pairs = _marked_moves(pairs, keys_new)
    left, right = _unmatched(pairs, len(old), len(new))
    pairs += _neighbours(pairs, {i: tokens_old[i] for i in left}, {j: tokens_new[j] for j in right})
    left, right = _unmatched(pairs, len(old), len(new))
    pairs += [Pair((i,), ()) for i in left] + [Pair((), (j,)) for j in right]
    return _ordered(pairs)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Equal blocks: first those in order, then equal ones anywhere."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    pairs = [Pair((m.a + k,), (m.b + k,)) for m in matcher.get_matching_blocks() for k in range(m.size)]
    used_old, used_new = {p.old[0] for p in pairs}, {p.new[0] for p in pairs}
    places = defaultdict(list)
    for j, text in enumerate(new):
        if j not in used_new:
            places[text].append(j)
    for i, text in enumerate(old):
        if i not in used_old and places[text] and len(words(text)) >= _MOVABLE:
            pairs.append(Pair((i,), (places[text].pop(0),)))
    return pairs


def _unmatched(pairs: Sequence[Pair], old: int, new: int) -> tuple[list[int], list[int]]:
    used_old = {i for pair in pairs for i in pair.old}
    used_new = {j for pair in pairs for j in pair.new}
    return [i for i in range(old) if i not in used_old], [j for j in range(new) if j not in used_new]


def similarity(a: Sequence[str], b: Sequence[str]) -> float:
    """Shared tokens in order, 0 to 1."""
    return Indel.normalized_similarity(a, b)


def _alike(
    left: dict[int, tuple[str, ...]], right: dict[int, tuple[str, ...]], old: Sequence[Block], new: Sequence[Block]
) -> list[Pair]:
    """The best partners among what is left, best first."""
    scored = []
    for i, j in _candidates(left, right):
        score = similarity(left[i], right[j])
        if score >= _ALIKE:
            place = abs(i / max(len(old), 1) - j / max(len(new), 1))
            same_kind = old[i].kind is new[j].kind
            scored.append((score + 0.02 * same_kind - 0.02 * place, i, j))
    used_old: set[int] = set()
    used_new: set[int] = set()
    pairs = []
    for _, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            pairs.append(Pair((i,), (j,)))
    return pairs


def _candidates(left: dict[int, tuple[str, ...]], right: dict[int, tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing: those that share rare tokens, so that the cost does not grow with old x new."""
    if len(left) * len(right) <= 400:
        yield from ((i, j) for i in left for j in right)
        return
    index: dict[str, list[int]] = defaultdict(list)
    for j, found in right.items():
        for token in set(found):
            index[token].append(j)
    for i, found in left.items():
        rare = sorted({token for token in found if token in index}, key=lambda token: (len(index[token]), token))[
            :_RARE
        ]
        votes = Counter(j for token in rare if len(index[token]) <= 64 for j in index[token])
        for j, _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))[:_CANDIDATES]:
            yield i, j


def _splits(
    left: dict[int, tuple[str, ...]], right: dict[int, tuple[str, ...]], old: Sequence[str], new: Sequence[str]
) -> list[Pair]:
    """One block that became several neighbours, or several that became one."""
    splits = list(_divided(left, right))
    merges = [Pair(pair.new, pair.old) for pair in _divided(right, left)]
    chosen: list[Pair] = []
    for pair in splits + merges:
        if not any(set(pair.old) & set(other.old) or set(pair.new) & set(other.new) for other in chosen):
            chosen.append(pair)
    return chosen


def _divided(whole: dict[int, tuple[str, ...]], parts: dict[int, tuple[str, ...]]) -> Iterator[Pair]:
    taken: set[int] = set()
    for i, tokens in whole.items():
        inside = [j for j in parts if j not in taken and len(parts[j]) >= 2 and _within(parts[j], tokens) >= _INSIDE]
        best: tuple[float, tuple[int, ...]] | None = None
        for start in range(len(inside)):
            for size in range(2, _PARTS + 1):
                run = tuple(inside[start : start + size])
                if len(run) == size and run[-1] - run[0] == size - 1:
                    joined = similarity(tokens, [token for j in run for token in parts[j]])
                    single = max(similarity(tokens, parts[j]) for j in run)
                    if joined >= _JOINED and joined > single + 0.05 and (best is None or joined > best[0]):
                        best = joined, run
        if best:
            taken |= set(best[1])
            yield Pair((i,), best[1])


def _within(part: Sequence[str], whole: Sequence[str]) -> float:
    shared = (Counter(part) & Counter(whole)).total()
    return shared / len(part)


def _marked_moves(pairs: Sequence[Pair], new: Sequence[str]) -> list[Pair]:
    """The heaviest chain of pairs in order is the backbone; what crosses it was moved."""
    ordered = sorted(pairs, key=lambda pair: pair.new)
    weights = [1 + sum(len(words(new[j])) for j in pair.new) for pair in ordered]
    backbone = _heaviest_chain([pair.old[0] for pair in ordered], weights)
    return [
        replace(pair, moved=position not in backbone and weights[position] > _MOVABLE)
        for position, pair in enumerate(ordered)
    ]


def _heaviest_chain(values: Sequence[int], weights: Sequence[int]) -> set[int]:
    """Positions of the increasing subsequence of greatest weight (a Fenwick tree of best sums, O(n log n))."""
    ranks = sorted(set(values))
    best: list[tuple[int, int]] = [(0, -1)] * (len(ranks) + 1)
    parent: list[int] = []
    for position, value in enumerate(values):
        index, top = bisect_left(ranks, value), (0, -1)
        while index > 0:
            top = max(top, best[index])
            index -= index & -index
        parent.append(top[1])
        index = bisect_left(ranks, value) + 1
        entry = (top[0] + weights[position], position)
        while index <= len(ranks):
            best[index] = max(best[index], entry)
            index += index & -index
    index, top = len(ranks), (0, -1)
    while index > 0:
        top = max(top, best[index])
        index -= index & -index
    chain, at = set(), top[1]
    while at >= 0:
        chain.add(at)
        at = parent[at]
    return chain


def _neighbours(
    pairs: Sequence[Pair], left: dict[int, tuple[str, ...]], right: dict[int, tuple[str, ...]]
) -> Iterator[Pair]:
    """Blocks left over between the same two landmarks are one block rewritten, if they share anything."""
    backbone = sorted((pair.old[0], pair.new[0]) for pair in pairs if not pair.moved)
    olds, news = [i for i, _ in backbone], sorted(j for _, j in backbone)
    by_gap: dict[int, list[int]] = defaultdict(list)
    for j in right:
        by_gap[bisect_left(news, j)].append(j)
    for i in left:
        gap = by_gap.get(bisect_left(olds, i), [])
        scores = [(similarity(left[i], right[j]), -abs(i - j), -j) for j in gap]
        if scores and max(scores)[0] >= _NEIGHBOURS:
            j = -max(scores)[2]
            gap.remove(j)
            yield Pair((i,), (j,))


def _ordered(pairs: Sequence[Pair]) -> list[Pair]:
    """In reading order of the new text; a dropped block stands where it stood in the old one."""
    after: dict[int, int] = {}
    place = -1
    new_of = {i: pair.new[0] for pair in pairs if pair.new and not pair.moved for i in pair.old}
    for i in range(max((i for pair in pairs for i in pair.old), default=-1) + 1):
        place = new_of.get(i, place)
        after[i] = place
    return sorted(pairs, key=lambda pair: (pair.new[0], 0, 0) if pair.new else (after[pair.old[0]], 1, pair.old[0]))
