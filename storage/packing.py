"""Bytes made small so that exactly the same bytes come out again: what nearly equals something kept holds only what differs."""

from __future__ import annotations

import zlib
from functools import cache
from hashlib import sha256

import msgspec
import zstandard

THOROUGH = 9
QUICK = 3  # for what is soon packed again, or long; a page that was not served in gzip takes a seventh of the time
_HEADER = 10  # bytes of a gzip header without names or extras (RFC 1952)
_TRAILER = 8
# level and memory level of zlib, as servers set them (nginx, Apache, common delivery networks)
_SETTINGS = ((6, 8), (6, 9), (5, 8), (4, 8), (1, 8), (9, 8))
_STEP = 1 << 16
# what zlib 1.2.13 makes of the text in ``usual_zlib``; its output has been the same for many years
_USUAL = "8e5126c083e862528d8021e9ca02c1303a45d97f65cd32ebae253e56120492ee"


class Coded(msgspec.Struct, frozen=True, kw_only=True):
    """A body without its content coding, and how to make that coding again; "" when the bytes are as served."""

    plain: bytes
    coding: str = ""


@cache
def usual_zlib() -> bool:
    """Whether this machine deflates as zlib itself does, with each of the settings that packed pages name."""
    text = b"".join(
        b"<p class=c%d>%s</p>" % (n % 7, sha256(b"%d" % n).hexdigest()[: n % 61].encode()) for n in range(5000)
    )
    made = b"".join(recoded(text, f"gzip {level} {memory} 00") for level, memory in _SETTINGS)
    return sha256(made).hexdigest() == _USUAL


def zlib_version() -> str:
    """The zlib that is in use, as it calls itself."""
    return str(zlib.ZLIB_RUNTIME_VERSION)


def squeeze(data: bytes, base: bytes | None = None, *, level: int = THOROUGH) -> bytes:
    """Compress; what ``base`` says already is only pointed at."""
    if base is None:
        return zstandard.ZstdCompressor(level=level).compress(data)
    settings = zstandard.ZstdCompressionParameters.from_level(
        level, source_size=len(data) + len(base), dict_size=len(base), write_dict_id=False
    )
    return zstandard.ZstdCompressor(dict_data=_raw(base), compression_params=settings).compress(data)


def unsqueeze(packed: bytes, base: bytes | None = None, *, size: int) -> bytes:
    """The inverse of ``squeeze``; ``size`` is the most that may come out. Raises ValueError when the bytes are damaged."""
    decompressor = zstandard.ZstdDecompressor(dict_data=None if base is None else _raw(base))
    try:
        return decompressor.decompress(packed, max_output_size=size)
    except (zstandard.ZstdError, MemoryError) as error:  # a damaged header may ask for any size
        raise ValueError(f"cannot be unpacked ({error})") from None


def _raw(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def uncoded(body: bytes) -> Coded:
    """Undo gzip where it can be made again byte for byte; any other body comes back as it is.

    Two gzip streams that differ by a word differ almost everywhere; without the coding, pages that nearly equal each other do.
    """
    if body[:4] != b"\x1f\x8b\x08\x00":
        return Coded(plain=body)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(body[_HEADER:])
    except zlib.error:
        return Coded(plain=body)
    if not inflater.eof or len(inflater.unused_data) != _TRAILER:
        return Coded(plain=body)
    stream = body[_HEADER:-_TRAILER]
    for level, memory in _SETTINGS:
        coding = f"gzip {level} {memory} {body[:_HEADER].hex()}"
        if _same(plain, level, memory, stream) and recoded(plain, coding) == body:
            return Coded(plain=plain, coding=coding)
    return Coded(plain=body)


def recoded(plain: bytes, coding: str) -> bytes:
    """A body as served, made again from its plain bytes. The caller checks its digest: another zlib may deflate otherwise."""
    if not coding:
        return plain
    _, level, memory, header = coding.split()
    deflater = zlib.compressobj(int(level), zlib.DEFLATED, -zlib.MAX_WBITS, int(memory))
    stream = deflater.compress(plain) + deflater.flush()
    sums = zlib.crc32(plain).to_bytes(4, "little") + (len(plain) % 2**32).to_bytes(4, "little")
    return bytes.fromhex(header) + stream + sums


def _same(plain: bytes, level: int, memory: int, stream: bytes) -> bool:
    """Whether these settings give the stream; says no at the first byte that differs."""
    deflater, at = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory), 0
    for start in range(0, len(plain), _STEP):
        made = deflater.compress(plain[start : start + _STEP])
        if made != stream[at : at + len(made)]:
            return False
        at += len(made)
    return True
