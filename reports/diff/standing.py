"""A passage that is no longer in the text but still stands on the page was moved out of the text, not removed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from msgspec.structs import replace

from reports.diff.spans import whole
from reports.diff.tokens import folded
from storage.types import Edit, EditOp, Field, SpanOp

PROVABLE = 40  # letters from which a passage standing elsewhere on the page is no accident


def still_standing(edits: Iterable[Edit], page: Callable[[], str]) -> Iterator[Edit]:
    """The edits, with each passage dropped from the text that ``page`` (all its text) still carries as a move out of the text."""
    known = cache(lambda: run_together(page()))
    for edit in edits:
        dropped = edit.op is EditOp.DROP and edit.field in (Field.BODY, Field.NOTE)
        text = (edit.old or "") if dropped else ""
        if sum(map(str.isalnum, text)) >= PROVABLE and run_together(text) in known():
            yield replace(edit, op=EditOp.MOVE, new=edit.old, spans=whole(SpanOp.KEEP, edit.old or ""))
        else:
            yield edit


def run_together(text: str) -> str:
    """A text without what layout may change: spaces and the bars between the cells of a table. 1.5 is not 15, and no sign is lost."""
    return "".join(folded(text).replace("|", "").split())
