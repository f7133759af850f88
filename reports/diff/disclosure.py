"""Did the outlet say so? The note found, which edits it accounts for, and whether the declared modification time moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

from reports.diff.hunks import Side
from reports.diff.lexicon import Lexicon, lexicon
from reports.diff.notes import notes_in
from reports.diff.quantities import quantities
from reports.diff.tokens import folded, is_word, words
from storage.types import Content, Disclosure, Edit, EditOp, Finding, Kind, Weight

_MINOR = (Kind.TYPOGRAPHY, Kind.SPELLING)  # DW's own rule: slips are mended without a note
_TELLING = 4  # letters from which a word that is no name tells one edit from another
_NUMBERS = (Kind.NUMBER, Kind.AMOUNT, Kind.PERCENTAGE, Kind.DATE, Kind.TIME)
_VALUE = regex.compile(r"\d+(?:[.,:]\d+)*")
_SHARE = 0.5  # of the telling words of an edit without numbers, how many a note must repeat
_FIELDS = {
    Kind.HEADLINE: ("headline", "überschrift", "titel", "title", "schlagzeile"),
    Kind.CAPTION: ("caption", "bildunterschrift", "bildtext", "photo", "foto", "image"),
}


@dataclass(frozen=True, kw_only=True)
class Disclosed:
    """What was said: ``unaccounted`` are indexes of substantive edits that no note accounts for."""

    disclosure: Disclosure
    reason: str
    note: str | None
    modified_moved: bool
    unaccounted: tuple[int, ...] = ()


def disclose(old: Content, new: Content, edits: Sequence[Edit]) -> Disclosed:
    """Judge the ranked edits of a comparison."""
    notes = [edit for edit in notes_in(tuple(edits)) if edit.op is not EditOp.KEEP and edit.new]
    others = [
        (index, edit)
        for index, edit in enumerate(edits)
        if edit.op is not EditOp.KEEP and _is_more(edit, notes) and (edit.weight or Weight.COSMETIC) > Weight.COSMETIC
    ]
    heavy = [(index, edit) for index, edit in others if edit.weight is Weight.SUBSTANTIVE]
    moved = bool(old.modified and new.modified and _later(old.modified, new.modified))
    if notes:
        note = "\n".join(edit.new for edit in notes if edit.new)
        said = Said(note, lexicon(new.language or old.language))
        left = tuple(index for index, edit in heavy if not said.mentions(edit))
        corrects = any(finding.kind is Kind.CORRECTION_NOTE for edit in notes for finding in edit.findings)
        reason = _noted(bool(others), len(heavy), len(left), corrects=corrects)
        return Disclosed(disclosure=Disclosure.NOTED, reason=reason, note=note, modified_moved=moved, unaccounted=left)
    if all(_is_minor(edit) for _, edit in others):
        reason = "spelling_only" if others else "cosmetic_only"
        return Disclosed(disclosure=Disclosure.NOT_NEEDED, reason=reason, note=None, modified_moved=moved)
    known = old.modified is not None and new.modified is not None
    return Disclosed(
        disclosure=Disclosure.SILENT,
        reason="no_note_time_moved" if moved else "no_note_time_not_moved" if known else "no_note_time_unknown",
        note=None,
        modified_moved=moved,
        unaccounted=tuple(index for index, _ in heavy),
    )


def _later(old: str, new: str) -> bool:
    """Whether a declared time is a later one; of a day and an instant on it that cannot be said."""
    size = min(len(old), len(new)) if 10 in (len(old), len(new)) else None
    return new[:size] > old[:size]


def _is_more(edit: Edit, notes: Sequence[Edit]) -> bool:
    """Whether an edit is one beside the notes: a note in the place of another says nothing of what that one said."""
    return edit not in notes or any(finding.kind is Kind.NOTE_REMOVED for finding in edit.findings)


def _is_minor(edit: Edit) -> bool:
    """Whether nothing but spelling and signs changed, in whatever field."""
    kinds = {finding.kind for finding in edit.findings if finding.reason != "field_changed"}
    return bool(kinds) and kinds <= set(_MINOR)


def _noted(others: bool, heavy: int, left: int, *, corrects: bool) -> str:
    if not others:
        return "note_only"
    if not left:
        return "note_accounts_for_all"
    if left < heavy:
        return "note_accounts_for_part"
    return "note_names_none" if corrects else "note_is_general"


@dataclass(frozen=True)
class Said:
    """A note as something that mentions numbers, names and words."""

    note: str
    lex: Lexicon

    def mentions(self, edit: Edit) -> bool:
        """Whether the note accounts for an edit: it repeats a changed number or name, or most of its telling words."""
        facts = [f for f in edit.findings if f.weight is Weight.SUBSTANTIVE and f.kind is not Kind.NOTE_REMOVED]
        return any(self._repeats(finding) for finding in facts)

    def _repeats(self, finding: Finding) -> bool:
        if self.words & set(_FIELDS.get(finding.kind, ())):
            return True
        changed = _only(finding.old, finding.new) | _only(finding.new, finding.old)
        if finding.kind in _NUMBERS:
            return bool(self.values & {*self._values(finding.old), *self._values(finding.new)}) or bool(
                self.words & {word for word in changed if not word.isdigit() and len(word) >= _TELLING}
            )
        if finding.kind in (Kind.NAME, Kind.PLACE, Kind.SOURCE):
            return bool(self.words & {word for word in changed if len(word) >= _TELLING - 1})
        telling = {word for word in changed if len(word) >= _TELLING}
        return bool(telling) and len(self.words & telling) >= max(_SHARE * min(len(telling), 4), 1)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the note, case-folded."""
        return _words(self.note)

    @cached_property
    def values(self) -> frozenset[str]:
        """The numbers of the note, as values."""
        return frozenset(self._values(self.note))

    def _values(self, text: str) -> Iterator[str]:
        for piece in quantities(Side(text, 0, len(text)), self.lex):
            if not piece.weak:
                yield from _VALUE.findall(piece.same)


def _words(text: str) -> frozenset[str]:
    return frozenset(folded(word).casefold() for word in words(text) if is_word(word))


def _only(text: str, other: str) -> frozenset[str]:
    """The words of one side that the other has not."""
    return _words(text) - _words(other)
