"""Sentences that left one paragraph and turned up in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from reports.diff.sentences import sentences
from reports.diff.tokens import Words, is_word
from reports.diff.words import hunks

_WORDS = 6  # a shorter sentence is never said to have moved
_ALIKE = 0.75
_RAREST = 6
_BEST = 4
_COMMON = 24  # sentences with the same word that are still looked at


class Inner:
    """The words of one edited block (or of a dropped or added one) with the marks under way."""

    def __init__(self, old: Words, new: Words) -> None:
        """Nothing is marked yet."""
        self.old, self.new = old, new
        self.dropped, self.added = bytearray(len(old)), bytearray(len(new))
        self.old_links: dict[int, int] = {}
        self.new_links: dict[int, int] = {}

    def mark(self) -> None:
        """Mark what differs among the words not marked so far (those belong to a sentence that moved)."""
        olds = [at for at in range(len(self.old)) if not self.dropped[at]]
        news = [at for at in range(len(self.new)) if not self.added[at]]
        found = hunks([self.old.keys[at] for at in olds], [self.new.keys[at] for at in news])
        for i, j, k, m in found:
            for at in range(i, j):
                self.dropped[olds[at]] = 1
            for at in range(k, m):
                self.added[news[at]] = 1


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence on one side: which inner, which tokens."""

    inner: int
    start: int
    end: int
    keys: tuple[str, ...]
    number: int = 0


def find_moves(inners: Sequence[Inner]) -> None:
    """Link sentences that moved between blocks, before the words inside the blocks are compared."""
    lost, came = _unmatched(inners)
    own = _own_likeness(lost, came)
    candidates = [
        found
        for found in _candidates(lost, came)
        if found[1].inner != found[2].inner
        and found[0] >= 0.1 + max(own.get(_name(0, found[1]), 0), own.get(_name(1, found[2]), 0))
    ]
    _link(inners, candidates, 0)


def find_leftover_moves(inners: Sequence[Inner]) -> None:
    """Link sentences that were wholly dropped here and wholly added there, once the words are marked."""
    lost, came = [], []
    for at, inner in enumerate(inners):
        lost += [found for found in _sentences(at, inner.old) if _all(inner.dropped, inner.old_links, found)]
        came += [found for found in _sentences(at, inner.new) if _all(inner.added, inner.new_links, found)]
    candidates = [found for found in _candidates(lost, came) if not _same_hunk(inners, found[1], found[2])]
    _link(inners, candidates, 1 << 20)


def _sentences(at: int, words: Words) -> Iterator[_Sentence]:
    for start, end in sentences(words):
        keys = tuple(words.keys[start:end])
        if end - start >= _WORDS and sum(map(is_word, keys)) >= _WORDS:
            yield _Sentence(at, start, end, keys)


def _unmatched(inners: Sequence[Inner]) -> tuple[list[_Sentence], list[_Sentence]]:
    lost: list[_Sentence] = []
    came: list[_Sentence] = []
    for at, inner in enumerate(inners):
        olds, news = list(_sentences(at, inner.old)), list(_sentences(at, inner.new))
        there = {found.keys for found in news}
        here = {found.keys for found in olds}
        lost += [found for found in olds if found.keys not in there]
        came += [found for found in news if found.keys not in here]
    return lost, came


def _name(side: int, sentence: _Sentence) -> tuple[int, int, int]:
    return (side, sentence.inner, sentence.start)


def _own_likeness(lost: list[_Sentence], came: list[_Sentence]) -> dict[tuple[int, int, int], float]:
    """How well each sentence is explained by one of its own block."""
    own: dict[tuple[int, int, int], float] = {}
    here: dict[int, list[_Sentence]] = defaultdict(list)
    for sentence in came:
        here[sentence.inner].append(sentence)
    for sentence in lost:
        for other in here[sentence.inner][:40]:
            alike = Indel.normalized_similarity(sentence.keys, other.keys)
            for name in (_name(0, sentence), _name(1, other)):
                own[name] = max(own.get(name, 0), alike)
    return own


def _candidates(lost: list[_Sentence], came: list[_Sentence]) -> list[tuple[float, _Sentence, _Sentence]]:
    holders: dict[str, list[int]] = defaultdict(list)
    for at, sentence in enumerate(came):
        for key in set(sentence.keys):
            holders[key].append(at)
    found = []
    for sentence in lost:
        rarest = sorted((len(holders[key]), key) for key in set(sentence.keys) if key in holders)[:_RAREST]
        votes: dict[int, float] = defaultdict(float)
        for count, key in rarest:
            for at in holders[key][:_COMMON]:
                votes[at] += 1 / count
        for at in sorted(votes, key=lambda at: (-votes[at], at))[:_BEST]:
            alike = Indel.normalized_similarity(sentence.keys, came[at].keys, score_cutoff=_ALIKE)
            if alike >= _ALIKE:
                found.append((alike, sentence, came[at]))
    return found


def _link(inners: Sequence[Inner], candidates: list[tuple[float, _Sentence, _Sentence]], first: int) -> None:
    taken: set[tuple[int, int, int]] = set()
    candidates.sort(
        key=lambda c: (-c[0], abs(c[1].inner - c[2].inner), c[1].inner + c[2].inner, c[1].start + c[2].start)
    )
    for _, lost, came in candidates:
        names = {_name(0, lost), _name(1, came)}
        if names & taken:
            continue
        taken |= names
        _mark_pair(inners[lost.inner], inners[came.inner], lost, came, first + len(taken))


def _mark_pair(source: Inner, target: Inner, lost: _Sentence, came: _Sentence, link: int) -> None:
    """Mark both ends; words that changed on the way carry no link, so they show as dropped and added."""
    changed_old, changed_new = set(), set()
    for i, j, k, m in hunks(lost.keys, came.keys):
        changed_old |= set(range(i, j))
        changed_new |= set(range(k, m))
    for at in range(lost.start, lost.end):
        source.dropped[at] = 1
        if at - lost.start not in changed_old:
            source.old_links[at] = link
    for at in range(came.start, came.end):
        target.added[at] = 1
        if at - came.start not in changed_new:
            target.new_links[at] = link


def _all(marks: bytearray, links: dict[int, int], sentence: _Sentence) -> bool:
    return all(marks[sentence.start : sentence.end]) and not any(
        at in links for at in range(sentence.start, sentence.end)
    )


def _same_hunk(inners: Sequence[Inner], lost: _Sentence, came: _Sentence) -> bool:
    if lost.inner != came.inner:
        return False
    inner = inners[lost.inner]
    kept_old = lost.start - sum(inner.dropped[: lost.start])
    kept_new = came.start - sum(inner.added[: came.start])
    return kept_old == kept_new
