"""Faults of the transfer: cut, slow, mislabelled, wrongly chunked, wrongly coded, too large, in another charset."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import brotli
import zstandard

from tests.faults.servers.fault import FAILED, Fault, answer
from tests.faults.servers.wire import RESET, Pieces, Told, head, http

_CUT = "incomplete transfer|does not end with </html>"
_CHUNKED = "Transfer-Encoding: chunked"
_MIB = 1 << 20


def _bytes(told: Told) -> bytes:
    return told.page.encode()


def _part(body: bytes, told: Told) -> bytes:
    """The front of a body, cut at random, never whole."""
    return body[: told.rng.randrange(len(body) // 20, len(body) - 20)]


def _cut(told: Told) -> Pieces:
    return http(_part(_bytes(told), told), length=len(_bytes(told)))


def _reset(told: Told) -> Pieces:
    return [*http(_part(_bytes(told), told), length=len(_bytes(told))), 0.05, RESET]


def _dripping(told: Told) -> Iterator[bytes | float]:
    yield head(length=len(_bytes(told)))
    for byte in _bytes(told):
        yield bytes([byte])
        yield 0.2


def _chunk(piece: bytes, size: str | None = None) -> bytes:
    return f"{size or format(len(piece), 'x')}\r\n".encode() + piece + b"\r\n"


def _chunks(told: Told, *after: bytes) -> Pieces:
    body = _bytes(told)
    half = told.rng.randrange(1, len(body) - 1)
    return [head(_CHUNKED), _chunk(body[:half]), _chunk(body[half:]), *after]


def _chunk_lies(told: Told, size: str) -> Pieces:
    body = _bytes(told)
    return [head(_CHUNKED), _chunk(body[:500]), _chunk(body[500:], size), b"0\r\n\r\n"]


def _half_a_chunk(told: Told) -> Pieces:
    body = _bytes(told)
    return [head(_CHUNKED), _chunk(body[:-600]), b"258\r\n" + body[-600:-200]]


TRANSFER = [
    answer("body cut", _CUT, _cut),
    answer("body lacks its last byte", "incomplete transfer", lambda t: http(_bytes(t)[:-1], length=len(_bytes(t)))),
    answer("connection reset in the body", "incomplete|lost|closed|aborted", _reset),
    answer("length one too long", "incomplete transfer", lambda t: http(t.page, length=len(_bytes(t)) + 1)),
    answer("length too short", _CUT, lambda t: http(t.page, length=t.rng.randrange(1, len(_bytes(t)) - 20))),
    answer("length negative", ".", lambda t: http(t.page, length=-7), outcome=FAILED),
    answer("length no number", ".", lambda t: http(t.page, length="many"), outcome=FAILED),
    answer("two lengths", ".", lambda t: http(t.page, "Content-Length: 99"), outcome=FAILED),
    answer("no length, closed early", _CUT, lambda t: http(_part(_bytes(t), t), length=None)),
    answer("nothing for ever", "no complete answer in time", lambda t: [30.0], outcome=FAILED, patience=1.0),
    answer(
        "body stops half way",
        "no complete answer in time|incomplete",
        lambda t: [*http(_part(_bytes(t), t), length=len(_bytes(t))), 30.0],
        outcome=FAILED,
        patience=1.0,
    ),
    answer("body drips", "no complete answer in time", _dripping, outcome=FAILED, patience=1.5),
    answer("chunk size no number", "incomplete transfer", lambda t: _chunk_lies(t, "many")),
    answer("chunk size too large", _CUT, lambda t: _chunk_lies(t, "fffff")),
    answer("chunk size too small", "incomplete transfer", lambda t: _chunk_lies(t, "20")),
    answer("chunk size negative", "incomplete transfer", lambda t: _chunk_lies(t, "-5")),
    answer("chunk cut", _CUT, _half_a_chunk),
    answer("no last chunk", "incomplete transfer", lambda t: _chunks(t)),
    answer("last chunk cut", "incomplete transfer", lambda t: _chunks(t, b"0\r\n")),
]


def _coded(
    name: str, spoil: Callable[[bytes, Told], bytes], pack: Callable[[bytes], bytes]
) -> Callable[[Told], Pieces]:
    return lambda told: http(spoil(pack(_bytes(told)), told), f"Content-Encoding: {name}")


def _unnamed(pack: Callable[[bytes], bytes]) -> Callable[[Told], Pieces]:
    return lambda told: http(pack(_bytes(told)))


def _flipped(body: bytes, told: Told) -> bytes:
    """One bit turned, behind the header and before the checksum."""
    spoilt = bytearray(body)
    spoilt[told.rng.randrange(len(body) // 4, len(body) - 12)] ^= 1 << told.rng.randrange(8)
    return bytes(spoilt)


def _end_spoilt(at: int) -> Callable[[bytes, Told], bytes]:
    return lambda body, told: body[:at] + bytes([body[at] ^ 0xFF]) + body[len(body) + at + 1 :]


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


_PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "deflate": zlib.compress,
    "br": lambda plain: brotli.compress(plain, quality=5),  # the highest takes seconds, in which an answer may time out
    "zstd": _zstd,
}


@cache
def _bomb(name: str) -> bytes:
    """Zeros that unpack to 64 MiB."""
    return _PACKED[name](bytes(64 * _MIB))


def _bombs(name: str, coding: str) -> Fault:
    return answer(
        f"bomb in {coding}", "larger than 20 MiB|broken", lambda t: http(_bomb(name), f"Content-Encoding: {coding}")
    )


def _twice(told: Told) -> Pieces:
    return http(_gzip(_gzip(_bytes(told))), "Content-Encoding: gzip")


def _endless(told: Told) -> Iterator[bytes | float]:
    yield head() + _bytes(told)
    yield from itertools.repeat(b"<p>more</p>" * 6000, 400)


CODINGS = [
    *(answer(f"{name} cut", f"broken {name}", _coded(name, _part, pack)) for name, pack in _PACKED.items()),
    *(answer(f"{name} with a bit turned", ".", _coded(name, _flipped, pack)) for name, pack in _PACKED.items() if name != "br"),
    answer("gzip with a wrong checksum", "broken gzip", _coded("gzip", _end_spoilt(-8), _gzip)),
    answer("gzip with a wrong length", "broken gzip", _coded("gzip", _end_spoilt(-4), _gzip)),
    answer("deflate with a wrong checksum", "broken deflate", _coded("deflate", _end_spoilt(-1), zlib.compress)),
    answer("zstd with a wrong checksum", "broken zstd", _coded("zstd", _end_spoilt(-1), _zstd)),
    *(answer(f"{name} with garbage behind", f"broken {name}", _coded(name, lambda b, t: b + b"garbage", pack)) for name, pack in _PACKED.items()),
    *(answer(f"{name} named, not used", f"broken {name}", _coded(name, lambda b, t: b, bytes)) for name in _PACKED),
    *(answer(f"{name} used, not named", "binary|incomplete page|empty", _unnamed(pack)) for name, pack in _PACKED.items()),
    answer("gzip applied twice, named once", "binary|incomplete page", _twice),
    answer("gzip named twice, applied once", "broken gzip", _coded("gzip, gzip", lambda b, t: b, _gzip)),
    answer("one coding named, another used", "broken br", _coded("br", lambda b, t: b, _gzip)),
    answer("unknown coding", "unknown content coding", _coded("snappy", lambda b, t: b, bytes)),
    answer("coded, and empty", "it is empty|empty page", lambda t: http(b"", "Content-Encoding: gzip")),
    *(_bombs(name, name) for name in _PACKED),
    answer("bomb in a bomb", "larger than 20 MiB", lambda t: http(_gzip(_bomb("gzip")), "Content-Encoding: gzip, gzip")),
    answer("21 MiB", "larger than 20 MiB", lambda t: http(_bytes(t) + b" " * 21 * _MIB, length=None), outcome=FAILED),
    answer("3 GB announced", "larger than 20 MiB", lambda t: http(t.page, length=3 * 10**9), outcome=FAILED),
    answer("no end", "larger than 20 MiB", _endless, outcome=FAILED),
]  # fmt: skip


def _umlauts(told: Told) -> str:
    """A page whose text has letters beyond ASCII, whatever its language."""
    return told.page.replace("<p>", "<p>Für die Mühe über Jahre ‒ größer: ", 3)


def _labelled(media: str, spoil: Callable[[str], bytes]) -> Callable[[Told], Pieces]:
    return lambda told: http(spoil(_umlauts(told)), media=media)


def _plain(page: str) -> bytes:
    return page.encode("ascii", "replace")


def _latin(page: str) -> bytes:
    return page.encode("latin-1", "replace")


def _mojibake(page: str) -> bytes:
    return page.encode().decode("latin-1").encode()


CHARSETS = [
    *(
        answer(f"UTF-8 declared as {name}", "garbled|incomplete page|not the article", _labelled(f"text/html; charset={name}", str.encode))
        for name in ("iso-8859-1", "windows-1251", "shift_jis", "utf-16", "koi8-r")
    ),
    answer("Latin-1 declared as UTF-8", "garbled", _labelled("text/html; charset=utf-8", _latin)),
    answer("broken UTF-8", "garbled", _labelled("text/html; charset=utf-8", lambda p: p.encode().replace("ü".encode(), b"\xc3"))),
    answer("UTF-8 coded twice", "garbled", _labelled("text/html; charset=utf-8", _mojibake), beside=True),
    answer("UTF-16 without saying so", "binary|incomplete page", _labelled("text/html", lambda p: p.encode("utf-16-le"))),
    answer("UTF-32", "binary|incomplete page", _labelled("text/html; charset=utf-32", lambda p: p.encode("utf-32"))),
    answer("BOM of another charset", "incomplete page|empty|not the article|garbled|binary", _labelled("text/html", lambda p: b"\xff\xfe" + p.encode())),
    answer("zero bytes between", "binary", _labelled("text/html", lambda p: b"\x00\x00" + p.encode())),
]  # fmt: skip
