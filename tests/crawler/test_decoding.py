"""A body is decoded whole or refused with the reason."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler.decoding import MAX_DECODED, BrokenBody, decode

PAGE = ("<html><body><p>Größe zählt: 5 %, „Zitat“.</p></body></html>" * 20).encode()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODINGS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def coded(name: str) -> list[tuple[str, str]]:
    return [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", name)]


@pytest.mark.parametrize("name", CODINGS)
def test_each_coding_gives_the_page_back(name: str) -> None:
    assert decode(CODINGS[name](PAGE), coded(name)).text == PAGE.decode()


def test_raw_deflate_several_members_and_several_codings_are_read() -> None:
    assert decode(raw_deflate(PAGE), coded("deflate")).text == PAGE.decode()
    for name in ("gzip", "zstd"):
        assert decode(CODINGS[name](PAGE) + CODINGS[name](PAGE), coded(name)).text == (PAGE * 2).decode()
    assert decode(gzip.compress(brotli.compress(PAGE)), coded("br, gzip")).text == PAGE.decode()


@pytest.mark.parametrize("name", CODINGS)
def test_a_body_cut_anywhere_is_refused(name: str) -> None:
    whole = CODINGS[name](PAGE)
    for end in range(len(whole)):
        with pytest.raises(BrokenBody):
            decode(whole[:end], coded(name))


@pytest.mark.parametrize("name", CODINGS)
def test_bytes_behind_the_end_are_refused(name: str) -> None:
    with pytest.raises(BrokenBody):
        decode(CODINGS[name](PAGE) + b"<p>more</p>", coded(name))


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd"])
def test_a_checksum_that_does_not_fit_is_refused(name: str) -> None:
    whole = bytearray(CODINGS[name](PAGE))
    whole[-6 if name == "gzip" else -1] ^= 1
    with pytest.raises(BrokenBody):
        decode(bytes(whole), coded(name))


@pytest.mark.parametrize("name", CODINGS)
def test_a_bomb_is_refused_before_it_unfolds(name: str) -> None:
    bomb = CODINGS[name](bytes(MAX_DECODED * 4))
    tracemalloc.start()
    with pytest.raises(BrokenBody, match="larger than 20 MiB"):
        decode(bomb, coded(name))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MAX_DECODED * 3


@pytest.mark.parametrize(
    ("declared", "fits"), [("1", False), ("1, 1", False), ("²", True), ("", True), (str(len(PAGE)), True)]
)
def test_the_declared_length_must_be_the_received_one(declared: str, fits: bool) -> None:
    headers = [("Content-Length", declared), ("Content-Type", "text/html; charset=utf-8")]
    if fits:
        assert decode(PAGE, headers).text
    else:
        with pytest.raises(BrokenBody, match="incomplete transfer"):
            decode(PAGE, headers)


@pytest.mark.parametrize(
    ("body", "content_type", "charset", "source"),
    [
        (b"\xef\xbb\xbfTage", "text/html; charset=koi8-r", "utf-8", "bom"),
        ("Tage".encode("utf-16"), "text/html; charset=utf-8", "utf-16-le", "bom"),
        ("für".encode("cp1252"), "text/html; charset=iso-8859-1", "cp1252", "http"),
        ("<meta charset=windows-1251>день".encode("cp1251"), "text/html", "cp1251", "meta"),
        (b"<meta charset=utf-16>day", "text/html", "utf-8", "meta"),
        ("für".encode(), "text/html", "utf-8", "default"),
    ],
)
def test_bom_then_http_then_meta_then_utf8_decides(body: bytes, content_type: str, charset: str, source: str) -> None:
    decoded = decode(body, [("content-type", content_type)])
    assert (decoded.charset, decoded.charset_source) == (charset, source)
    assert "\ufffd" not in decoded.text


@pytest.mark.parametrize(
    "charset", ["rot13", "base64", "idna", "undefined", "unicode_escape", "utf-7", "hex", "none", "\ud800"]
)
def test_a_name_that_is_no_charset_of_the_web_is_passed_over(charset: str) -> None:
    assert decode(PAGE, [("Content-Type", f"text/html; charset={charset}")]).charset_source == "default"


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1251", "gb2312", "utf-16"])
def test_a_declared_charset_that_the_bytes_contradict_is_refused(charset: str) -> None:
    with pytest.raises(BrokenBody, match="garbled"):
        decode(PAGE, [("Content-Type", f"text/html; charset={charset}")])


def test_bytes_without_meaning_are_marked_and_nothing_else() -> None:
    assert decode("für".encode() + b"\xff", []).text == "für\ufffd"


@given(st.binary(max_size=300), st.sampled_from([*CODINGS, "identity", "rot13", "gzip, br"]), st.text(max_size=12))
def test_no_body_raises_anything_but_the_declared_refusal(body: bytes, coding: str, charset: str) -> None:
    try:
        decode(body, [("Content-Encoding", coding), ("Content-Type", f"text/html; charset={charset}")])
    except BrokenBody as refusal:
        assert str(refusal)  # noqa: PT017 - not raising is fine too
