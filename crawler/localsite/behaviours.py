"""What the site says to a request, and the ways in which it misbehaves: one line each."""

from __future__ import annotations

import gzip
from typing import Any
from urllib.parse import quote

import brotli
import msgspec
import zstandard
from msgspec.structs import replace


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, as the server saw it."""

    path: str
    status: int
    headers: dict[str, str]
    at: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes over the wire; ``coding`` is set when the body is coded already, ``length`` when the header shall lie."""

    status: int = 200
    body: bytes = b""
    media: str = "text/html; charset=utf-8"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    location: str | None = None
    coding: str | None = None
    length: int | None = None
    wait: float = 0.0


def shell(title: str) -> str:
    """A page that is no article."""
    return f"<!doctype html><html lang='de'><head><title>{title}</title></head><body><h1>{title}</h1><p>{title}</p></body></html>"


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _broken_crc(body: bytes) -> bytes:
    packed = bytearray(gzip.compress(body))
    packed[-5] ^= 0xFF
    return bytes(packed)


# one line a behaviour: what the server does instead of answering well
BEHAVIOURS: dict[str, Any] = {
    **{f"status-{code}": lambda s, a, r, code=code: Answer(status=code, body=shell(f"Error {code}").encode()) for code in (401, 403, 500, 502, 503)},
    "rate-limited": lambda s, a, r: Answer(status=429, body=b"slow down", headers={"Retry-After": "120"}),
    "consent": lambda s, a, r: Answer(body=shell("Wir verwenden Cookies. Stimmen Sie zu?").encode()),
    "challenge": lambda s, a, r: Answer(body=shell("Just a moment...").encode(), headers={"cf-mitigated": "challenge"}),
    "maintenance": lambda s, a, r: Answer(body=shell("Wartungsarbeiten").encode()),
    "soft-404": lambda s, a, r: Answer(body=shell("404 - Seite nicht gefunden").encode()),
    "empty": lambda s, a, r: Answer(body=b""),
    "binary": lambda s, a, r: Answer(body=bytes(range(256)) * 40, media="application/octet-stream"),
    "no-end": lambda s, a, r: replace(r, body=r.body[: int(len(r.body) * 0.7)]),
    "cut": lambda s, a, r: replace(r, body=_half(r.body), length=len(r.body)),
    "half-gzip": lambda s, a, r: replace(r, body=_half(gzip.compress(r.body)), coding="gzip"),
    "bad-crc": lambda s, a, r: replace(r, body=_broken_crc(r.body), coding="gzip"),
    "half-br": lambda s, a, r: replace(r, body=_half(brotli.compress(r.body)), coding="br"),
    "half-zstd": lambda s, a, r: replace(r, body=_half(zstandard.compress(r.body)), coding="zstd"),
    "wrong-article": lambda s, a, r: replace(r, body=r.body.replace(str(a.number).encode(), b"99999999")),
    "loop": lambda s, a, r: Answer(status=302, location=quote(a.path)),
    "home": lambda s, a, r: Answer(status=302, location="/"),
    "other-scheme": lambda s, a, r: Answer(status=302, location="file:///etc/hostname"),
    "slow": lambda s, a, r: replace(r, wait=5.0),
    "shortened": lambda s, a, r: replace(r, body=s.page(replace(a, content=replace(a.content, blocks=a.content.blocks[:3]))).encode()),
}  # fmt: skip
