"""From the body as served to text: complete and readable, or refused with the reason.

Lenient decoders accept half a gzip stream or a wrong checksum without a word; a page read that way looks like an edit.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import brotli
import zstandard
from w3lib.encoding import http_content_type_encoding, resolve_encoding

MAX_DECODED = 20 << 20  # bytes; DW's longest live blogs stay under 2 MiB
_CHUNK = 1 << 16
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class BrokenBody(Exception):
    """The body is not what the server meant to send; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A page as text, the charset used and how it was chosen, and how many bytes had no meaning in it."""

    text: str
    charset: str
    charset_source: str
    replaced: int
    sha256: str


def decode(body: bytes, headers: Sequence[tuple[str, str]]) -> Decoded:
    """Undo the content coding strictly, then decode by BOM, HTTP charset, meta, UTF-8, in that order."""
    fields = {name.lower(): value for name, value in headers}
    _check_length(body, fields)
    plain = _uncode(body, fields.get("content-encoding", ""))
    charset, source = _charset(plain, fields.get("content-type", ""))
    text = plain.decode(charset, "replace").removeprefix("\ufeff")
    return Decoded(
        text=text,
        charset=charset,
        charset_source=source,
        replaced=text.count("\ufffd"),
        sha256=hashlib.sha256(plain).hexdigest(),
    )


def _check_length(body: bytes, fields: dict[str, str]) -> None:
    declared = fields.get("content-length", "")
    if declared.isdigit() and int(declared) != len(body) and "transfer-encoding" not in fields:
        raise BrokenBody(f"incomplete transfer: {len(body)} of {declared} bytes")


def _uncode(body: bytes, coding: str) -> bytes:
    names = [name.strip().lower() for name in coding.split(",") if name.strip().lower() not in ("", "identity")]
    for name in reversed(names):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise BrokenBody(f"unknown content coding {name!r}")
        try:
            body = decoder(body)
        except (OSError, EOFError, zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BrokenBody(f"broken {name} body: {error}") from None
    if len(body) > MAX_DECODED:
        raise BrokenBody("the page is larger than 20 MiB")
    return body


def _gzip(body: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:  # checks CRC and length of every member
        return _capped(stream.read(MAX_DECODED + 1))


def _deflate(body: bytes) -> bytes:
    # RFC 9110 means zlib; some servers send raw deflate
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        inflater = zlib.decompressobj(bits)
        try:
            plain = inflater.decompress(body, MAX_DECODED + 1)
        except zlib.error:
            continue
        if not inflater.eof and len(plain) <= MAX_DECODED:
            raise BrokenBody("broken deflate body: the stream does not end")
        return _capped(plain)
    raise BrokenBody("broken deflate body")


def _brotli(body: bytes) -> bytes:
    decoder, plain = brotli.Decompressor(), bytearray()
    for start in range(0, len(body), 1024):
        plain += decoder.process(body[start : start + 1024])
        _capped(plain)
    if not decoder.is_finished():
        raise BrokenBody("broken br body: the stream does not end")
    return bytes(plain)


def _zstd(body: bytes) -> bytes:
    decoder = zstandard.ZstdDecompressor().decompressobj()
    plain = bytearray()
    for start in range(0, len(body), _CHUNK):
        plain += decoder.decompress(body[start : start + _CHUNK])
        _capped(plain)
    if not decoder.eof:
        raise BrokenBody("broken zstd body: the stream does not end")
    return bytes(plain)


def _capped(plain: bytes | bytearray) -> bytes:
    if len(plain) > MAX_DECODED:
        raise BrokenBody("the page is larger than 20 MiB")
    return bytes(plain)


_DECODERS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}


def _charset(plain: bytes, content_type: str) -> tuple[str, str]:
    for mark, name in _BOMS:
        if plain.startswith(mark):
            return name, "bom"
    declared = http_content_type_encoding(content_type)
    if declared:
        return declared, "http"
    meta = _META.search(plain[:4096])
    known = resolve_encoding(meta.group(1).decode("ascii", "replace")) if meta else None
    return (known, "meta") if known else ("utf-8", "default")
