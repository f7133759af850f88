"""Saved copies of articles: text as a browser or text dump gives it, saved pages, JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler.decoding import decode
from crawler.extraction import Unreadable, extract
from crawler.pagecopy import read_text
from crawler.urls import article_id, canonical
from storage.errors import UserError
from storage.types import Block, BlockKind, Content, Form

_SIDE = "nothing was imported"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A saved article: what it says, and what is known of where and when it was taken. ``source``: its own bytes."""

    content: Content
    language: str
    url: str | None = None
    taken_at: datetime | None = None
    source: bytes = b""


def read_copy(name: str, data: bytes) -> list[Copy]:
    """Read a saved file by its name's ending. Raises UserError when it holds no article."""
    if not data.strip():
        raise UserError(f"{name} is empty; {_SIDE}")
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return list(_lines(name, data))
    if name.endswith((".html", ".htm")):
        return [_page(name, data)]
    return [_text(name, data)]


def _page(name: str, data: bytes) -> Copy:
    page = decode(data, ()).text
    for url in ("https://saved.invalid/de/copy/a-00000", "https://saved.invalid/copy"):
        try:
            content = extract(page, url)
        except Unreadable as error:
            problem = error
            continue
        told = content.canonical_url
        known = canonical(told) if told and told.startswith("http") else None
        if known and article_id(known):
            content = extract(page, known)
        return Copy(content=content, language=content.language, url=known, source=data)
    raise UserError(f"{name} is not a page with an article ({problem}); {_SIDE}")


def _text(name: str, data: bytes) -> Copy:
    if b"\x00" in data:
        raise UserError(f"{name} is binary data, not a text copy; {_SIDE}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8; {_SIDE}") from None
    content = read_text(text)
    if content is None:
        raise UserError(f"{name} has no headline followed by text; {_SIDE}")
    return Copy(content=content, language=content.language, source=data)


def _lines(name: str, data: bytes) -> Iterator[Copy]:
    """Our own JSON lines: ``url, taken_at, language, headline, teaser, authors, place, published, paragraphs``."""
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            taken = datetime.fromisoformat(row["taken_at"]) if row.get("taken_at") else None
            blocks = tuple(_json_block(piece) for piece in row["paragraphs"])
            headline = row["headline"].strip()
            content = Content(
                headline=headline,
                teaser=row.get("teaser"),
                kicker=row.get("kicker"),
                authors=tuple(row["authors"]) if row.get("authors") is not None else None,
                place=row.get("place"),
                published=row.get("published"),
                language=row.get("language", ""),
                blocks=blocks,
                form=Form.TEXT,
                layout="copy",
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{name}, line {number}: not a saved article ({error!r}); {_SIDE}") from None
        yield Copy(content=content, language=content.language, url=row.get("url"), taken_at=taken, source=line)


def _json_block(piece: object) -> Block:
    if isinstance(piece, dict):
        return Block(kind=BlockKind(piece.get("kind", "paragraph")), text=str(piece["text"]))
    return Block(kind=BlockKind.PARAGRAPH, text=str(piece))
