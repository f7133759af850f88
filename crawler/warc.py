"""Read WARC files (1.0 and 1.1, plain or gzip) strictly and within limits, record by record.

A reader of its own, because stock ones take a cut-off file for a whole one, do not check what gzip says of its end, and read a
header of any size into memory. Nothing here trusts a length: a record counts only when its end stands where the length says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

LONGEST_BLOCK = 24 << 20  # bytes; a page may have 20 MiB
_LINE = 64 << 10  # bytes of one header line
_HEAD = 512 << 10  # bytes of all header lines of a record
_STEP = 64 << 10  # bytes read, and unfolded, at once
_BOMB = 1 << 30, 500  # bytes unfolded and times as many as were read, from which on a member is a bomb
_VERSION = re.compile(rb"WARC/1\.[01]\Z")
_ALGORITHMS = {"md5", "sha1", "sha256", "sha512"}


class BrokenWarc(Exception):
    """The file is no WARC from here on; the message says where and why."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record: where it starts in the file as stored (of a gzip member: where that starts), its fields by lower-case name.

    ``block`` is ``None`` when it was not wanted or is longer than ``LONGEST_BLOCK``.
    """

    offset: int
    fields: dict[str, str]
    length: int
    block: bytes | None

    @property
    def kind(self) -> str:
        """``response``, ``request``, ``revisit``, …"""
        return self.fields.get("warc-type", "").lower()

    @property
    def url(self) -> str:
        """The address it is about; some writers put it in angle brackets."""
        return self.fields.get("warc-target-uri", "").strip("<>")

    @property
    def id(self) -> str:
        """Its own name."""
        return self.fields.get("warc-record-id", "")


def records(file: IO[bytes], wanted: Callable[[Record], bool]) -> Iterator[Record]:
    """The records of a file in order; blocks only of those ``wanted``. Raises BrokenWarc where it stops being a WARC."""
    source = _Source(file)
    while source.more():
        yield _record(source, wanted)


def _record(source: _Source, wanted: Callable[[Record], bool]) -> Record:
    source.begin()
    if not _VERSION.match(source.line()):
        raise source.broken("no WARC record begins here")
    fields = _fields(source)
    length = fields.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise source.broken(f"a record without a usable length ({length[:30]!r})")
    record = Record(offset=source.start, fields=fields, length=int(length), block=None)
    block = None
    if record.length <= LONGEST_BLOCK and wanted(record):
        block = source.read(record.length)
    else:
        source.skip(record.length)
    if source.read(4) != b"\r\n\r\n":
        raise source.broken("a record that does not end where its length says")
    source.finish()
    return Record(offset=record.offset, fields=fields, length=record.length, block=block)


def _fields(source: _Source) -> dict[str, str]:
    fields: dict[str, str] = {}
    last, size = "", 0
    while line := source.line():
        size += len(line)
        if size > _HEAD:
            raise source.broken(f"a record header of more than {_HEAD >> 10} KiB")
        text = line.decode("utf-8", "replace")
        if text[0] in " \t" and last:
            fields[last] += " " + text.strip()
            continue
        name, colon, value = text.partition(":")
        if not colon:
            raise source.broken("a header line without a colon")
        last = name.strip().lower()
        fields[last] = value.strip()
    return fields


class _Source:
    """Bytes of a WARC, unfolded if it is gzip, with the place in the file as stored."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._raw = file.read(_STEP)  # read, not unfolded yet
        self._at = 0  # where _raw starts in the file
        self._gzip = self._raw.startswith(b"\x1f\x8b")
        self._member: zlib._Decompress | None = None
        self._came, self._went = 0, 0  # bytes of this member: unfolded, read
        self._ready = bytearray()
        self.start = 0

    def more(self) -> bool:
        """Whether anything is left."""
        return bool(self._ready) or self._fill()

    def begin(self) -> None:
        """A record begins here; note where."""
        if not self._gzip:
            self.start = self._at - len(self._ready)

    def broken(self, why: str) -> BrokenWarc:
        """What is wrong, with the place of the record it is wrong in."""
        return BrokenWarc(f"at byte {self.start}: {why}")

    def line(self) -> bytes:
        """The next line without its end."""
        looked = 0
        while (end := self._ready.find(b"\n", looked)) < 0:
            looked = len(self._ready)
            if looked > _LINE:
                raise self.broken(f"a header line of more than {_LINE >> 10} KiB")
            if not self._fill():
                raise self.broken("the file ends inside a record")
        if end > _LINE:
            raise self.broken(f"a header line of more than {_LINE >> 10} KiB")
        return self._take(end + 1).rstrip(b"\r\n")

    def read(self, size: int) -> bytes:
        """Exactly this many bytes."""
        while len(self._ready) < size:
            if not self._fill():
                raise self.broken("the file ends inside a record")
        return self._take(size)

    def skip(self, size: int) -> None:
        """Pass over this many bytes without keeping them."""
        while size > len(self._ready):
            size -= len(self._ready)
            self._ready.clear()
            if not self._fill():
                raise self.broken("the file ends inside a record")
        del self._ready[:size]

    def finish(self) -> None:
        """Go to the end of the gzip member, if the record is the last in it: only there its checksum is told."""
        while self._member is not None and not self._ready:
            self._unfold()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def _fill(self) -> bool:
        """Make more bytes ready; False at the end of the file."""
        if not self._gzip:
            self._ready += self._raw
            self._at += len(self._raw)
            found, self._raw = bool(self._raw), self._file.read(_STEP)
            return found
        before = len(self._ready)
        while len(self._ready) == before:
            if not self._unfold():
                return False
        return True

    def _pass_padding(self) -> bool:
        """Go to the next member, past the zeros that fill tape and disk blocks; False when there is none."""
        while self._raw and not self._raw.lstrip(b"\0"):
            self._at += len(self._raw)
            self._raw = self._file.read(_STEP)
        padding = len(self._raw) - len(self._raw.lstrip(b"\0"))
        self._at, self._raw = self._at + padding, self._raw[padding:]
        return bool(self._raw)

    def _unfold(self) -> bool:
        if not self._raw:
            self._raw = self._file.read(_STEP)
        if self._member is None:
            if not self._pass_padding():
                return False
            self._member, self._came, self._went = zlib.decompressobj(31), 0, 0
            if not self._ready:
                self.start = self._at
        if not self._raw and not self._member.unconsumed_tail:
            raise self.broken("the file ends inside a gzip member")
        try:
            plain = self._member.decompress(self._raw, _STEP)
        except zlib.error as error:
            raise self.broken(f"damaged gzip data ({error})") from None
        used = len(self._raw) - len(self._member.unconsumed_tail) - len(self._member.unused_data)
        self._at += used
        self._went += used
        self._came += len(plain)
        self._ready += plain
        if self._came > _BOMB[0] and self._came > _BOMB[1] * self._went:
            raise self.broken("gzip data that unfolds without end")
        self._raw = self._member.unconsumed_tail or self._member.unused_data
        if self._member.eof:
            self._member = None
        return True


def intact(block: bytes, told: str) -> bool:
    """Whether bytes have the digest a record tells (``sha256:…`` in hexadecimal, Base32 or Base64); true when none is told."""
    name, _, value = told.partition(":")
    name = name.strip().lower().replace("-", "")
    if name not in _ALGORITHMS:
        return True
    digest = hashlib.new(name, block, usedforsecurity=False).digest()
    return digest in _readings(value.strip(), len(digest))


def _readings(value: str, size: int) -> Iterator[bytes]:
    """What a digest's text may mean."""
    padded = value + "=" * (-len(value) % 8)
    for decode in (bytes.fromhex, base64.b32decode, base64.b64decode, base64.urlsafe_b64decode):
        try:
            found = decode(padded if decode is base64.b32decode else value)
        except (ValueError, binascii.Error):
            continue
        if len(found) == size:
            yield found
