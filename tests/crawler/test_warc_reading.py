"""WARC files from anywhere: what is whole is read, what is broken or hostile is said with its place, within limits."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tracemalloc
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archived import NoLook, Source, look
from crawler.decoding import decode
from crawler.warc import BrokenWarc, Record, intact, records
from storage.types import Article, Look, Origin, Outcome

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ARTICLE = Article(id="a-71703285", outlet="dw", url="https://www.dw.com/de/x/a-71703285", language="de")
PAGE = b"<!DOCTYPE html><html><p>Gr\xc3\xbc\xc3\x9fe</p></html>"


def warc(block: bytes, kind: str = "response", length: int | None = None, **fields: Any) -> bytes:
    """One record."""
    told = {
        "WARC-Type": kind,
        "WARC-Record-ID": "<urn:x>",
        "WARC-Date": "2025-02-24T10:00:00Z",
        "WARC-Target-URI": ARTICLE.url,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block) if length is None else length),
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read(data: bytes) -> list[Record]:
    return list(records(io.BytesIO(data), lambda record: True))


def looked(block: bytes, **fields: Any) -> Look:
    (record,) = read(warc(block, **fields))
    return look(record, ARTICLE, Source(name="x.warc", sha256="0" * 64), NOW)


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("form", ["plain", "members", "one stream", "padded"])
def test_records_are_found_with_their_place_in_every_form(form: str) -> None:
    raw = [warc(answer(PAGE)), warc(b"", "metadata"), warc(answer(b"x" * 200_000))]
    data = {
        "plain": b"".join(raw),
        "members": b"".join(map(gzip.compress, raw)),
        "one stream": gzip.compress(b"".join(raw)),
        "padded": b"".join(map(gzip.compress, raw)) + bytes(100_000),
    }[form]
    found = read(data)
    assert [(record.kind, record.length) for record in found] == [
        *(("response", len(answer(PAGE))), ("metadata", 0), ("response", len(answer(b"x" * 200_000))))
    ]
    starts = {"plain": [0, len(raw[0]), len(raw[0] + raw[1])], "one stream": [0, 0, 0]}
    sizes = [len(gzip.compress(each)) for each in raw]
    assert [record.offset for record in found] == starts.get(form, [0, sizes[0], sizes[0] + sizes[1]])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello\n", "at byte 0: no WARC record begins here"),
        (b"GIF89a" + bytes(300_000), "no WARC record|header line of more than"),
        (warc(b"abc", length=2), "does not end where its length says"),
        (warc(b"abc", length=4), "does not end where its length says|ends inside"),
        (warc(b"abc", length=10**17), "the file ends inside a record"),
        (warc(b"abc").replace(b"Content-Length: 3", b"Content-Length: -3"), "without a usable length"),
        (warc(b"abc").replace(b"Content-Length: 3", b"Content-Length: " + b"9" * 400), "without a usable length"),
        (warc(b"abc").replace(b"Content-Length: 3\r\n", b""), "without a usable length"),
        (warc(b"abc", X="y" * 70_000), "a header line of more than 64 KiB"),
        (warc(b"abc", **dict[str, Any]({f"X{n}": "y" * 60_000 for n in range(20)})), "a record header of more than 512 KiB"),
        (b"WARC/1.0\r\nno colon\r\n\r\n", "without a colon"),
        (gzip.compress(warc(b"abc"))[:-9], "ends inside a gzip member"),
        (gzip.compress(warc(b"abc"))[:-8] + b"12345678", "damaged gzip data"),
    ],
)  # fmt: skip
def test_what_is_broken_is_said_and_what_was_whole_before_is_kept(data: bytes, why: str) -> None:
    whole = gzip.compress(warc(answer(PAGE))) if data.startswith(b"\x1f\x8b") else warc(answer(PAGE))
    for before in (b"", whole):
        found: list[Record] = []
        with pytest.raises(BrokenWarc, match=why.replace("at byte 0", f"at byte {len(before)}")):
            found.extend(records(io.BytesIO(before + data), lambda record: True))
        assert len(found) == (1 if before else 0)


def _bomb() -> bytes:
    """A header line of a gigabyte as a megabyte of gzip."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = compressor.compress(b"WARC/1.0\r\nX: ") + compressor.flush(zlib.Z_FULL_FLUSH)
    megabyte = compressor.compress(b"y" * (1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return start + megabyte * 1024


def test_a_header_of_a_gigabyte_in_a_megabyte_of_gzip_is_refused_in_little_memory() -> None:
    bomb = _bomb()
    tracemalloc.start()
    with pytest.raises(BrokenWarc, match="a header line of more than"):
        read(bomb)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_record_too_large_is_passed_over_without_reading_it_into_memory() -> None:
    block = answer(bytes(30 << 20))
    data = gzip.compress(warc(block), 1) + gzip.compress(warc(answer(PAGE)))
    tracemalloc.start()
    first, second = read(data)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert (first.block, second.block) == (None, answer(PAGE))


@pytest.mark.parametrize(
    ("block", "undone"),
    [
        (answer(PAGE), ""),
        (answer(PAGE).replace(b"\r\n", b"\n"), ""),
        (answer(chunked(PAGE), "Transfer-Encoding: chunked"), "Transfer-Encoding"),
        (answer(PAGE, "Transfer-Encoding: chunked"), "Transfer-Encoding"),
        (answer(gzip.compress(PAGE), "Content-Encoding: gzip"), ""),
        (answer(brotli.compress(PAGE), "Content-Encoding: br"), ""),
        (answer(chunked(gzip.compress(PAGE)), "Transfer-Encoding: chunked", "Content-Encoding: gzip"), "Transfer-Encoding"),
        (answer(PAGE, "Content-Encoding: gzip", "Content-Length: 12"), "Content-Encoding gzip"),
        (answer(PAGE, "Content-Encoding: br"), "Content-Encoding br"),
        (answer(b"\xef\xbb\xbf" + PAGE, "Content-Encoding: gzip"), "Content-Encoding gzip"),
        (answer(PAGE, "Transfer-Encoding: chunked", "Content-Encoding: zstd"), "Content-Encoding zstd"),
    ],
)  # fmt: skip
def test_a_page_is_read_whatever_the_archive_undid_and_the_record_says_what(block: bytes, undone: str) -> None:
    found = looked(block)
    assert decode(found.body or b"", found.headers).text == PAGE.decode()
    assert undone in (found.normalised or "")
    assert (found.origin, found.answered) == (Origin.ARCHIVE, datetime(2025, 2, 24, 10, tzinfo=UTC))
    assert found.provenance is not None
    assert (found.provenance.file, found.provenance.record_id, found.provenance.offset) == ("x.warc", "<urn:x>", 0)


@pytest.mark.parametrize(
    ("block", "fields", "why"),
    [
        (b"no head", {}, "not an HTTP answer"),
        (b"SSH-2.0\r\n\r\n", {}, "not an HTTP answer"),
        (answer(b"", status="301 Moved"), {}, "redirect"),
        (answer(b"", status="304 Not Modified"), {}, "redirect or not modified"),
        (answer(PAGE), {"WARC_Date": "yesterday"}, "without a usable date"),
        (answer(PAGE), {"WARC_Date": "2036-01-01T00:00:00Z"}, "without a usable date"),
        (answer(PAGE), {"WARC_Date": ""}, "without a usable date"),
        (answer(PAGE), {"WARC_Truncated": "length"}, "cut short"),
        (answer(PAGE), {"WARC_Block_Digest": "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "damaged"),
        (answer(PAGE), {"WARC_Payload_Digest": f"sha256:{'0' * 64}"}, "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_look_is_passed_over_with_a_word(block: bytes, fields: dict[str, str], why: str) -> None:
    with pytest.raises(NoLook, match=why):
        looked(block, **fields)


def test_broken_chunks_are_set_aside() -> None:
    found = looked(answer(chunked(PAGE)[:-10], "Transfer-Encoding: chunked"))
    assert found.outcome is Outcome.SET_ASIDE


@given(st.binary(max_size=64), st.sampled_from(["md5", "sha1", "sha256", "SHA-256", "sha512"]))
def test_digests_are_understood_in_every_spelling(block: bytes, name: str) -> None:
    digest = hashlib.new(name.replace("-", "").lower(), block).digest()
    for told in (
        digest.hex(),
        digest.hex().upper(),
        base64.b32encode(digest).decode(),
        base64.b64encode(digest).decode(),
    ):
        assert intact(block, f"{name}:{told}")
        assert not intact(block + b"x", f"{name}:{told}")
    assert intact(block, "")
    assert intact(block, "xxh3:00")


@given(st.binary(max_size=600))
def test_garbage_never_does_more_than_say_that_it_is_broken(data: bytes) -> None:
    for start in (b"", b"WARC/1.1\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\0", warc(answer(PAGE))[:-20]):
        with suppress(BrokenWarc):
            assert all(record.offset >= 0 for record in read(start + data))
