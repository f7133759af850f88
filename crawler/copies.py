"""Saved copies of articles: text as a browser or text dump gives it, saved pages, JSON lines."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from crawler.decoding import BrokenBody, decode
from crawler.extraction import Unreadable, extract
from crawler.gate import said
from crawler.page import fold
from crawler.pagecopy import read_text
from crawler.urls import article_id, identify
from storage.errors import UserError
from storage.types import Block, BlockKind, Content, Form

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SIDE = "nothing was imported"
# how web archives write the addresses in a page they show: their own, the moment (with a mark or not), then the address as it was
_ARCHIVED = re.compile(r"https?://[^/]+/(?:[^/]+/)*[0-9]{4,14}(?:[a-z]{2}_)?/(https?):/{1,2}(.+)")


class Copy(msgspec.Struct, frozen=True, kw_only=True):
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
    if _is_binary(data):
        raise UserError(f"{name} is binary data, not a saved article; {_SIDE}")
    ending = name.lower().rpartition(".")[2]
    if ending in ("jsonl", "ndjson", "json"):
        return _lines(name, data)
    return [_page(name, data) if ending in ("html", "htm", "xhtml") else _text(name, data)]


def _is_binary(data: bytes) -> bool:
    start = data[:4096]
    return start.startswith((b"%PDF-", b"PK\x03\x04")) or (b"\x00" in start and not start.startswith(_UTF16))


def _page(name: str, data: bytes) -> Copy:
    try:
        page = decode(data, ()).text
    except BrokenBody:  # saved again as UTF-8, with the old declaration still in it
        page = data.decode("utf-8", "replace")
    problem: Unreadable | None = None
    garbled = "\ufffd" in page and b"\xef\xbf\xbd" not in data
    for url in ("https://saved.invalid/de/copy/a-00000", "https://saved.invalid/copy"):
        try:
            content = extract(page, url)
            known = _own_address(content.canonical_url)
            if known and article_id(known):
                content = extract(page, known)
        except Unreadable as error:
            problem = problem or error
            continue
        if garbled and "\ufffd" in said(content):
            raise UserError(
                f"{name} is not in the charset it declares, or declares none: its text has bytes that mean nothing in it; "
                f"save it as UTF-8; {_SIDE}"
            )
        return Copy(content=content, language=content.language, url=known, source=data)
    raise UserError(f"{name} is not a page with an article ({problem}); {_SIDE}")


def _own_address(told: str | None) -> str | None:
    archived = _ARCHIVED.fullmatch(told or "")
    try:
        return identify(f"{archived[1]}://{archived[2]}" if archived else told or "").url
    except UserError:
        return None


def _text(name: str, data: bytes) -> Copy:
    try:
        text = data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8; {_SIDE}") from None
    content = read_text(_CONTROL.sub("", text))
    if content is None:
        raise UserError(f"{name} has no headline followed by text; {_SIDE}")
    return Copy(content=content, language=content.language, source=data)


def _lines(name: str, data: bytes) -> list[Copy]:
    """Our own JSON lines: ``url, taken_at, language, headline, teaser, authors, place, published, paragraphs``."""
    copies = []
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            copies.append(_json_copy(msgspec.json.decode(line, type=_Row), line))
        except (ValueError, OverflowError, RecursionError, UserError) as error:
            raise UserError(f"{name}, line {number}: not a saved article ({error}); {_SIDE}") from None
    return copies


class _Piece(msgspec.Struct):
    text: str
    kind: BlockKind = BlockKind.PARAGRAPH


class _Row(msgspec.Struct):
    headline: str
    paragraphs: Annotated[list[str | _Piece], msgspec.Meta(min_length=1)]
    url: str | None = None
    taken_at: str | None = None
    language: str = ""
    teaser: str | None = None
    kicker: str | None = None
    authors: tuple[str, ...] | None = None
    place: str | None = None
    published: str | None = None


def _json_copy(row: _Row, line: bytes) -> Copy:
    pieces = [_Piece(text=piece) if isinstance(piece, str) else piece for piece in row.paragraphs]
    content = Content(
        headline=fold(row.headline),
        teaser=row.teaser,
        kicker=row.kicker,
        authors=row.authors,
        place=row.place,
        published=row.published,
        language=row.language,
        blocks=tuple(Block(kind=piece.kind, text=fold(piece.text)) for piece in pieces if fold(piece.text)),
        form=Form.TEXT,
        layout="copy",
    )
    if not content.headline or not content.blocks:
        raise ValueError("its headline or its text is empty")
    taken = datetime.fromisoformat(row.taken_at) if row.taken_at else None
    taken = (taken if taken.tzinfo else taken.replace(tzinfo=UTC)).astimezone(UTC) if taken else None
    url = identify(row.url).url if row.url else None
    return Copy(content=content, language=row.language, url=url, taken_at=taken, source=line)
