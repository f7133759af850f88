"""From a WARC's response or revisit record to a ``Look``: what some archive saw at some time, read like a page of our own. Pure.

Archives differ in what they undo. A coding that the head declares but the bytes no longer have was undone by whoever made the file;
then the header that declared it is taken away, and the record of the look says so.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from crawler.decoding import BrokenBody, uncode
from crawler.software import software
from crawler.urls import identify
from crawler.warc import Record, intact
from storage.errors import UserError
from storage.types import Article, Look, Origin, Outcome, Provenance

_STATUS = re.compile(rb"(HTTP/[0-9.]+)[ \t]+([0-9]{3})(?:[ \t]|\Z)")
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,8}(?:[ \t]*;[^\r\n]*)?[ \t]*\Z")
_HEAD = 512 << 10  # bytes of an HTTP head
_BROKEN_CHUNKS = ["the transfer coding is broken and left as it is"]
_ASIDE = frozenset({301, 302, 303, 304, 307, 308})  # say nothing of the text
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
REVISIT = "revisit"


class NoLook(Exception):
    """A record that is no look at an article; the message is the word under which it is counted."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The file the records come from."""

    name: str
    sha256: str


def is_page(record: Record) -> bool:
    """Whether the record is an HTTP answer worth reading: the rest is passed over unread."""
    media = record.fields.get("content-type", "application/http").lower()
    return (
        record.kind in ("response", REVISIT) and media.startswith("application/http") and record.url.startswith("http")
    )


def article_of(record: Record) -> Article | None:
    """The article its address names, if it can be one."""
    try:
        return identify(record.url)
    except UserError:
        return None


def look(record: Record, article: Article, source: Source, now: datetime) -> Look:
    """The look that a response record holds, unread. Raises NoLook for what is none, or is damaged."""
    if record.block is None:
        raise NoLook("too large")
    if "warc-truncated" in record.fields:
        raise NoLook("cut short by who made the file")
    if not intact(record.block, record.fields.get("warc-block-digest", "")):
        raise NoLook("damaged (bytes and digest disagree)")
    at = _date(record.fields.get("warc-date", ""), now)
    head, body = _parted(record.block)
    if not intact(body, record.fields.get("warc-payload-digest", "")) and not _chunked_digest(head, body, record):
        raise NoLook("damaged (bytes and digest disagree)")
    protocol, status, headers = _head(head)
    if status in _ASIDE:
        raise NoLook("redirect or not modified")
    body, headers, undone = _as_served(body, headers)
    return Look(
        requested_url=record.url,
        article=replace(article, first_seen=None),
        started=at,
        answered=at,
        final_url=record.url,
        protocol=protocol,
        status=status,
        headers=headers,
        normalised="; ".join(["as in the archive file", *undone]),
        body=body,
        ip=record.fields.get("warc-ip-address"),
        outcome=Outcome.SET_ASIDE if undone is _BROKEN_CHUNKS else None,
        reason="incomplete transfer: the chunks do not end" if undone is _BROKEN_CHUNKS else None,
        software=software(),
        origin=Origin.ARCHIVE,
        provenance=_provenance(record, source),
    )


def page_names(record: Record) -> list[str]:
    """Under what later records may refer to the page of a response."""
    told = (
        record.id,
        _at(record.url, record.fields.get("warc-date", "")),
        record.fields.get("warc-payload-digest", ""),
    )
    return [name for name in told if name]


def referred(record: Record) -> list[str]:
    """Under what a revisit refers to the page that it saw again, the surest first; nothing where it saw none."""
    fields = record.fields
    if not fields.get("warc-profile", "").rstrip("/").endswith("/identical-payload-digest"):
        return []
    at = _at(fields.get("warc-refers-to-target-uri", "").strip("<>"), fields.get("warc-refers-to-date", ""))
    return [name for name in (fields.get("warc-refers-to", ""), at, fields.get("warc-payload-digest", "")) if name]


def _at(url: str, date: str) -> str:
    return f"{url} {date}" if url and date else ""


def seen_again(record: Record, article: Article, source: Source, now: datetime, first: Look) -> Look:
    """The look of a revisit record: the page of ``first``, at another time. Raises NoLook without a date."""
    at = _date(record.fields.get("warc-date", ""), now)
    page = first.provenance.record_id if first.provenance else "an earlier record"
    return replace(
        first,
        requested_url=record.url,
        final_url=record.url,
        article=replace(article, first_seen=None),
        started=at,
        answered=at,
        normalised=f"{first.normalised}; the same page again: headers and page are those of {page}",
        ip=record.fields.get("warc-ip-address"),
        provenance=_provenance(record, source),
    )


def _provenance(record: Record, source: Source) -> Provenance:
    return Provenance(
        file=source.name,
        sha256=source.sha256,
        offset=record.offset,
        record_id=record.id,
        date=record.fields.get("warc-date", ""),
    )


def _date(text: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NoLook("without a usable date") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not _EARLIEST <= at <= now:
        raise NoLook("without a usable date")
    return at.astimezone(UTC)


def _parted(block: bytes) -> tuple[bytes, bytes]:
    """Head and body of an HTTP message; bare line feeds are taken too."""
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := block.find(mark, 0, _HEAD)) >= 0]
    if not ends:
        raise NoLook("not an HTTP answer")
    at, size = min(ends)
    return block[:at], block[at + size :]


def _chunked_digest(head: bytes, body: bytes, record: Record) -> bool:
    """Some writers take the payload's digest after the chunks were put together."""
    plain = _unchunked(body) if b"chunked" in head.lower() else None
    return plain is not None and intact(plain, record.fields.get("warc-payload-digest", ""))


def _head(head: bytes) -> tuple[str, int, tuple[tuple[str, str], ...]]:
    first, *lines = re.split(rb"\r?\n", head)
    found = _STATUS.match(first)
    if not found:
        raise NoLook("not an HTTP answer")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip().decode('latin-1')}")
        elif b":" in line:
            name_, _, value_ = line.partition(b":")
            headers.append((name_.strip().decode("latin-1"), value_.strip().decode("latin-1")))
    return found[1].decode("ascii"), int(found[2]), tuple(headers)


Headers = tuple[tuple[str, str], ...]


def _as_served(body: bytes, headers: Headers) -> tuple[bytes, Headers, list[str]]:
    """Body and headers as one of our own looks has them: chunks put together, content coding kept if it is still there."""
    undone = []
    if "chunked" in _value(headers, "transfer-encoding").lower():
        plain = _unchunked(body)
        if plain is None and _begins_a_chunk(body):
            return body, headers, _BROKEN_CHUNKS
        body = body if plain is None else plain
        headers = _without(headers, "transfer-encoding", "content-length")
        undone.append("Transfer-Encoding taken away, its chunks are put together")
    coding = _value(headers, "content-encoding")
    if coding and body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<" and not _unpacks(body, coding):
        headers = _without(headers, "content-encoding", "content-length")
        undone.append(f"Content-Encoding {coding} taken away, the file holds the body unpacked")
    return body, headers, undone


def _unpacks(body: bytes, coding: str) -> bool:
    try:
        uncode(body, coding)
    except BrokenBody:
        return False
    return True


def _unchunked(body: bytes) -> bytes | None:
    """A chunked body put together (RFC 9112, section 7.1); ``None`` when it is none, or not whole."""
    plain, at = bytearray(), 0
    while True:
        end = body.find(b"\n", at, at + 4096)
        line = body[at:end].rstrip(b"\r") if end >= 0 else b""
        if not _CHUNK.match(line):
            return None
        size = int(line.split(b";")[0], 16)
        if size == 0:
            return bytes(plain)
        at = end + 1
        if len(body) < at + size + 1:
            return None
        plain += body[at : at + size]
        at += size
        at += 2 if body[at : at + 2] == b"\r\n" else 1


def _begins_a_chunk(body: bytes) -> bool:
    return bool(_CHUNK.match(body[:4096].partition(b"\n")[0].rstrip(b"\r")))


def _value(headers: Iterable[tuple[str, str]], wanted: str) -> str:
    return ", ".join(value for name, value in headers if name.lower() == wanted)


def _without(headers: Headers, *names: str) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() not in names)
