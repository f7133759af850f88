"""What a note beneath an article is: a correction, an update, or a credit line."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from reports.diff.lexicon import note_pattern
from reports.diff.tokens import folded
from storage.types import Edit, Field, Finding, Kind, Weight

_PARAGRAPH = 400  # characters of a body paragraph that may be a note
_LONGEST = 800  # characters; a longer block that mentions a correction is text
_LINE = 80  # characters of a line such as "Updated 4 May 2026"
_WORDS = 3  # of a label; what is longer is a sentence
# what makes the word before it a label: it ends there, and a colon follows (a bracket or date may stand between) or a dash
_BRACKET = r"\s*[(\[（][^)\]）]{0,40}[)\]）]"
_DATE = r"[\s,]+[^.:!?\n]{0,25}\d[^:!?\n]{0,25}"
_LABEL = regex.compile(
    rf"\w{{0,4}}(?!\w)(?:(?:{_BRACKET}|{_DATE})?\s*[:：](?=\s|\p{{Han}}|$)|(?:{_BRACKET})?\s*[-–—|]\s)"
)


def is_correction(text: str) -> bool:
    """Whether a text reads as a correction note."""
    return 0 < len(text) <= _LONGEST and bool(note_pattern("correction").search(text))


def is_update(text: str) -> bool:
    """Whether a text reads as an update note or another remark of the editors."""
    return 0 < len(text) <= _LONGEST and any(note_pattern(name).search(text) for name in ("update", "remark"))


def is_note(edit: Edit) -> bool:
    """Whether the edit is in a note: by its place, or because a short paragraph of the body begins as notes do.

    A paragraph that came or went may be a correction, an update or a credit line; one that was edited only the last of them.
    Beneath the text a word is enough; in it the paragraph must be labelled so or speak of the article itself, because reforms,
    amendments and forecasts are corrected, too.
    """
    if edit.field is not Field.BODY:
        return edit.field is Field.NOTE
    texts = [text for text in (edit.old, edit.new) if text is not None]
    names = ("correction", "update", "credit") if len(texts) == 1 else ("credit",)
    return all(len(text) <= _PARAGRAPH and any(_begins(text, name) for name in names) for text in texts)


def _begins(text: str, name: str) -> bool:
    """Whether a paragraph of the body begins as notes of that sort do, and is one."""
    found = note_pattern(name).match(text)
    if found is None or name == "credit":
        return found is not None
    dated = len(text) <= _LINE and text[-1:].isalnum() and any(map(str.isdigit, text))
    label = len(found.group().split()) <= _WORDS and _LABEL.match(text, found.end())
    alone = not any(map(str.isalnum, text[found.end() :]))
    return bool(dated or label or (alone and " " not in text) or note_pattern("own").search(text))


def of_note(edit: Edit) -> Iterator[Finding]:
    """What happened to a note."""
    old, new = edit.old or "", edit.new or ""
    how = "added" if not old else "dropped" if not new else "changed"
    if is_correction(new) and folded(old) != folded(new):
        how = "changed" if is_correction(old) else "added"
        yield Finding(
            kind=Kind.CORRECTION_NOTE, weight=Weight.SUBSTANTIVE, old=old, new=new, reason=f"correction_note_{how}"
        )
        return
    lost = is_correction(old) or (is_update(old) and not is_update(new))
    if lost:
        yield Finding(kind=Kind.NOTE_REMOVED, weight=Weight.SUBSTANTIVE, old=old, new=new, reason="note_removed")
    if is_update(new):
        how = "added" if lost else how
        yield Finding(kind=Kind.UPDATE_NOTE, weight=Weight.EDITORIAL, old=old, new=new, reason=f"update_note_{how}")
    elif not lost:
        yield Finding(kind=Kind.CREDIT_NOTE, weight=Weight.EDITORIAL, old=old, new=new, reason=f"credit_{how}")


def notes_in(edits: tuple[Edit, ...]) -> Iterator[Edit]:
    """The edits that say something about the article's own correction or update."""
    for edit in edits:
        if any(finding.kind in (Kind.CORRECTION_NOTE, Kind.UPDATE_NOTE) for finding in edit.findings):
            yield edit
