"""The same edit on many pages: what an edit did, without where it did it, as a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from reports.diff.hunks import hunks
from reports.diff.tokens import folded, words
from storage.types import Diff, Edit, EditOp

_AROUND = 5  # words on each side that must be the same too: 12 → 21 alone is no edit to recognise


def edit_digests(diff: Diff) -> tuple[str, ...]:
    """A digest for each edit that says something by itself, sorted, each once.

    Two edits have the same digest when the same words were replaced between the same words, whatever the article, the paragraph
    around them and their typography. A block that only moved, was split or merged has none: that says nothing without its article.
    """
    found = (_normalised(edit) for edit in diff.edits if edit.op is not EditOp.KEEP)
    return tuple(sorted({hashlib.sha256(text.encode()).hexdigest() for text in found if text}))


def _normalised(edit: Edit) -> str:
    """The edit as canonical text; "" when it has no words of its own."""
    if edit.op in (EditOp.ADD, EditOp.DROP):
        changes = [["", _plain(edit.old or ""), _plain(edit.new or ""), ""]]
    else:
        changes = list(_changes(edit))
    if not any(old or new for _, old, new, _ in changes):
        return ""
    return json.dumps([edit.field.value, changes], ensure_ascii=False, separators=(",", ":"))


def _changes(edit: Edit) -> Iterator[list[str]]:
    """Each change with the words before and after it; typography alone counts as typed."""
    for hunk in hunks(edit.spans):
        if hunk.link is None:
            old, new = _plain(hunk.old), _plain(hunk.new)
            if old == new:
                old, new = hunk.old.strip(), hunk.new.strip()
            before, after = words(_plain(hunk.before))[-_AROUND:], words(_plain(hunk.after))[:_AROUND]
            yield [" ".join(before), old, new, " ".join(after)]


def _plain(text: str) -> str:
    return folded(text).casefold()
