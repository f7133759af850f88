"""Single edits of every kind in German and English articles of our own, seeded."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from storage.types import Block, BlockKind, Content, Kind

LANGUAGES = ("de", "en")
_NUMBERS = (Kind.NUMBER, Kind.AMOUNT, Kind.PERCENTAGE)
_OPTIONAL = (Kind.HEDGING, Kind.NEGATION, Kind.SOURCE)  # there or not there
_FIELDS = (Kind.HEADLINE, Kind.KICKER, Kind.TEASER)
_NOTES = (Kind.CORRECTION_NOTE, Kind.UPDATE_NOTE, Kind.CREDIT_NOTE)


@dataclass(frozen=True)
class Mutation:
    """An article before and after, and what the difference is about."""

    kind: Kind
    old: Content
    new: Content


def mutations(language: str, kind: Kind, count: int) -> list[Mutation]:
    """Seeded edits of one kind, half of them in each direction."""
    rng = random.Random(f"{language}/{kind}")
    make = _MAKERS.get(kind, _framed)
    return [Mutation(kind, *make(language, kind, rng)) for _ in range(count)]


def kinds() -> tuple[Kind, ...]:
    """Every kind an edit can get: all but the metadata kinds and the return to an earlier text, which two contents cannot show."""
    return tuple(kind for kind in Kind if kind not in (Kind.LINK, Kind.IMAGE, Kind.REVERT, Kind.FLAPPING))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("mutations.toml").read_text(encoding="utf-8"))


def _article(language: str, rng: random.Random) -> Content:
    """An article with every field, in an order of paragraphs of its own."""
    whole = _data()[language]["whole"]
    paragraphs = rng.sample(whole["paragraph"], 4)
    return Content(
        headline=rng.choice(whole["headline"]),
        kicker=rng.choice(whole["kicker"]),
        teaser=rng.choice(whole["teaser"]),
        authors=(rng.choice(whole["byline"]),),
        language=language,
        blocks=(
            Block(kind=BlockKind.CAPTION, text=rng.choice(whole["caption"])),
            *(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs),
        ),
    )


def _other(values: list[str], than: str | None, rng: random.Random) -> str:
    return rng.choice([value for value in values if value != than])


def _framed(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    """One paragraph with a gap, filled in two ways."""
    base, frame = _article(language, rng), rng.choice(_data()[language]["frames"][kind.value])
    block, texts = base.blocks[1], [_sentence_of(frame, fill) for fill in _fills(language, kind, rng)]
    old, new = (replace(base, blocks=(*base.blocks, replace(block, text=text))) for text in texts)
    return old, new


def _sentence_of(frame: str, fill: str) -> str:
    """The frame with its gap filled or left out."""
    text = frame.format(fill).replace("  ", " ").strip()
    return text[:1].upper() + text[1:]


def _fills(language: str, kind: Kind, rng: random.Random) -> tuple[str, str]:
    if kind in _NUMBERS:
        first, second = rng.sample(range(2, 400), 2)
        return str(first), str(second)
    words: list[str] = _data()[language]["fills"][kind.value]
    if kind in _OPTIONAL:
        pair = (rng.choice(words), "")
        return pair if rng.random() < 0.5 else pair[::-1]
    if kind is Kind.SPELLING:
        return _misspelt(rng.choice(words), rng)
    if kind is Kind.TYPOGRAPHY:
        word = rng.choice(words)
        old, new = rng.sample([f"„{word}“", f'"{word}"', f"«{word}»", f"“{word}”"], 2)
        return old, new
    if kind is Kind.NAME and rng.random() < 0.5:
        given = rng.choice(words).split()[0]
        old, new = rng.sample([name.split()[1] for name in words], 2)
        return f"{given} {old}", f"{given} {new}"
    old, new = rng.sample(words, 2)
    return old, new


def _misspelt(word: str, rng: random.Random) -> tuple[str, str]:
    cut = rng.randrange(1, len(word) - 2)
    swapped = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return (swapped if swapped != word else word + word[-1]), word


def _field(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    other = _other(_data()[language]["whole"][kind.value], getattr(base, kind.value), rng)
    return base, Content(**{**_fields(base), kind.value: other})


def _fields(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in Content.__struct_fields__}


def _byline(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    assert base.authors
    name = _other(_data()[language]["whole"][kind.value], base.authors[0], rng)
    return base, replace(base, authors=(name,) if rng.random() < 0.5 else (*base.authors, name))


def _caption(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    first = base.blocks[0]
    other = _other(_data()[language]["whole"][kind.value], first.text, rng)
    return base, replace(base, blocks=(replace(first, text=other), *base.blocks[1:]))


def _paragraph(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    at = rng.randrange(1, len(base.blocks))
    less = replace(base, blocks=(*base.blocks[:at], *base.blocks[at + 1 :]))
    return (less, base) if kind is Kind.PARAGRAPH_ADDED else (base, less)


def _moved(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    caption, first, *rest = base.blocks
    return base, replace(base, blocks=(caption, *rest, first))


def _structure(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    caption, first, second, *rest = base.blocks
    joined = replace(first, text=f"{first.text} {second.text}")
    together = replace(base, blocks=(caption, joined, *rest))
    return (together, base) if rng.random() < 0.5 else (base, together)


def _sentence(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    at, sentence = rng.randrange(2, len(base.blocks)), rng.choice(_data()[language]["whole"]["sentence"])
    longer = replace(base.blocks[at], text=f"{base.blocks[at].text} {sentence}")
    more = replace(base, blocks=(*base.blocks[:at], longer, *base.blocks[at + 1 :]))
    return (base, more) if kind is Kind.SENTENCE_ADDED else (more, base)


def _note(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    base = _article(language, rng)
    text = rng.choice(_data()[language]["whole"][kind.value])
    return base, replace(base, blocks=(*base.blocks, Block(kind=BlockKind.NOTE, text=text)))


def _unnoted(language: str, kind: Kind, rng: random.Random) -> tuple[Content, Content]:
    return _note(language, rng.choice(_NOTES[:2]), rng)[::-1]


_MAKERS: dict[Kind, Callable[[str, Kind, random.Random], tuple[Content, Content]]] = {
    **dict.fromkeys(_FIELDS, _field),
    **dict.fromkeys(_NOTES, _note),
    Kind.BYLINE: _byline,
    Kind.CAPTION: _caption,
    Kind.PARAGRAPH_ADDED: _paragraph,
    Kind.PARAGRAPH_DROPPED: _paragraph,
    Kind.MOVED: _moved,
    Kind.STRUCTURE: _structure,
    Kind.SENTENCE_ADDED: _sentence,
    Kind.SENTENCE_DROPPED: _sentence,
    Kind.NOTE_REMOVED: _unnoted,
}
