"""Sentences that moved from one paragraph to another: both ends are marked and linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.diff.blocks import similarity
from reports.diff.tokens import words
from storage.types import Edit, EditOp, SpanOp

_LONG_ENOUGH = 6  # tokens
_ALIKE = 0.75
_MOST = 400  # spans on either side; beyond that a rewrite is no set of moves


def linked(edits: Sequence[Edit]) -> list[Edit]:
    """The edits with the dropped and added ends of moved sentences sharing a link number."""
    ends = {
        op: [
            (e, s, words(span.text))
            for e, edit in enumerate(edits)
            if edit.op in (EditOp.EDIT, EditOp.MOVE)
            for s, span in enumerate(edit.spans)
            if span.op is op and len(words(span.text)) >= _LONG_ENOUGH
        ]
        for op in (SpanOp.DROP, SpanOp.ADD)
    }
    result = list(edits)
    if not 0 < len(ends[SpanOp.DROP]) * len(ends[SpanOp.ADD]) <= _MOST**2:
        return result
    taken: set[int] = set()
    number = 0
    for e, s, dropped in ends[SpanOp.DROP]:
        scores = [
            (similarity(dropped, added), -n)
            for n, (f, _, added) in enumerate(ends[SpanOp.ADD])
            if f != e and n not in taken
        ]
        if scores and max(scores)[0] >= _ALIKE:
            n = -max(scores)[1]
            taken.add(n)
            number += 1
            f, t, _ = ends[SpanOp.ADD][n]
            result[e] = _with_link(result[e], s, number)
            result[f] = _with_link(result[f], t, number)
    return result


def _with_link(edit: Edit, at: int, number: int) -> Edit:
    marked = [replace(span, link=number) if i == at else span for i, span in enumerate(edit.spans)]
    return replace(edit, spans=tuple(marked))
