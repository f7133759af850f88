"""The changes inside an edit one by one, each with the words around it that tell what it is about."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from reports.diff.lexicon import alike
from storage.types import Span, SpanOp

_AROUND = 48  # characters of context on each side, cut at a word
_BEFORE = 2000  # characters in which a quotation mark that opened is looked for


@dataclass(frozen=True)
class Side:
    """One side of a change with the context both sides share; ``start`` and ``end`` bound what changed."""

    text: str
    start: int
    end: int

    @cached_property
    def alike(self) -> str:
        """The text as patterns read it, of the same length."""
        return alike(self.text)

    @property
    def piece(self) -> str:
        """What changed."""
        return self.text[self.start : self.end]


@dataclass(frozen=True)
class Hunk:
    """What was dropped, what was added in its place, the new text before and after, and the link of a moved sentence."""

    old: str
    new: str
    before: str
    after: str
    link: int | None = None

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """Both sides with the words around them."""
        before, after = _tail(self.before), _head(self.after)
        return _side(before, self.old, after), _side(before, self.new, after)


def hunks(spans: Sequence[Span]) -> Iterator[Hunk]:
    """The changes of an edit: what moved by link, the rest as dropped and added in its place."""
    groups = [(kept, list(group)) for kept, group in groupby(spans, key=lambda span: span.op is SpanOp.KEEP)]
    new = "".join(span.text for span in spans if span.op is not SpanOp.DROP)
    at = 0
    for kept, group in groups:
        size = sum(len(span.text) for span in group if span.op is not SpanOp.DROP)
        if not kept:
            for link in dict.fromkeys(span.link for span in group):
                dropped, added = (
                    "".join(span.text for span in group if span.op is op and span.link == link)
                    for op in (SpanOp.DROP, SpanOp.ADD)
                )
                yield Hunk(
                    dropped, added, new[max(at - _BEFORE, 0) : at], new[at + size : at + size + 2 * _AROUND], link
                )
        at += size


def _side(before: str, piece: str, after: str) -> Side:
    before, piece, after = (unicodedata.normalize("NFC", text) for text in (before, piece, after))
    return Side(before + piece + after, len(before), len(before) + len(piece))


def _tail(text: str) -> str:
    cut = text[-_AROUND:]
    return cut if len(text) <= _AROUND else cut[cut.find(" ") + 1 :]


def _head(text: str) -> str:
    cut = text[:_AROUND]
    return cut if len(text) <= _AROUND else cut[: cut.rfind(" ") + 1] or cut
