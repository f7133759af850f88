"""What a change says, as JSON: of a block that stayed as it was the text stands once, where an Edit says it three times. Pure.

Most of a change is what stayed. Changes of before schema 15 say all of it; both are read.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from storage.content import encode
from storage.types import Assessment, BlockKind, Diff, Edit, EditOp, Field, MetadataChange, Span, SpanOp


class _Stayed(msgspec.Struct, frozen=True, kw_only=True):
    """A kept Edit whose old text and one span are its new text."""

    op: EditOp = EditOp.KEEP
    field: Field
    new: str
    block: BlockKind | None
    old_at: tuple[int, ...]
    new_at: tuple[int, ...]


class _Edit(Edit, frozen=True, kw_only=True, gc=False):
    """An Edit as it is read; of one that stayed ``old`` and ``spans`` are not set."""

    old: str | msgspec.UnsetType | None = msgspec.UNSET  # type: ignore[assignment]
    spans: tuple[Span, ...] | msgspec.UnsetType = msgspec.UNSET  # type: ignore[assignment]


class _Diff(msgspec.Struct, frozen=True, kw_only=True):
    edits: tuple[_Edit, ...]
    metadata: tuple[MetadataChange, ...] = ()


class _Assessment(Assessment, frozen=True, kw_only=True):
    diff: _Diff  # type: ignore[assignment]


_DECODER = msgspec.json.Decoder(_Assessment)


def written(assessment: Assessment) -> str:
    """An assessment as it is kept, the same bytes for the same value."""
    edits: Any = tuple(_short(edit) for edit in assessment.diff.edits)
    return encode(replace(assessment, diff=replace(assessment.diff, edits=edits)))


def read(text: str | bytes) -> Assessment:
    """The inverse of ``written``. Raises ValueError for what is no assessment."""
    found = _DECODER.decode(text)
    diff = Diff(edits=tuple(map(_whole, found.diff.edits)), metadata=found.diff.metadata)
    return Assessment(**{**asdict(found), "diff": diff})


def _short(edit: Edit) -> Edit | _Stayed:
    new = edit.new
    if edit.op is not EditOp.KEEP or not new or edit.old != new or edit.findings or edit.spans != _kept(new):
        return edit
    return _Stayed(field=edit.field, new=new, block=edit.block, old_at=edit.old_at, new_at=edit.new_at)


def _whole(edit: _Edit) -> Edit:
    old: Any = edit.old
    spans: Any = edit.spans
    if msgspec.UNSET in (old, spans):
        if old is not spans or edit.op is not EditOp.KEEP or not edit.new:
            raise ValueError("a block without its old text or its spans did not stay")
        old, spans = edit.new, _kept(edit.new)
    return Edit(
        op=edit.op, field=edit.field, old=old, new=edit.new, spans=spans, block=edit.block,
        old_at=edit.old_at, new_at=edit.new_at, findings=edit.findings,
    )  # fmt: skip


def _kept(text: str) -> tuple[Span, ...]:
    return (Span(op=SpanOp.KEEP, text=text),)
