"""What a note beneath an article is: a correction, an update, or a credit line."""

from __future__ import annotations

from collections.abc import Iterator

from reports.diff.lexicon import note_pattern
from reports.diff.tokens import folded
from storage.types import Edit, Field, Finding, Kind, Weight

_PARAGRAPH = 400  # characters of a body paragraph that may be a note
_LONGEST = 800  # characters; a longer block that mentions a correction is text


def is_correction(text: str) -> bool:
    """Whether a text reads as a correction note."""
    return 0 < len(text) <= _LONGEST and bool(note_pattern("correction").search(text))


def is_update(text: str) -> bool:
    """Whether a text reads as an update note or another remark of the editors."""
    return 0 < len(text) <= _LONGEST and any(note_pattern(name).search(text) for name in ("update", "remark"))


def is_note(edit: Edit) -> bool:
    """Whether the edit is in a note: by its place, or because a short paragraph of the body begins as notes do.

    A paragraph that came or went may be a correction, an update or a credit line; one that was edited only the last of them.
    """
    if edit.field is not Field.BODY:
        return edit.field is Field.NOTE
    texts = [text for text in (edit.old, edit.new) if text is not None]
    names = ("correction", "update", "credit") if len(texts) == 1 else ("credit",)
    return all(len(text) <= _PARAGRAPH and any(note_pattern(name).match(text) for name in names) for text in texts)


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
