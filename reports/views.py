"""What a renderer needs of a change, free of any output format: rows in reading order, unchanged runs folded."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.types import Assessment, BlockKind, Edit, EditOp, Span, SpanOp

RTL = frozenset({"ar", "fa", "ur", "ps", "prs", "he"})
_CONTROLS = {
    "\u00ad": "-",
    "\u200b": "ZWSP",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u00a0": "NBSP",
    "\u202f": "NNBSP",
    "\ufeff": "BOM",
}
_EXCERPT = 60  # characters of unchanged text kept on each side of an edit


@dataclass(frozen=True, kw_only=True)
class Folded:
    """A run of unchanged blocks."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One edit to show; ``number`` counts the changes from 1."""

    number: int
    edit: Edit

    @property
    def anchor(self) -> str:
        """The fragment that names this row."""
        return f"change-{self.number}"


def rows(assessment: Assessment) -> list[Row | Folded]:
    """Every edit that is not a keep, headline and teaser first, with the unchanged runs between folded."""
    return list(_rows(assessment.diff.edits))


def _rows(edits: Sequence[Edit]) -> Iterator[Row | Folded]:
    number = run = 0
    for edit in edits:
        if edit.op is EditOp.KEEP:
            run += edit.block is not None
            continue
        if run:
            yield Folded(count=run)
            run = 0
        number += 1
        yield Row(number=number, edit=edit)
    if run:
        yield Folded(count=run)


def direction(language: str) -> str:
    """``rtl`` or ``ltr``."""
    return "rtl" if language.split("-")[0] in RTL else "ltr"


def shown(text: str, *, marked: bool = False) -> str:
    """Text safe to show: control characters never reach a terminal or page; invisible ones are named where they were edited."""
    return "".join(_safe(character, marked=marked) for character in text)


def _safe(character: str, *, marked: bool) -> str:
    if character in _CONTROLS:
        return f"⟨{_CONTROLS[character]}⟩" if marked or character not in "\u00a0\u00ad\u202f" else character
    category = unicodedata.category(character)
    if category in ("Cc", "Cs") and character not in "\n\t":
        return "\ufffd"
    if category == "Cf" and character not in "\u200c\u200d":
        return f"⟨U+{ord(character):04X}⟩"
    return character


def only_invisible(span: Span) -> bool:
    """Whether an edited span shows nothing by itself, so that its characters must be named."""
    return span.op is not SpanOp.KEEP and not any(unicodedata.category(c)[0] in "LNPS" for c in span.text)


def excerpted(spans: Sequence[Span]) -> list[Span]:
    """The spans with long unchanged stretches shortened to what stands around the edits."""
    if len(spans) == 1 and spans[0].op is SpanOp.KEEP and len(spans[0].text) > 3 * _EXCERPT:
        start = spans[0].text[: 2 * _EXCERPT].rpartition(" ")[0]
        return [Span(op=SpanOp.KEEP, text=f"{start} …")]
    result = []
    for index, span in enumerate(spans):
        if span.op is SpanOp.KEEP and len(span.text) > 3 * _EXCERPT:
            head = "" if index == 0 else span.text[:_EXCERPT].rpartition(" ")[0] + " "
            tail = "" if index == len(spans) - 1 else " " + span.text[-_EXCERPT:].partition(" ")[2]
            span = Span(op=SpanOp.KEEP, text=f"{head}…{tail}")
        result.append(span)
    return result


def is_heading(edit: Edit) -> bool:
    """Whether the edit is in a section heading."""
    return edit.block is BlockKind.HEADING
