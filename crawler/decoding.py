"""From the body as served to text: complete and readable, or refused with the reason.

Lenient decoders accept half a gzip stream or a wrong checksum without a word; a page read that way looks like an edit.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Sequence
from typing import Any

import brotli
import msgspec
import zstandard
from w3lib.encoding import http_content_type_encoding, resolve_encoding

quick: Any = zlib
with contextlib.suppress(ImportError):  # not built for every machine
    from isal import isal_zlib

    quick = isal_zlib  # inflates in a quarter of the time

MAX_DECODED = 20 << 20  # bytes; DW's longest live blogs stay under 2 MiB
_SPOON = 256  # bytes of a coded body read at once: zstd packs 128 KiB into four bytes
_WINDOW = 8 << 20  # RFC 9659: what a zstd stream on the web may ask for
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
# the encodings of the WHATWG standard under Python's names; Python knows others that are no charsets (rot13, idna)
_NAMES = """
    utf-8 utf-16-le utf-16-be cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13
    iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256
    cp1257 cp1258 gb18030 big5hkscs euc_jp iso2022_jp cp932 shift_jis cp949 euc_kr
"""
_CHARSETS = frozenset(_NAMES.split())
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class BrokenBody(Exception):
    """The body is not what the server meant to send; the message says why."""


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """A page in UTF-8, whatever it was served in, and the charset it was served in and how that was chosen.

    ``sha256`` and ``length`` are those of the body without its content coding. Bytes without meaning in UTF-8 stay in ``page``.
    """

    page: bytes
    charset: str
    charset_source: str
    sha256: str
    length: int

    @property
    def text(self) -> str:
        """The page as text, each byte without meaning as U+FFFD."""
        return self.page.decode("utf-8", "replace")


def decode(body: bytes, headers: Sequence[tuple[str, str]]) -> Decoded:
    """Undo the content coding strictly, then decode by BOM, HTTP charset, meta, UTF-8, in that order."""
    fields: dict[str, str] = {}
    for name, value in headers:
        fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
    _check_length(body, fields)
    plain = uncode(body, fields.get("content-encoding", ""))
    charset, source = _charset(plain, fields.get("content-type", ""))
    if charset != "utf-8" and source != "bom" and _reads_as_utf8(plain):
        raise BrokenBody(f"garbled: declared as {charset}, but the bytes are UTF-8")
    page = plain if charset == "utf-8" else plain.decode(charset, "replace").encode("utf-8", "replace")
    return Decoded(
        page=page.removeprefix(codecs.BOM_UTF8),
        charset=charset,
        charset_source=source,
        sha256=hashlib.sha256(plain).hexdigest(),
        length=len(plain),
    )


def _check_length(body: bytes, fields: dict[str, str]) -> None:
    if "transfer-encoding" in fields:
        return
    for declared in fields.get("content-length", "").split(","):
        if re.fullmatch(r"[0-9]{1,18}", declared.strip()) and int(declared) != len(body):
            raise BrokenBody(f"incomplete transfer: {len(body)} of {declared.strip()} bytes")


def uncode(body: bytes, coding: str) -> bytes:
    """Undo a content coding strictly, within limits. Raises BrokenBody."""
    names = [name.strip().lower() for name in coding.split(",") if name.strip().lower() not in ("", "identity")]
    for name in reversed(names):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise BrokenBody(f"unknown content coding {name!r}")
        if not body:
            raise BrokenBody(f"broken {name} body: it is empty")
        try:
            body = decoder(body)
        except (OSError, EOFError, zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BrokenBody(f"broken {name} body: {error}") from None
    return _capped(body)


def _gzip(body: bytes) -> bytes:
    with contextlib.suppress(quick.error, zlib.error):
        inflater = quick.decompressobj(zlib.MAX_WBITS | 16)  # of one member
        plain = _capped(inflater.decompress(body, MAX_DECODED + 1))
        sums = quick.crc32(plain).to_bytes(4, "little") + (len(plain) % 2**32).to_bytes(4, "little")
        if inflater.eof and not inflater.unused_data and body.endswith(sums):
            return plain
    # whatever else it is, or what is wrong with it, is for the standard library to say
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:  # checks CRC and length of every member
        return _capped(stream.read(MAX_DECODED + 1))


def _deflate(body: bytes) -> bytes:
    # RFC 9110 means zlib; some servers send raw deflate. A zlib header is told by its first two bytes (RFC 1950)
    wrapped = body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    inflater = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    plain = _capped(inflater.decompress(body, MAX_DECODED + 1))
    if not inflater.eof:
        raise BrokenBody("broken deflate body: the stream does not end")
    return _nothing_left(plain, inflater.unused_data, "deflate")


def _brotli(body: bytes) -> bytes:
    decoder, plain = brotli.Decompressor(), bytearray()
    plain += decoder.process(body, output_buffer_limit=_WINDOW)
    while not decoder.is_finished():
        piece = decoder.process(b"", output_buffer_limit=_WINDOW)
        if not piece:
            raise BrokenBody("broken br body: the stream does not end")
        plain += piece
        _capped(plain)
    return _capped(plain)


def _zstd(body: bytes) -> bytes:
    plain, rest = bytearray(), memoryview(body)
    while rest:  # one frame or several
        decoder = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        while rest and not decoder.eof:
            plain += decoder.decompress(rest[:_SPOON])
            _capped(plain)
            rest = rest[_SPOON:]
        if not decoder.eof:
            raise BrokenBody("broken zstd body: the stream does not end")
        if decoder.unused_data:
            rest = memoryview(body)[len(body) - len(rest) - len(decoder.unused_data) :]
    return bytes(plain)


def _nothing_left(plain: bytes, rest: bytes, name: str) -> bytes:
    if rest:
        raise BrokenBody(f"broken {name} body: {len(rest)} bytes behind its end")
    return plain


def _capped(plain: bytes | bytearray) -> bytes:
    if len(plain) > MAX_DECODED:
        raise BrokenBody("the page is larger than 20 MiB")
    return plain if isinstance(plain, bytes) else bytes(plain)


_DECODERS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}


def _charset(plain: bytes, content_type: str) -> tuple[str, str]:
    for mark, name in _BOMS:
        if plain.startswith(mark):
            return name, "bom"
    if declared := _known(http_content_type_encoding(content_type)):
        return declared, "http"
    meta = _META.search(plain[:4096])
    known = _known(resolve_encoding(meta.group(1).decode("ascii", "replace"))) if meta else None
    if known and known.startswith("utf-16"):
        known = "utf-8"  # a meta that can be read as ASCII is not UTF-16 (WHATWG)
    return (known, "meta") if known else ("utf-8", "default")


def _known(charset: str | None) -> str | None:
    """A declared charset under Python's name; ``None`` when it is none of the web's."""
    try:
        name = codecs.lookup(charset or "").name
    except (LookupError, ValueError):
        return None
    name = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(name, name)
    return name if name in _CHARSETS else None


def _reads_as_utf8(plain: bytes) -> bool:
    """Whether the bytes are UTF-8 beyond chance: whole, with several characters that need more than a byte."""
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(plain) - len(text) > 1
