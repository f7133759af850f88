"""Sentences that left one paragraph and turned up in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
from rapidfuzz.distance import Indel

from reports.diff.sentences import sentences
from reports.diff.tokens import Words, is_word
from reports.diff.words import hunks

_WORDS = 6  # a shorter sentence is never said to have moved
_LONGEST = 500  # tokens; what is longer is no sentence
_ENDLESS = 50_000  # tokens; what is longer is no paragraph
_ALIKE = 0.75
_NEARER = 0.2  # by how much a sentence must be more like one elsewhere than like those of its own block
_RAREST = 6
_BEST = 4
_LOOKED_AT = 40  # sentences among which the best are surely found: commoner words are not asked
_MANY = 4_000  # sentences without a counterpart on a side: a text of that size that was rewritten, none that moved
_COMMON = 24  # sentences with the same word that are still looked at


def may_move(text: str) -> bool:
    """Whether a text is long enough to hold a sentence that could be said to have moved."""
    return len(text) >= 2 * _WORDS - 1 or not text.isascii()


class Inner:
    """The words of one edited block (or of a dropped or added one) with the marks under way."""

    def __init__(self, old: Words, new: Words) -> None:
        """Nothing is marked yet."""
        self.old, self.new = old, new
        self.dropped, self.added = bytearray(len(old)), bytearray(len(new))
        self.old_links: dict[int, int] = {}
        self.new_links: dict[int, int] = {}

    @property
    def linked(self) -> bool:
        """Whether a sentence of it moved away or came from elsewhere."""
        return bool(self.old_links or self.new_links)

    def mark_all(self) -> None:
        """Mark everything: the block was dropped or added as a whole."""
        self.dropped, self.added = bytearray(b"\1" * len(self.old)), bytearray(b"\1" * len(self.new))

    def mark(self) -> None:
        """Mark what differs among the words not marked so far (those belong to a sentence that moved)."""
        if not self.linked:
            for i, j, k, m in hunks(self.old.keys, self.new.keys):
                self.dropped[i:j] = b"\1" * (j - i)
                self.added[k:m] = b"\1" * (m - k)
            return
        olds = [at for at in range(len(self.old)) if not self.dropped[at]]
        news = [at for at in range(len(self.new)) if not self.added[at]]
        for i, j, k, m in hunks([self.old.keys[at] for at in olds], [self.new.keys[at] for at in news]):
            for at in olds[i:j]:
                self.dropped[at] = 1
            for at in news[k:m]:
                self.added[at] = 1


class _Sentence(msgspec.Struct, frozen=True, gc=False):
    """A sentence on one side: which inner, which tokens."""

    inner: int
    start: int
    end: int
    keys: tuple[str, ...]


class Passages:
    """The sentences of all changed blocks, to link those that moved."""

    def __init__(self, inners: Sequence[Inner]) -> None:
        """Cut the blocks into sentences."""
        self.inners = inners
        self.olds = [list(_sentences(at, inner.old)) for at, inner in enumerate(inners)]
        self.news = [list(_sentences(at, inner.new)) for at, inner in enumerate(inners)]

    def link_moves(self) -> None:
        """Link sentences that moved between blocks, before the words inside the blocks are compared."""
        lost, came = self._unmatched()
        own = _own_likeness(lost, came)
        lost = [found for found in lost if own.get(_name(0, found), 0) + _NEARER <= 1]
        came = [found for found in came if own.get(_name(1, found), 0) + _NEARER <= 1]
        candidates = [
            found
            for found in _candidates(lost, came)
            if found[1].inner != found[2].inner
            and found[0] >= _NEARER + max(own.get(_name(0, found[1]), 0), own.get(_name(1, found[2]), 0))
        ]
        _link(self.inners, candidates, 0)

    def link_leftovers(self) -> None:
        """Link sentences that were wholly dropped here and wholly added there, once the words are marked."""
        lost: list[_Sentence] = []
        came: list[_Sentence] = []
        for inner, olds, news in zip(self.inners, self.olds, self.news, strict=True):
            lost += [found for found in olds if _all(inner.dropped, inner.old_links, found)]
            came += [found for found in news if _all(inner.added, inner.new_links, found)]
        candidates = [found for found in _candidates(lost, came) if not _same_hunk(self.inners, found[1], found[2])]
        _link(self.inners, candidates, 1 << 20)

    def _unmatched(self) -> tuple[list[_Sentence], list[_Sentence]]:
        lost: list[_Sentence] = []
        came: list[_Sentence] = []
        for olds, news in zip(self.olds, self.news, strict=True):
            here, there = {found.keys for found in olds}, {found.keys for found in news}
            lost += [found for found in olds if found.keys not in there]
            came += [found for found in news if found.keys not in here]
        return lost, came


def _sentences(at: int, words: Words) -> Iterator[_Sentence]:
    if not _WORDS <= len(words) <= _ENDLESS:
        return
    for start, end in sentences(words):
        keys = words.keys[start:end]
        if end - start <= _LONGEST and sum(map(is_word, keys[: 3 * _WORDS])) >= _WORDS:
            yield _Sentence(at, start, end, keys)


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
    """Pairs that may be one sentence; the same ones when the sides are swapped."""
    if max(len(lost), len(came)) > _MANY:
        return []
    if [found.keys for found in lost] > [found.keys for found in came]:
        return [(alike, here, there) for alike, there, here in _nearest(came, lost)]
    return _nearest(lost, came)


def _nearest(lost: list[_Sentence], came: list[_Sentence]) -> list[tuple[float, _Sentence, _Sentence]]:
    holders: dict[str, list[int]] = defaultdict(list)
    for at, sentence in enumerate(came):
        for key in set(sentence.keys):
            holders[key].append(at)
    found = []
    for sentence in lost:
        rarest = sorted((len(holders[key]), key) for key in set(sentence.keys) if key in holders)[:_RAREST]
        votes: dict[int, float] = defaultdict(float)
        for count, key in rarest:
            if len(votes) > _LOOKED_AT:
                break
            for at in holders[key][:_COMMON]:
                votes[at] += 1 / count
        for at in sorted(sorted(votes), key=votes.__getitem__, reverse=True)[:_BEST]:
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
    if marks.find(0, sentence.start, sentence.end) >= 0:
        return False
    return not links or not any(at in links for at in range(sentence.start, sentence.end))


def _same_hunk(inners: Sequence[Inner], lost: _Sentence, came: _Sentence) -> bool:
    if lost.inner != came.inner:
        return False
    inner = inners[lost.inner]
    kept_old = lost.start - inner.dropped.count(1, 0, lost.start)
    kept_new = came.start - inner.added.count(1, 0, came.start)
    return kept_old == kept_new
