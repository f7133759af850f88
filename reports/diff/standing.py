"""A passage that is no longer in the text but still stands on the page was moved out of the text, not removed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from msgspec.structs import replace

from reports.diff.spans import whole
from storage.types import Edit, EditOp, Field, SpanOp

PROVABLE = 40  # letters from which a passage standing elsewhere on the page is no accident


def still_standing(edits: Iterable[Edit], page: Callable[[], str]) -> Iterator[Edit]:
    """The edits, with each passage dropped from the text that ``page`` (all its text) still carries as a move out of the text."""
    known = cache(lambda: letters(page()))
    for edit in edits:
        dropped = edit.op is EditOp.DROP and edit.field in (Field.BODY, Field.NOTE)
        key = letters(edit.old or "") if dropped else ""
        if len(key) >= PROVABLE and key in known():
            yield replace(edit, op=EditOp.MOVE, new=edit.old, spans=whole(SpanOp.KEEP, edit.old or ""))
        else:
            yield edit


def letters(text: str) -> str:
    """A text without what layout may change: letters and digits only."""
    return "".join(filter(str.isalnum, text))
