"""Did the outlet say so? Notes found, what they account for, and whether the declared modification time moved."""

from __future__ import annotations

from collections.abc import Sequence

from reports.diff.tokens import folded as key
from reports.diff.tokens import words
from storage.types import Content, Disclosure, Edit, EditOp, Kind, SpanOp, Weight

REASONS = (
    "note_added",
    "note_accounts_for_part",
    "no_note_time_moved",
    "no_note_time_not_moved",
    "no_note_time_unknown",
    "cosmetic_only",
    "spelling_only",
    "note_only",
)
_NOTES = (Kind.CORRECTION_NOTE, Kind.UPDATE_NOTE)
_MINOR = (Kind.TYPOGRAPHY, Kind.SPELLING)  # DW's own rule: slips are mended without a note


def disclose(
    old: Content, new: Content, edits: Sequence[Edit]
) -> tuple[Disclosure, str, str | None, bool, tuple[int, ...]]:
    """The disclosure, its reason, the note, whether the declared time moved, and what no note accounts for."""
    notes = [edit for edit in edits if edit.op is not EditOp.KEEP and any(f.kind in _NOTES for f in edit.findings)]
    note = "\n".join(edit.new for edit in notes if edit.new) or None
    moved = bool(old.modified and new.modified and new.modified > old.modified)
    others = [
        (index, edit)
        for index, edit in enumerate(edits)
        if edit.op is not EditOp.KEEP and edit not in notes and (edit.weight or Weight.COSMETIC) > Weight.COSMETIC
    ]
    heavy = [(index, edit) for index, edit in others if edit.weight is Weight.SUBSTANTIVE]
    if note:
        left = tuple(index for index, edit in heavy if not _accounts(note, edit))
        general = any(f.kind is Kind.UPDATE_NOTE for edit in notes for f in edit.findings)
        if not others:
            return Disclosure.NOTED, "note_only", note, moved, ()
        partly = bool(left) and not general
        return Disclosure.NOTED, "note_accounts_for_part" if partly else "note_added", note, moved, left
    if not others:
        return Disclosure.NOT_NEEDED, "cosmetic_only", None, moved, ()
    if all(finding.kind in _MINOR for _, edit in others for finding in edit.findings):
        return Disclosure.NOT_NEEDED, "spelling_only", None, moved, ()
    known = old.modified is not None and new.modified is not None
    reason = "no_note_time_moved" if moved else "no_note_time_not_moved" if known else "no_note_time_unknown"
    return Disclosure.SILENT, reason, None, moved, tuple(index for index, _ in heavy)


def _accounts(note: str, edit: Edit) -> bool:
    """Whether the note names the words of the edit: a changed number, name or other rare word, old or new."""
    said = {key(word).casefold() for word in words(note)}
    changed = [word for span in edit.spans if span.op is not SpanOp.KEEP for word in words(span.text)]
    telling = {key(word).casefold() for word in changed if len(word) > 3 or any(c.isdigit() for c in word)}
    return bool(telling & said)
