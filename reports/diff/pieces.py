"""Pieces of a text that carry meaning, and which of them one side has and the other has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from reports.diff.hunks import Side
from storage.types import Kind


@dataclass(frozen=True)
class Piece:
    """A stretch of text that a rule recognised; pieces with equal ``same`` say the same.

    A ``weak`` piece counts only when a strong one stands against it: an article, which may be the number one.
    """

    kind: Kind
    same: str
    text: str
    end: int = 0
    weak: bool = False


@dataclass(frozen=True)
class Differing:
    """What one side has and the other has not."""

    gone: tuple[Piece, ...]
    came: tuple[Piece, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.gone or self.came)

    @property
    def old(self) -> str:
        """The pieces that went, as text."""
        return _text(self.gone)

    @property
    def new(self) -> str:
        """The pieces that came, as text."""
        return _text(self.came)

    @property
    def weak(self) -> bool:
        """Whether nothing differs but weak pieces."""
        return all(piece.weak for piece in (*self.gone, *self.came))

    def of(self, kind: Kind) -> Differing:
        """Only the pieces of one kind."""
        gone, came = (tuple(p for p in side if p.kind is kind) for side in (self.gone, self.came))
        return Differing(gone, came)


def _text(pieces: Sequence[Piece]) -> str:
    return ", ".join(piece.text for piece in [p for p in pieces if not p.weak] or pieces)


def reason(kind: Kind, some: Differing) -> str:
    """The key of why a kind was given: something of it changed, came or went."""
    how = "changed" if some.gone and some.came else "added" if some.came else "dropped"
    return f"{kind.value}_{how}"


def differing(old: Iterable[Piece], new: Iterable[Piece]) -> Differing:
    """Compare as multisets: what stands on both sides, however often, says nothing."""
    old, new = list(old), list(new)
    return Differing(tuple(_rest(old, new)), tuple(_rest(new, old)))


def _rest(here: Sequence[Piece], there: Sequence[Piece]) -> Iterator[Piece]:
    left = Counter(piece.same for piece in there)
    for piece in here:
        if left[piece.same]:
            left[piece.same] -= 1
        else:
            yield piece


def found(kind: Kind, pattern: regex.Pattern[str], side: Side, letters: int | None = None) -> Iterator[Piece]:
    """Every match of a pattern; only its first ``letters`` tell it from others, so that endings do not."""
    for match in pattern.finditer(side.alike):
        same = match.group().casefold()[:letters]
        yield Piece(kind, same, side.text[match.start() : match.end()], match.end())
