"""What an edit is about, by its observable form, and how much it weighs. Pure, no models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from reports.diff.facts import C, E, S, of_hunk, settled
from reports.diff.hunks import Hunk, hunks
from reports.diff.lexicon import lexicon
from reports.diff.names import Known
from reports.diff.notes import is_note, of_note
from reports.diff.tokens import folded, is_word, words
from storage.types import BlockKind, Edit, EditOp, Field, Finding, Kind, SpanOp

_FIELD_KINDS = {
    Field.HEADLINE: Kind.HEADLINE,
    Field.KICKER: Kind.KICKER,
    Field.TEASER: Kind.TEASER,
    Field.BYLINE: Kind.BYLINE,
    Field.CAPTION: Kind.CAPTION,
}
_MINOR = (Kind.TYPOGRAPHY, Kind.SPELLING)
_PLAIN = (Kind.WORDING, Kind.NAME, Kind.ATTRIBUTION)  # what the field's own kind says better


def _nobody(_: Collection[str]) -> bool:
    return False


def rank(edit: Edit, language: str, known: Known = _nobody) -> Edit:
    """The edit with its findings, heaviest first; a kept block has none. ``known`` tells which words the article uses as names elsewhere."""
    if edit.op is EditOp.KEEP:
        return edit
    found = list(dict.fromkeys(_findings(edit, language, known)))
    return replace(edit, findings=tuple(sorted(found, key=lambda finding: -finding.weight)))


def _findings(edit: Edit, language: str, known: Known) -> Iterator[Finding]:
    old, new = edit.old or "", edit.new or ""
    if edit.op is EditOp.MOVE:
        yield Finding(kind=Kind.MOVED, weight=E, new=new, reason="paragraph_moved")
    if edit.op in (EditOp.SPLIT, EditOp.MERGE):
        yield Finding(kind=Kind.STRUCTURE, weight=C, reason=f"paragraph_{edit.op.value}")
    if old and new and folded(old) == folded(new):
        if old.replace("\n", " ") != new.replace("\n", " "):
            yield Finding(kind=Kind.TYPOGRAPHY, weight=C, old=old, new=new, reason="typography")
    elif is_note(edit):
        yield from of_note(edit)
    elif edit.op in (EditOp.ADD, EditOp.DROP):
        yield _whole(edit, old, new)
    else:
        lex = lexicon(language)
        inner = settled([f for hunk in hunks(edit.spans) if not _is_break(hunk) for f in of_hunk(hunk, lex, known)])
        yield from inner if edit.field is Field.BODY else _of_field(edit, inner)


def _is_break(hunk: Hunk) -> bool:
    """Whether all that differs is that a paragraph ends here: told as the split or merge already."""
    return "\n" in hunk.old + hunk.new and not hunk.old.strip() and not hunk.new.strip()


def _whole(edit: Edit, old: str, new: str) -> Finding:
    """A whole field or paragraph that came or went."""
    how = "added" if edit.op is EditOp.ADD else "dropped"
    if edit.field in _FIELD_KINDS:
        kind, light = _FIELD_KINDS[edit.field], edit.field in (Field.KICKER, Field.CAPTION)
        return Finding(kind=kind, weight=E if light else S, old=old, new=new, reason=f"field_{how}")
    if edit.block is BlockKind.HEADING:
        return Finding(kind=Kind.STRUCTURE, weight=E, old=old, new=new, reason=f"heading_{how}")
    kind = Kind.PARAGRAPH_ADDED if edit.op is EditOp.ADD else Kind.PARAGRAPH_DROPPED
    return Finding(kind=kind, weight=S, old=old, new=new, reason=f"paragraph_{how}")


def _of_field(edit: Edit, inner: Sequence[Finding]) -> Iterator[Finding]:
    """Headline, teaser, byline, kicker and captions: facts first, then the field, as heavy as what happened in it.

    Of a field in which no word stayed, that it is another one says more than the facts that went with it.
    """
    heaviest = max((finding.weight for finding in inner), default=C)
    facts = [finding for finding in inner if finding.weight is S and finding.kind not in _PLAIN]
    rest = [finding for finding in inner if finding not in facts and finding.kind is not Kind.WORDING]
    reworded = any(finding.kind not in _MINOR for finding in inner)
    old, new = edit.old or "", edit.new or ""
    weight, reason = heaviest, "field_changed"
    if edit.field in (Field.HEADLINE, Field.TEASER) and reworded:
        weight, reason = S, "reframed"
    elif edit.field is Field.KICKER:
        weight = min(heaviest, E)
    named = [Finding(kind=_FIELD_KINDS[edit.field], weight=weight, old=old, new=new, reason=reason)]
    another = not any(span.op is SpanOp.KEEP and any(map(is_word, words(span.text))) for span in edit.spans)
    if not reworded:
        yield from (*rest, *named)
    else:
        yield from (*named, *facts, *rest) if another else (*facts, *named, *rest)
