"""Single scripted edits with their truth: which field, which words went, which came. For tests and benchmarks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from storage.types import Block, BlockKind, Content, Field

_NEW_WORDS = ("Murmansk", "siebzehn", "Quittenbaum", "Lagerhalle", "zwölftausend", "Wendehals", "Kesselwagen")


class ScriptedEdit(msgspec.Struct, frozen=True, kw_only=True):
    """An edit and its truth: the words that are only in the old, and only in the new text of ``field``."""

    name: str
    field: Field
    old_words: str
    new_words: str
    content: Content


def scripted(content: Content, rng: random.Random, name: str | None = None) -> ScriptedEdit:
    """One edit of a kind (a random one unless named)."""
    chosen = name or rng.choice(sorted(EDITS))
    return EDITS[chosen](content, rng)


def _text_edit(name: str, field: Field, attribute: str) -> Callable[[Content, random.Random], ScriptedEdit]:
    def edit(content: Content, rng: random.Random) -> ScriptedEdit:
        text, old, new = _swapped(str(getattr(content, attribute)), rng)
        return ScriptedEdit(
            name=name, field=field, old_words=old, new_words=new, content=_with_field(content, attribute, text)
        )

    return edit


def _with_field(content: Content, attribute: str, text: str) -> Content:
    return replace(content, headline=text) if attribute == "headline" else replace(content, teaser=text)


def _byline(content: Content, rng: random.Random) -> ScriptedEdit:
    authors = (*(content.authors or ()), "Nora Feldkamp")
    return ScriptedEdit(
        name="byline",
        field=Field.BYLINE,
        old_words="",
        new_words=" | Nora Feldkamp",
        content=replace(content, authors=authors),
    )


def _block_edit(name: str, kind: BlockKind, field: Field) -> Callable[[Content, random.Random], ScriptedEdit]:
    def edit(content: Content, rng: random.Random) -> ScriptedEdit:
        at = _pick(content, kind, rng)
        text, old, new = _swapped(content.blocks[at].text, rng)
        return ScriptedEdit(name=name, field=field, old_words=old, new_words=new, content=_with_text(content, at, text))

    return edit


def _number(content: Content, rng: random.Random) -> ScriptedEdit:
    places = [(i, match) for i, block in enumerate(content.blocks) for match in re.finditer(r"\b\d{2,4}\b", block.text)]
    at, match = rng.choice([place for place in places if content.blocks[place[0]].kind is BlockKind.PARAGRAPH])
    new = str(int(match.group()) + rng.randint(1, 9))
    text = content.blocks[at].text
    changed = text[: match.start()] + new + text[match.end() :]
    return ScriptedEdit(
        name="number",
        field=Field.BODY,
        old_words=match.group(),
        new_words=new,
        content=_with_text(content, at, changed),
    )


def _dropped(content: Content, rng: random.Random) -> ScriptedEdit:
    at = _pick(content, BlockKind.PARAGRAPH, rng)
    blocks = (*content.blocks[:at], *content.blocks[at + 1 :])
    return ScriptedEdit(
        name="paragraph-dropped",
        field=Field.BODY,
        old_words=content.blocks[at].text,
        new_words="",
        content=replace(content, blocks=blocks),
    )


def _added(content: Content, rng: random.Random) -> ScriptedEdit:
    at = _pick(content, BlockKind.PARAGRAPH, rng)
    text = f"Am {rng.randint(2, 28)}. März meldete die Hafenbehörde von Sundheim einen weiteren Vorfall mit {rng.randint(3, 90)} Containern."
    blocks = (*content.blocks[:at], Block(kind=BlockKind.PARAGRAPH, text=text), *content.blocks[at:])
    return ScriptedEdit(
        name="paragraph-added", field=Field.BODY, old_words="", new_words=text, content=replace(content, blocks=blocks)
    )


def _note_added(content: Content, rng: random.Random) -> ScriptedEdit:
    text = f"In einer früheren Version dieses Artikels stand eine falsche Zahl. Richtig ist {rng.randint(20, 90)}. Das wurde korrigiert."
    return ScriptedEdit(
        name="note-added",
        field=Field.NOTE,
        old_words="",
        new_words=text,
        content=replace(content, blocks=(*content.blocks, Block(kind=BlockKind.NOTE, text=text))),
    )


def _swapped(text: str, rng: random.Random) -> tuple[str, str, str]:
    """A text with one word replaced by one that is not in it."""
    words = [match for match in re.finditer(r"(?<![\w-])[^\W\d_]{5,}(?![\w-])", text) if text.count(match.group()) == 1]
    match = rng.choice(words)
    new = rng.choice([word for word in _NEW_WORDS if word not in text])
    return text[: match.start()] + new + text[match.end() :], match.group(), new


def _pick(content: Content, kind: BlockKind, rng: random.Random) -> int:
    return rng.choice([i for i, block in enumerate(content.blocks) if block.kind is kind and len(block.text) > 12])


def _with_text(content: Content, at: int, text: str) -> Content:
    blocks = [replace(block, text=text) if i == at else block for i, block in enumerate(content.blocks)]
    return replace(content, blocks=tuple(blocks))


EDITS: dict[str, Callable[[Content, random.Random], ScriptedEdit]] = {
    "headline": _text_edit("headline", Field.HEADLINE, "headline"),
    "teaser": _text_edit("teaser", Field.TEASER, "teaser"),
    "byline": _byline,
    "paragraph": _block_edit("paragraph", BlockKind.PARAGRAPH, Field.BODY),
    "heading": _block_edit("heading", BlockKind.HEADING, Field.BODY),
    "caption": _block_edit("caption", BlockKind.CAPTION, Field.CAPTION),
    "credit": _block_edit("credit", BlockKind.CREDIT, Field.CAPTION),
    "note": _block_edit("note", BlockKind.NOTE, Field.NOTE),
    "number": _number,
    "paragraph-dropped": _dropped,
    "paragraph-added": _added,
    "note-added": _note_added,
}
