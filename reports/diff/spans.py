"""Runs of text that spell both sides of an edit, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby, pairwise

from reports.diff.tokens import Words, is_han
from storage.types import Span, SpanOp


def spell(
    old: Words,
    new: Words,
    dropped: bytearray,
    added: bytearray,
    old_links: Mapping[int, int] | None = None,
    new_links: Mapping[int, int] | None = None,
) -> tuple[Span, ...]:
    """Spans from the marks on each side's tokens; the unmarked tokens of both sides pair in order."""
    gone, came = old_links or {}, new_links or {}
    out: list[Span] = []
    _both(out, old.lead, new.lead)
    i = j = 0
    while i < len(old.cores) or j < len(new.cores):
        drops = _linked(SpanOp.DROP, old, i, end := _marked(dropped, i), gone)
        adds = _linked(SpanOp.ADD, new, j, to := _marked(added, j), came)
        out += _unglued(drops, adds, old, new, (i, end), (j, to))
        i, j = end, to
        size = min(_unmarked(dropped, i), _unmarked(added, j))
        _kept(out, old, new, i, j, size)
        i, j = i + size, j + size
    return tidy(out)


def _marked(marks: bytearray, at: int) -> int:
    """Where the marks that begin at ``at`` end."""
    end = marks.find(0, at)
    return len(marks) if end < 0 else end


def _unmarked(marks: bytearray, at: int) -> int:
    """How many tokens from ``at`` on carry no mark."""
    end = marks.find(1, at)
    return (len(marks) if end < 0 else end) - at


def _linked(op: SpanOp, words: Words, start: int, end: int, links: Mapping[int, int]) -> list[Span]:
    """The text of marked tokens, cut where the link changes."""
    text, starts = words.text, words.starts
    if start == end:
        return []
    if not links:
        return [Span(op=op, text=text[starts[start] : starts[end]])]
    cuts = [start, *(at for at in range(start + 1, end) if links.get(at) != links.get(at - 1)), end]
    return [Span(op=op, text=text[starts[at] : starts[to]], link=links.get(at)) for at, to in pairwise(cuts)]


def _unglued(
    drops: list[Span], adds: list[Span], old: Words, new: Words, gone: tuple[int, int], came: tuple[int, int]
) -> list[Span]:
    """The spans of a change, without the Han that both sides share at an edge where either side has a word end.

    Where a word ends in a script without spaces is a guess that depends on what stands around it.
    """
    if len(drops) != 1 or len(adds) != 1 or drops[0].link or adds[0].link:
        return drops + adds
    was, now = drops[0].text, adds[0].text
    if not is_han(was[0]) and not is_han(was[-1]):
        return drops + adds
    ends = _word_ends(old, *gone), _word_ends(new, *came)
    tail = _glue(
        was[::-1], now[::-1], *({len(text) - end for end in e} for text, e in zip((was, now), ends, strict=True))
    )
    was, now, kept = was[: len(was) - tail], now[: len(now) - tail], was[len(was) - tail :]
    head = _glue(was, now, ends[0] | {len(was)}, ends[1] | {len(now)})
    return [
        span
        for span in (
            Span(op=SpanOp.KEEP, text=was[:head]),
            Span(op=SpanOp.DROP, text=was[head:]),
            Span(op=SpanOp.ADD, text=now[head:]),
            Span(op=SpanOp.KEEP, text=kept),
        )
        if span.text
    ]


def _word_ends(words: Words, start: int, end: int) -> set[int]:
    """Where the tokens of a run end, counted from where it starts."""
    return {at - words.starts[start] for at in words.starts[start : end + 1]}


def _glue(was: str, now: str, was_ends: set[int], now_ends: set[int]) -> int:
    """How many characters at the start are shared Han up to a word end of either side."""
    found = 0
    for at, (a, b) in enumerate(zip(was, now, strict=False), 1):
        if a != b or not is_han(a):
            break
        if at in was_ends or at in now_ends:
            found = at
    return found


def _kept(out: list[Span], old: Words, new: Words, i: int, j: int, size: int) -> None:
    """Tokens that are the same on both sides, though perhaps in another typography."""
    text = old.text[old.starts[i] : old.starts[i + size]]
    if text == new.text[new.starts[j] : new.starts[j + size]]:
        if text:
            out.append(Span(op=SpanOp.KEEP, text=text))
        return
    for at, to in zip(range(i, i + size), range(j, j + size), strict=True):
        _both(out, old.cores[at], new.cores[to])
        _both(out, old.gaps[at], new.gaps[to])


def whole(op: SpanOp, text: str) -> tuple[Span, ...]:
    """One span over a whole text, none over an empty one."""
    return (Span(op=op, text=text),) if text else ()


def _both(out: list[Span], old: str, new: str) -> None:
    if old == new:
        if old:
            out.append(Span(op=SpanOp.KEEP, text=old))
        return
    if old:
        out.append(Span(op=SpanOp.DROP, text=old))
    if new:
        out.append(Span(op=SpanOp.ADD, text=new))


def tidy(spans: list[Span]) -> tuple[Span, ...]:
    """Neighbours joined, drops before adds, and the space both sides share taken out of each change."""
    out: list[Span] = []
    for kept, group in groupby(spans, key=lambda span: span.op is SpanOp.KEEP):
        run = list(group)
        out += run if kept else _changed(run)
    return tuple(_join(out))


def _changed(group: list[Span]) -> list[Span]:
    drops = _join([span for span in group if span.op is SpanOp.DROP])
    adds = _join([span for span in group if span.op is SpanOp.ADD])
    if not drops or not adds:
        return drops + adds
    if [span.text for span in drops] == [span.text for span in adds]:
        return [Span(op=SpanOp.KEEP, text=span.text) for span in drops]
    head = _shared(drops[0].text, adds[0].text)
    drops[0], adds[0] = _cut(drops[0], head, 0), _cut(adds[0], head, 0)
    tail = _shared(drops[-1].text[::-1], adds[-1].text[::-1])
    end = drops[-1].text[len(drops[-1].text) - tail :]
    start = head and group_text(spans=group)[:head]
    drops[-1], adds[-1] = _cut(drops[-1], 0, tail), _cut(adds[-1], 0, tail)
    keep = [Span(op=SpanOp.KEEP, text=text) for text in (start or "", end)]
    return [span for span in (keep[0], *drops, *adds, keep[1]) if span.text]


def group_text(spans: list[Span]) -> str:
    """The dropped text of a group of spans."""
    return "".join(span.text for span in spans if span.op is SpanOp.DROP)


def _shared(old: str, new: str) -> int:
    count = 0
    while count < min(len(old), len(new)) and old[count] == new[count] and old[count].isspace():
        count += 1
    return count


def _cut(span: Span, head: int, tail: int) -> Span:
    return Span(op=span.op, text=span.text[head : len(span.text) - tail], link=span.link) if head or tail else span


def _join(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for (op, link), group in groupby(spans, key=lambda span: (span.op, span.link)):
        out.append(Span(op=op, text="".join(span.text for span in group), link=link))
    return out
