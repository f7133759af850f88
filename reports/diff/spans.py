"""Runs of text that spell both sides of an edit, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from reports.diff.tokens import Words
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
    while i < len(old) or j < len(new):
        if i < len(old) and dropped[i]:
            out.append(Span(op=SpanOp.DROP, text=old.cores[i] + old.gaps[i], link=gone.get(i)))
            i += 1
        elif j < len(new) and added[j]:
            out.append(Span(op=SpanOp.ADD, text=new.cores[j] + new.gaps[j], link=came.get(j)))
            j += 1
        else:
            _both(out, old.cores[i], new.cores[j])
            _both(out, old.gaps[i], new.gaps[j])
            i, j = i + 1, j + 1
    return tidy(out)


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
