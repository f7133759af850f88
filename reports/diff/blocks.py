"""Which blocks of two articles belong together: kept, edited, moved, split or merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from reports.diff.backbone import heaviest
from reports.diff.likeness import Candidate, Likeness
from reports.diff.tokens import Words
from storage.types import BlockKind

_SPLIT_PARTS = 4
_MOVED_LIKENESS = 0.5  # a block that is elsewhere and half different is rather another block
_MOVED_WORDS = 4  # a shorter block is never said to have moved
_GAP_LIKENESS = 0.3
_GAP_CELLS = 50_000  # pairs looked at in all gaps together: more are no article
_LONE = frozenset({BlockKind.HEADING, BlockKind.NOTE, BlockKind.CAPTION, BlockKind.CREDIT})


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A block as the alignment sees it: where it stands, what it is and its text folded for comparison."""

    at: int
    kind: BlockKind
    text: str
    key: str


class Cluster(msgspec.Struct, frozen=True, order=True, gc=False):
    """Blocks that belong together; an empty side means dropped or added, loose that the texts only look different."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    moved: bool = False
    loose: bool = False

    def sides(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The places on the old and on the new side."""
        return self.old, self.new

    def joined(self, side: int, at: int) -> Cluster:
        """The same with one more block on a side (0 old, 1 new)."""
        more = tuple(sorted((*self.sides()[side], at)))
        return Cluster(self.old, more, self.moved) if side else Cluster(more, self.new, self.moved)

    def mirrored(self) -> Cluster:
        """The same seen from the other side."""
        return Cluster(self.new, self.old, self.moved, self.loose)


def align(old: Sequence[Piece], new: Sequence[Piece], words: Callable[[str], Words]) -> list[Cluster]:
    """Clusters (of positions in the two sequences) that cover every piece once; mirrored when the sides are swapped."""
    keys_old, keys_new = [piece.key for piece in old], [piece.key for piece in new]
    if keys_old == keys_new:
        return [Cluster((at,), (at,)) for at in range(len(old))]
    if keys_old > keys_new:
        return [cluster.mirrored() for cluster in _Alignment(new, old, words).run()]
    return _Alignment(old, new, words).run()


class _Alignment:
    """One alignment under way."""

    def __init__(self, old: Sequence[Piece], new: Sequence[Piece], words: Callable[[str], Words]) -> None:
        self.old, self.new, self.words = old, new, words
        self.clusters: list[Cluster] = []
        self.free_old = set(range(len(old)))
        self.free_new = set(range(len(new)))

    def run(self) -> list[Cluster]:
        self._pair_equal()
        if self.free_old and self.free_new:
            self._pair_similar()
        self._mark_moves()
        if self.free_old and self.free_new:
            self._pair_in_gaps()
        self._join_parts()
        dropped = [Cluster((at,), ()) for at in sorted(self.free_old)]
        return self.clusters + dropped + [Cluster((), (at,)) for at in sorted(self.free_new)]

    def _take(self, old: Iterable[int], new: Iterable[int]) -> None:
        cluster = Cluster(tuple(old), tuple(new))
        self.clusters.append(cluster)
        self.free_old.difference_update(cluster.old)
        self.free_new.difference_update(cluster.new)

    def _take_pairs(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Many pairs at once."""
        pairs = list(pairs)
        self.clusters += [Cluster((i,), (j,)) for i, j in pairs]
        self.free_old.difference_update([i for i, _ in pairs])
        self.free_new.difference_update([j for _, j in pairs])

    def _pair_equal(self) -> None:
        """Equal texts: first at head and tail, then unique ones anywhere, then repeated ones by their neighbours."""
        old, new = self.old, self.new
        shorter, head, tail = min(len(old), len(new)), 0, 0
        while head < shorter and old[head].key == new[head].key:
            head += 1
        while tail < shorter - head and old[-1 - tail].key == new[-1 - tail].key:
            tail += 1
        self._take_pairs((at, at) for at in range(head))
        self._take_pairs((len(old) - at, len(new) - at) for at in range(1, tail + 1))
        places = self._places()
        self._take_pairs((olds[0], news[0]) for olds, news in places.values() if len(olds) == len(news) == 1)
        partner = {cluster.old[0]: cluster.new[0] for cluster in self.clusters}
        for olds, news in places.values():
            if len(olds) + len(news) > 2:
                self._pair_repeated(olds, news, partner)

    def _places(self) -> dict[str, tuple[list[int], list[int]]]:
        places: dict[str, tuple[list[int], list[int]]] = {}
        news = {self.new[at].key for at in self.free_new}
        for at in sorted(self.free_old):
            key = self.old[at].key
            if key in news:
                places.setdefault(key, ([], []))[0].append(at)
        for at in sorted(self.free_new):
            if found := places.get(self.new[at].key):
                found[1].append(at)
        return places

    def _pair_repeated(self, olds: list[int], news: list[int], partner: dict[int, int]) -> None:
        if len(olds) == len(news):
            self._take_pairs(zip(olds, news, strict=True))
            return
        left_old, left_new = dict.fromkeys(olds), set(news)
        for step in (-1, 1):  # a line whose neighbour is paired belongs beside that neighbour's partner
            for at in list(left_old):
                beside = partner.get(at + step)
                if beside is not None and beside - step in left_new:
                    self._take((at,), (beside - step,))
                    del left_old[at]
                    left_new.discard(beside - step)
        self._take_pairs(zip(left_old, sorted(left_new), strict=False))

    def _pair_similar(self) -> None:
        olds = [at for at in sorted(self.free_old) if _may_be_alike(self.old[at].text)]
        news = [at for at in sorted(self.free_new) if _may_be_alike(self.new[at].text)]
        if not olds or not news:
            return
        anchors = sorted((cluster.old[0], cluster.new[0]) for cluster in self.clusters)
        likeness = Likeness(self.old, self.new, self.words, heaviest([(i, j, 1.0) for i, j in anchors], anchors))
        found = likeness.candidates(olds, news, _SPLIT_PARTS)
        for candidate in sorted(found, key=Candidate.order):
            if self.free_old.issuperset(candidate.old) and self.free_new.issuperset(candidate.new):
                self._take(candidate.old, candidate.new)

    def _mark_moves(self) -> None:
        """The heaviest run of clusters in the same order stays; the others have moved."""
        self.clusters.sort()
        weighed = [(cluster.old[0], cluster.new[0], self._weight(cluster)) for cluster in self.clusters]
        stays = set(heaviest(weighed, list(range(len(weighed)))))
        if len(stays) == len(self.clusters):
            return
        kept: list[Cluster] = []
        for at, cluster in enumerate(self.clusters):
            if at in stays:
                kept.append(cluster)
            elif self._may_move(cluster):
                kept.append(Cluster(cluster.old, cluster.new, moved=True))
            else:
                self.free_old.update(cluster.old)
                self.free_new.update(cluster.new)
        self.clusters = kept

    def _weight(self, cluster: Cluster) -> float:
        if len(cluster.old) == 1:
            return 1.0 + len(self.old[cluster.old[0]].text) / 6
        return 1.0 + sum([len(self.old[at].text) for at in cluster.old]) / 6

    def _may_move(self, cluster: Cluster) -> bool:
        if len(cluster.old) == len(cluster.new) == 1 and not _may_be_alike(self.old[cluster.old[0]].text):
            return False
        texts = [self.old[at] for at in cluster.old], [self.new[at] for at in cluster.new]
        if min(sum(len(self.words(piece.text)) for piece in side) for side in texts) < _MOVED_WORDS:
            return False
        if len(cluster.old) > 1 or len(cluster.new) > 1 or texts[0][0].key == texts[1][0].key:
            return True
        likeness = Likeness(self.old, self.new, self.words, [])
        return likeness.of(cluster.old, cluster.new) >= _MOVED_LIKENESS

    def _pair_in_gaps(self) -> None:
        """Rewritten blocks: what is left on both sides between the same neighbours."""
        likeness = Likeness(self.old, self.new, self.words, [])
        budget = _GAP_CELLS
        for olds, news in self._gaps():
            budget -= len(olds) * len(news)
            if budget < 0:
                return
            ranked = sorted(
                (-likeness.content(i, j), abs(a - b), a + b, i, j)
                for a, i in enumerate(olds)
                for b, j in enumerate(news)
            )
            pairs: list[tuple[int, int]] = []
            for score, _, _, i, j in ranked:
                crossing = any((i - a) * (j - b) <= 0 for a, b in pairs)
                if not crossing and (-score >= _GAP_LIKENESS or self._lone(i, j, olds, news)):
                    pairs.append((i, j))
                    self._take((i,), (j,))

    def _join_parts(self) -> None:
        """A block left beside a paired one that holds most of what the pair lost: part of a split or merge."""
        likeness = Likeness(self.old, self.new, self.words, [])
        for side, free in enumerate((self.free_old, self.free_new)):
            beside = {c.sides()[side][place]: at for at, c in enumerate(self.clusters) for place in (0, -1)}
            for at in sorted(free):
                for neighbour in (at - 1, at + 1):
                    place = beside.get(neighbour)
                    if place is not None and self._is_part(likeness, self.clusters[place], side, at):
                        self.clusters[place] = self.clusters[place].joined(side, at)
                        beside[at] = place
                        free.discard(at)
                        break

    def _is_part(self, likeness: Likeness, cluster: Cluster, side: int, at: int) -> bool:
        here, there = cluster.sides()[side], cluster.sides()[1 - side]
        if len(there) > 1 or len(here) >= _SPLIT_PARTS or abs(here[-1] - here[0]) >= _SPLIT_PARTS:
            return False
        return likeness.completes(side, there[0], here, at)

    def _gaps(self) -> list[tuple[list[int], list[int]]]:
        fixed = sorted((c.old, c.new) for c in self.clusters if not c.moved)
        bounds = [*((old[0], new[0]) for old, new in fixed), (len(self.old), len(self.new))]
        olds, news = sorted(self.free_old), sorted(self.free_new)
        gaps, i, j = [], 0, 0
        for old_end, new_end in bounds:
            a, b = i, j
            while i < len(olds) and olds[i] < old_end:
                i += 1
            while j < len(news) and news[j] < new_end:
                j += 1
            if i > a and j > b and (i - a) * (j - b) <= 2_500:
                gaps.append((olds[a:i], news[b:j]))
        return gaps

    def _lone(self, i: int, j: int, olds: list[int], news: list[int]) -> bool:
        kind = self.old[i].kind
        alone = sum(self.old[at].kind is kind for at in olds) == 1 == sum(self.new[at].kind is kind for at in news)
        return alone and kind is self.new[j].kind and kind in _LONE


def _may_be_alike(text: str) -> bool:
    """Whether a text can be like another without being the same: not a single word."""
    return " " in text or not text.isascii()
