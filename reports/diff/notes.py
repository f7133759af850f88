"""What a note beneath an article is: a correction, an update, or a credit line."""

from __future__ import annotations

from collections.abc import Iterator

from reports.diff.lexicon import note_patterns
from reports.diff.tokens import folded
from storage.types import Edit, EditOp, Field, Finding, Kind, Weight

_LONGEST = 800  # characters; a longer block that mentions a correction is text


def is_correction(text: str) -> bool:
    """Whether a text reads as a correction note."""
    return 0 < len(text) <= _LONGEST and bool(note_patterns()[0].search(text))


def is_update(text: str) -> bool:
    """Whether a text reads as an update note."""
    return 0 < len(text) <= _LONGEST and bool(note_patterns()[1].search(text))


def is_note(edit: Edit) -> bool:
    """Whether the edit is in a note: by its place, or a whole paragraph that reads as a correction."""
    whole = edit.op in (EditOp.ADD, EditOp.DROP) and edit.field is Field.BODY
    return edit.field is Field.NOTE or (whole and is_correction(edit.old or edit.new or ""))


def of_note(edit: Edit) -> Finding:
    """What happened to a note."""
    old, new = edit.old or "", edit.new or ""
    how = "added" if not old else "dropped" if not new else "changed"
    if is_correction(new) and folded(old) != folded(new):
        return Finding(
            kind=Kind.CORRECTION_NOTE, weight=Weight.SUBSTANTIVE, old=old, new=new, reason=f"correction_note_{how}"
        )
    if is_update(new):
        return Finding(kind=Kind.UPDATE_NOTE, weight=Weight.EDITORIAL, old=old, new=new, reason=f"update_note_{how}")
    if is_correction(old) or is_update(old):
        return Finding(kind=Kind.NOTE_REMOVED, weight=Weight.SUBSTANTIVE, old=old, new=new, reason="note_removed")
    return Finding(kind=Kind.CREDIT_NOTE, weight=Weight.EDITORIAL, old=old, new=new, reason=f"credit_{how}")


def notes_in(edits: tuple[Edit, ...]) -> Iterator[Edit]:
    """The edits that say something about the article's own correction or update."""
    for edit in edits:
        if any(finding.kind in (Kind.CORRECTION_NOTE, Kind.UPDATE_NOTE) for finding in edit.findings):
            yield edit
