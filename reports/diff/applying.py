"""A diff put to work: the old content and the diff give the new one."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from storage.types import Block, BlockKind, Content, Diff, Edit, EditOp, Field


def apply(old: Content, diff: Diff) -> Content:
    """``old`` with the edits of ``diff(old, new)`` made: the texts of ``new`` in every field both sides carry."""
    fields: dict[str, Any] = {}
    bylines = [edit for edit in diff.edits if edit.field is Field.BYLINE]
    for edit in diff.edits:
        if edit.field in (Field.HEADLINE, Field.KICKER, Field.TEASER):
            fields[edit.field.value] = edit.new or ""
    for edit, name in zip(bylines, _names(old, bylines), strict=True):
        if edit.op is not EditOp.KEEP:
            text = edit.new or ""
            fields[name] = text if name == "place" else tuple(text.split(" | ")) if text else ()
    return replace(old, **fields, blocks=_blocks(old, diff))


def _names(old: Content, bylines: list[Edit]) -> list[str]:
    """What the byline edits are about: authors, then place; a single one is told by the text it starts from."""
    if len(bylines) == 2:
        return ["authors", "place"]
    authors = None if old.authors is None else " | ".join(old.authors)
    return ["authors" if authors is not None and (edit.old or "").startswith(authors) else "place" for edit in bylines]


def _blocks(old: Content, diff: Diff) -> tuple[Block, ...]:
    placed: list[tuple[int, Block]] = []
    for edit in diff.edits:
        if edit.new_at:
            texts = [edit.new or ""] if len(edit.new_at) == 1 else (edit.new or "").split("\n")
            placed += [(at, _block(old, edit, text)) for at, text in zip(edit.new_at, texts, strict=True)]
    return tuple(block for _, block in sorted(placed, key=lambda pair: pair[0]))


def _block(old: Content, edit: Edit, text: str) -> Block:
    kind = edit.block or BlockKind.PARAGRAPH
    if len(edit.old_at) == 1:
        return replace(old.blocks[edit.old_at[0]], kind=kind, text=text)
    return Block(kind=kind, text=text)
