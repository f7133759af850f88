"""Contents as canonical JSON, and the digest that decides whether two of them say the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import msgspec

from storage.types import Content, Field

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder(order="deterministic")
_SORTED = msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> str:
    """A vocabulary object as JSON, the same bytes for the same value."""
    return _ENCODER.encode(value).decode()


def decode(text: str | bytes, kind: type[T]) -> T:
    """The inverse of ``encode``."""
    return msgspec.json.decode(text, type=kind)


def canonical(record: Any) -> bytes:
    """Plain data as canonical JSON, byte for byte what Python's ``json`` makes with sorted keys, without spaces, in UTF-8.

    In a fifth of its time. Numbers with a fraction may stand in the outermost object only.
    """
    if isinstance(record, dict):
        # msgspec writes 1e-5 where Python writes 1e-05
        record = {n: msgspec.Raw(repr(v).encode()) if isinstance(v, float) else v for n, v in record.items()}
    return _SORTED.encode(record)


def _asked_again(make: Callable[[Content], str]) -> Callable[[Content], str]:
    """Remembers one answer: while a look is read, decided on, recorded and read back, the same content is asked about up to four times."""
    last: tuple[Content | None, str] = (None, "")

    @wraps(make)
    def asked(content: Content) -> str:
        nonlocal last
        known, says = last
        if known is not content:
            says = make(content)
            last = (content, says)
        return says

    return asked


@_asked_again
def as_json(content: Content) -> str:
    """What an article says as JSON: as ``encode``."""
    return encode(content)


@_asked_again
def digest(content: Content) -> str:
    """SHA-256 (hex) over what the article says: the texts in which a difference is a Change.

    Block kinds, links, pictures and declared dates do not count; absent and empty do differ, because
    the digest only ever compares contents of the same form.
    """
    captions, body = list[str](), list[str]()
    for block in content.blocks:
        (captions if block.field is Field.CAPTION else body).append(block.text)
    says = [content.headline, content.kicker, content.teaser, content.authors, content.place, body, captions]
    return hashlib.sha256(canonical(says)).hexdigest()


def plain_text(content: Content) -> str:
    """The article as text for full-text search: headline, teaser, then every block on a line of its own."""
    parts = [content.headline or "", content.teaser or "", *(block.text for block in content.blocks)]
    return "\n".join(part for part in parts if part)
