"""The words inside a pair of aligned blocks: byte-exact spans, in pieces a person would mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.distance import Indel

from reports.diff.tokens import Token, is_word, key, tokens
from storage.types import Span, SpanOp

_EXHAUSTIVE = 250_000  # cells up to which difflib's matching, the more readable one, is affordable
_ISLAND = 2  # a kept run of so few small tokens between two edits is part of the edit
_SMALL = 4  # characters up to which a word is no landmark between two edits
_END = frozenset(".!?…。।።؟")


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens ``a0:a1`` of the old against ``b0:b1`` of the new text; ``same`` when they are equal."""

    same: bool
    a0: int
    a1: int
    b0: int
    b1: int


def spans(old: str, new: str) -> tuple[Span, ...]:
    """The way from old to new: keep+drop spell the old text, keep+add the new one, byte for byte."""
    if old == new:
        return (Span(op=SpanOp.KEEP, text=old),) if old else ()
    a, b = tokens(old), tokens(new)
    runs = _slid(_joined(_matched(a, b), a), a, b)
    return tuple(_merged(_spelled(old, new, a, b, runs)))


def _matched(a: Sequence[Token], b: Sequence[Token]) -> list[Run]:
    left, right = [token.text for token in a], [token.text for token in b]
    head = next((i for i, (x, y) in enumerate(zip(left, right, strict=False)) if x != y), min(len(left), len(right)))
    limit = min(len(left), len(right)) - head
    tail = next((i for i in range(limit) if left[-1 - i] != right[-1 - i]), limit)
    middle_a, middle_b = left[head : len(left) - tail], right[head : len(right) - tail]
    runs = [Run(True, 0, head, 0, head)] if head else []
    if len(middle_a) * len(middle_b) <= _EXHAUSTIVE:
        codes = SequenceMatcher(None, middle_a, middle_b, autojunk=False).get_opcodes()
        runs += [Run(tag == "equal", i + head, j + head, k + head, n + head) for tag, i, j, k, n in codes]
    else:
        ids = {text: number for number, text in enumerate(dict.fromkeys(middle_a + middle_b))}
        opcodes = Indel.opcodes([ids[text] for text in middle_a], [ids[text] for text in middle_b])
        runs += [
            Run(
                code.tag == "equal",
                code.src_start + head,
                code.src_end + head,
                code.dest_start + head,
                code.dest_end + head,
            )
            for code in opcodes
        ]
    if tail:
        runs.append(Run(True, len(left) - tail, len(left), len(right) - tail, len(right)))
    return runs


def _joined(runs: Sequence[Run], a: Sequence[Token]) -> list[Run]:
    """Neighbouring edits as one, and kept islands of a stop word or a comma taken into the edit around them."""
    joined: list[Run] = []
    for index, run in enumerate(runs):
        inside = 0 < index < len(runs) - 1
        same = run.same and not (inside and _is_island(run, runs[index - 1], runs[index + 1], a))
        if joined and joined[-1].same == same:
            last = joined.pop()
            run = Run(same, last.a0, run.a1, last.b0, run.b1)
        joined.append(Run(same, run.a0, run.a1, run.b0, run.b1))
    return joined


def _is_island(run: Run, before: Run, after: Run, a: Sequence[Token]) -> bool:
    kept = [token.text for token in a[run.a0 : run.a1]]
    if len(kept) > _ISLAND or any(len(word) > _SMALL for word in kept) or any(word in _END for word in kept):
        return False
    small = min(_size(before), _size(after))
    replaced = all(edit.a1 > edit.a0 and edit.b1 > edit.b0 for edit in (before, after))
    letters = sum(map(is_word, kept))
    return replaced and small > letters + 1


def _size(run: Run) -> int:
    return max(run.a1 - run.a0, run.b1 - run.b0)


def _slid(runs: list[Run], a: Sequence[Token], b: Sequence[Token]) -> list[Run]:
    """Slide pure insertions and deletions so that whole sentences, not the tail of one and the head of the next, are marked."""
    for index in range(1, len(runs) - 1):
        run, before, after = runs[index], runs[index - 1], runs[index + 1]
        if run.same or not before.same or not after.same or (run.a1 > run.a0 and run.b1 > run.b0):
            continue
        side, start, end = (a, run.a0, run.a1) if run.a1 > run.a0 else (b, run.b0, run.b1)
        shift = _best_shift(side, start, end, before.a1 - before.a0, after.a1 - after.a0)
        runs[index - 1] = Run(True, before.a0, before.a1 + shift, before.b0, before.b1 + shift)
        runs[index] = Run(False, run.a0 + shift, run.a1 + shift, run.b0 + shift, run.b1 + shift)
        runs[index + 1] = Run(True, after.a0 + shift, after.a1, after.b0 + shift, after.b1)
    return [run for run in runs if run.a1 > run.a0 or run.b1 > run.b0]


def _best_shift(side: Sequence[Token], start: int, end: int, room_left: int, room_right: int) -> int:
    shifts = [0]
    while -shifts[-1] < room_left and side[start + shifts[-1] - 1].text == side[end + shifts[-1] - 1].text:
        shifts.append(shifts[-1] - 1)
    right = 0
    while right < room_right and end + right < len(side) and side[start + right].text == side[end + right].text:
        right += 1
        shifts.append(right)
    return max(shifts, key=lambda shift: (_edge(side, start + shift, end + shift), -abs(shift), shift))


def _edge(side: Sequence[Token], start: int, end: int) -> int:
    """How naturally tokens ``start:end`` stand as a unit: ends a sentence and begins after one."""
    begins = start == 0 or side[start - 1].text in _END or _closes(side, start - 1)
    ends = side[end - 1].text in _END or _closes(side, end - 1)
    comma = side[end - 1].text == "," or (start > 0 and side[start].text == ",")
    return 4 * (begins and ends) + comma


def _closes(side: Sequence[Token], at: int) -> bool:
    return at > 0 and side[at].text in '"”“»' and side[at - 1].text in _END


def _spelled(old: str, new: str, a: Sequence[Token], b: Sequence[Token], runs: Sequence[Run]) -> Iterator[Span]:
    """Runs as text, the white space between tokens included on whichever side it stands."""
    at_old = at_new = 0
    for index, run in enumerate(runs):
        final = index == len(runs) - 1
        if run.same:
            for i, j in zip(range(run.a0, run.a1), range(run.b0, run.b1), strict=True):
                yield from _gap(old[at_old : a[i].start], new[at_new : b[j].start])
                yield Span(op=SpanOp.KEEP, text=a[i].text)
                at_old, at_new = a[i].end, b[j].end
            continue
        lead_old = old[at_old : a[run.a0].start] if run.a1 > run.a0 else ""
        lead_new = new[at_new : b[run.b0].start] if run.b1 > run.b0 else ""
        if lead_old == lead_new and lead_old:
            yield Span(op=SpanOp.KEEP, text=lead_old)
            at_old, at_new = at_old + len(lead_old), at_new + len(lead_new)
        end_old = len(old) if final else (a[run.a1 - 1].end if run.a1 > run.a0 else at_old)
        end_new = len(new) if final else (b[run.b1 - 1].end if run.b1 > run.b0 else at_new)
        yield Span(op=SpanOp.DROP, text=old[at_old:end_old])
        yield Span(op=SpanOp.ADD, text=new[at_new:end_new])
        at_old, at_new = end_old, end_new
    yield from _gap(old[at_old:], new[at_new:])


def _gap(old: str, new: str) -> Iterator[Span]:
    if old == new:
        yield Span(op=SpanOp.KEEP, text=old)
    else:
        yield Span(op=SpanOp.DROP, text=old)
        yield Span(op=SpanOp.ADD, text=new)


def _merged(pieces: Iterator[Span]) -> Iterator[Span]:
    """Join neighbours of the same fate; within an edit the dropped text comes before the added."""
    kept = dropped = added = ""
    for piece in pieces:
        if not piece.text:
            continue
        if piece.op is SpanOp.KEEP:
            if dropped or added:
                yield from _out(kept, dropped, added)
                kept = dropped = added = ""
            kept += piece.text
        elif piece.op is SpanOp.DROP:
            dropped += piece.text
        else:
            added += piece.text
    yield from _out(kept, dropped, added)


def _out(kept: str, dropped: str, added: str) -> Iterator[Span]:
    for op, text in ((SpanOp.KEEP, kept), (SpanOp.DROP, dropped), (SpanOp.ADD, added)):
        if text:
            yield Span(op=op, text=text)


def typographic(old: str, new: str) -> bool:
    """Whether two texts differ in typography only."""
    return old != new and key(old) == key(new)
