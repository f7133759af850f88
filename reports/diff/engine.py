"""Two contents compared: fields with fields, blocks with blocks, words inside what belongs together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reports.diff.blocks import Pair, align
from reports.diff.sentences import linked
from reports.diff.tokens import key, visible
from reports.diff.words import spans
from storage.types import Block, BlockKind, Content, Diff, Edit, EditOp, Field, Form, MetadataChange

_JOIN = "\n"


def diff(old: Content, new: Content) -> Diff:
    """Everything that differs; edits carry no findings yet. Absent fields never differ."""
    faint = old.form is Form.TEXT or new.form is Form.TEXT or old.layout != new.layout
    edits = [*_fields(old, new, faint=faint), *_blocks(old, new, faint=faint)]
    return Diff(edits=tuple(linked(edits)), metadata=tuple(_metadata(old, new)))


def _fields(old: Content, new: Content, *, faint: bool) -> Iterator[Edit]:
    for field, a, b in (
        (Field.HEADLINE, old.headline, new.headline),
        (Field.KICKER, old.kicker, new.kicker),
        (Field.TEASER, old.teaser, new.teaser),
    ):
        if a is not None and b is not None and (a or b):
            yield _edit(field, a, b, faint=faint)
    yield from _byline(old, new, faint=faint)


def _byline(old: Content, new: Content, *, faint: bool) -> Iterator[Edit]:
    if old.authors is None or new.authors is None:
        return
    a, b = " | ".join(old.authors), " | ".join(new.authors)
    if (old.place is None or new.place is None) and visible(a) != visible(b):
        # a copy cannot tell where the author ends and the place begins
        with_places = {visible(f"{a} {old.place or ''}"), visible(a)}, {visible(f"{b} {new.place or ''}"), visible(b)}
        if with_places[0] & with_places[1]:
            return
    if a or b:
        yield _edit(Field.BYLINE, a, b, faint=faint)
    if old.place is not None and new.place is not None and (old.place or new.place):
        yield _edit(Field.BYLINE, old.place, new.place, faint=faint)


def _edit(field: Field, old: str, new: str, *, faint: bool, block: BlockKind | None = None) -> Edit:
    same = old == new or (faint and visible(old) == visible(new))
    op = EditOp.KEEP if same else EditOp.EDIT if old and new else EditOp.ADD if new else EditOp.DROP
    return Edit(
        op=op,
        field=field,
        old=None if op is EditOp.ADD else old,
        new=None if op is EditOp.DROP else new,
        spans=spans(old, new),
        block=block,
    )


def _blocks(old: Content, new: Content, *, faint: bool) -> Iterator[Edit]:
    parts = [_sequence(old, new, faint=faint, captions=captions) for captions in (False, True)]
    body, captions = (list(part) for part in parts)
    yield from _reconciled(body, captions, faint=faint)


def _sequence(old: Content, new: Content, *, faint: bool, captions: bool) -> Iterator[Edit]:
    """One of the two sequences: body with notes, or captions with credits."""
    kinds = _carried(old, new, faint=faint)
    at_old = [
        i for i, block in enumerate(old.blocks) if (block.field is Field.CAPTION) == captions and block.kind in kinds
    ]
    at_new = [
        j for j, block in enumerate(new.blocks) if (block.field is Field.CAPTION) == captions and block.kind in kinds
    ]
    left, right = [old.blocks[i] for i in at_old], [new.blocks[j] for j in at_new]
    for pair in align(left, right):
        edit = _block_edit(pair, left, right, faint=faint)
        yield replace(edit, old_at=tuple(at_old[i] for i in pair.old), new_at=tuple(at_new[j] for j in pair.new))


def _carried(old: Content, new: Content, *, faint: bool) -> set[BlockKind]:
    """The block kinds to compare; another layout or a copy may carry no credits or captions at all."""
    kinds = set(BlockKind)
    if faint:
        for kind in (BlockKind.CREDIT, BlockKind.CAPTION):
            if any(not any(block.kind is kind for block in side.blocks) for side in (old, new)):
                kinds.discard(kind)
    return kinds


def _block_edit(pair: Pair, left: Sequence[Block], right: Sequence[Block], *, faint: bool) -> Edit:
    old = _JOIN.join(left[i].text for i in pair.old) if pair.old else None
    new = _JOIN.join(right[j].text for j in pair.new) if pair.new else None
    block = right[pair.new[0]] if pair.new else left[pair.old[0]]
    same = old == new or (faint and old is not None and new is not None and visible(old) == visible(new))
    return Edit(
        op=_op(pair, same=same),
        field=block.field,
        old=old,
        new=new,
        spans=spans(old or "", new or ""),
        block=block.kind,
    )


def _op(pair: Pair, *, same: bool) -> EditOp:
    if not pair.old:
        return EditOp.ADD
    if not pair.new:
        return EditOp.DROP
    if len(pair.new) > 1:
        return EditOp.SPLIT
    if len(pair.old) > 1:
        return EditOp.MERGE
    if pair.moved:
        return EditOp.MOVE
    return EditOp.KEEP if same else EditOp.EDIT


def _reconciled(body: Sequence[Edit], captions: Sequence[Edit], *, faint: bool) -> Iterator[Edit]:
    """A line that one side takes for text and the other for a caption is the same line: kept, not dropped and added."""
    edits = [*body, *captions]
    if faint:
        dropped = {key(edit.old or ""): i for i, edit in enumerate(edits) if edit.op is EditOp.DROP}
        for j, edit in enumerate(edits):
            i = dropped.pop(key(edit.new or ""), None) if edit.op is EditOp.ADD else None
            if i is not None:
                gone = edits[i]
                kept = spans(gone.old or "", edit.new or "")
                edits[j] = replace(edit, op=EditOp.KEEP, old=gone.old, spans=kept, old_at=gone.old_at)
                edits[i] = replace(gone, op=EditOp.KEEP, old_at=(), new_at=(), old=None, spans=())
    yield from (edit for edit in edits if edit.old is not None or edit.new is not None)


def _metadata(old: Content, new: Content) -> Iterator[MetadataChange]:
    for name in ("published", "modified", "canonical_url"):
        a, b = getattr(old, name), getattr(new, name)
        if a is not None and b is not None and a != b:
            yield MetadataChange(name=name, old=a, new=b)
    for name, a_set, b_set in (("links", _links(old), _links(new)), ("images", _images(old), _images(new))):
        if a_set is not None and b_set is not None and a_set != b_set:
            yield MetadataChange(name=name, old=_lines(a_set - b_set), new=_lines(b_set - a_set))


def _links(content: Content) -> set[str] | None:
    known = [block.links for block in content.blocks if block.links is not None]
    return {link for links in known for link in links} if known else None


def _images(content: Content) -> set[str] | None:
    found = {block.image for block in content.blocks if block.image}
    return found or None


def _lines(values: set[str]) -> str:
    return _JOIN.join(sorted(values))


def apply(old: Content, changes: Diff) -> dict[Field, list[str]]:
    """The new texts by field, rebuilt from the old content and a diff: the law that a diff loses nothing.

    Raises ValueError when the diff was not made from this content.
    """
    known = {old.headline, old.kicker, old.teaser, " | ".join(old.authors or ()), old.place}
    known |= {block.text for block in old.blocks}
    result: dict[Field, list[str]] = {}
    for edit in changes.edits:
        if edit.old is not None and not ({edit.old, *edit.old.split(_JOIN)} & known):
            raise ValueError(f"this diff is not of this content: {edit.old!r}")
        if edit.new is not None:
            text = "".join(span.text for span in edit.spans if span.op != "drop")
            result.setdefault(edit.field, []).extend(text.split(_JOIN) if len(edit.new_at) > 1 else [text])
    return result
