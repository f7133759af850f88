"""Saved copies: what each kind carries, and one clear line for what is no article."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.copies import read_copy
from storage.errors import UserError
from storage.types import Form

PAGE = """<!doctype html><html lang="de"><head><meta charset="{charset}"><link rel="canonical" href="https://www.dw.com/de/hafen/a-71703285"></head>
<body><article><header><h1>Der Hafen</h1><p class="teaser-text">Was sich in Kiel bewegt.</p></header>
<div data-tracking-name="rich-text"><p>Die Fähre legt um fünf Uhr ab.</p></div></article></body></html>"""


def test_a_saved_page_names_its_address_and_reads_like_a_page() -> None:
    (copy,) = read_copy("Hafen.HTML", PAGE.format(charset="utf-8").encode())
    assert (copy.url, copy.language) == ("https://www.dw.com/de/hafen/a-71703285", "de")
    assert copy.content.form is Form.PAGE
    assert copy.content.blocks[0].text == "Die Fähre legt um fünf Uhr ab."


def test_a_page_saved_again_as_utf8_is_read_whatever_its_old_declaration_says() -> None:
    (copy,) = read_copy("a.html", PAGE.format(charset="iso-8859-1").encode())
    assert copy.content.blocks[0].text == "Die Fähre legt um fünf Uhr ab."


@pytest.mark.parametrize("address", ["https://[/", "/", "javascript:x", "https://www.dw.com/de/"])
def test_a_saved_page_with_a_useless_address_has_none(address: str) -> None:
    source = PAGE.format(charset="utf-8").replace("https://www.dw.com/de/hafen/a-71703285", address)
    assert read_copy("a.html", source.encode())[0].url is None


@pytest.mark.parametrize(
    "prefix",
    [
        "https://web.archive.org/web/20250310120000/",
        "https://web.archive.org/web/20250310120000id_/",
        "http://archive.example:8080/colls/dw/20250310120000mp_/",
    ],
)
@pytest.mark.parametrize("https", ["https://", "https:/"])
def test_a_page_saved_from_a_web_archive_is_a_copy_of_the_article_not_of_the_archives_page(
    prefix: str, https: str
) -> None:
    """Linked to the archive's address, the archive was followed, and its pages were held against the copy."""
    source = PAGE.format(charset="utf-8").replace("https://www.dw.com/", f"{prefix}{https}www.dw.com/")
    assert read_copy("a.html", source.encode())[0].url == "https://www.dw.com/de/hafen/a-71703285"


@pytest.mark.parametrize("charset", ["utf-8", ""])
def test_a_page_whose_text_is_in_another_charset_than_it_says_is_refused(charset: str) -> None:
    """Read all the same, each letter that was lost was told as an edit."""
    source = PAGE.format(charset=charset).encode("cp1252")
    with pytest.raises(UserError, match="not in the charset it declares"):
        read_copy("a.html", source)
    assert read_copy("a.html", source.replace(b"F\xe4hre", b"Bahn").replace(b"f\xfcnf", b"vier"))
    assert (
        "\ufffd"
        in read_copy("a.html", PAGE.format(charset="utf-8").replace("ä", "\ufffd").encode())[0].content.blocks[0].text
    )


def test_json_lines_carry_what_they_name_and_nothing_else() -> None:
    lines = (
        '{"headline": "Der  Hafen", "paragraphs": ["Eins.", {"kind": "heading", "text": "Zwei"}], "url": "https://www.dw.com/de/x/a-71703285?maca=y",'
        ' "taken_at": "2025-02-24T10:00", "authors": ["A"], "language": "de", "unknown": 1}\n\n{"headline": "B", "paragraphs": ["Drei."]}\n'
    )
    first, second = read_copy("a.jsonl", lines.encode())
    assert (first.content.headline, first.url, first.language) == (
        "Der Hafen",
        "https://www.dw.com/de/x/a-71703285",
        "de",
    )
    assert first.taken_at == datetime(2025, 2, 24, 10, tzinfo=UTC)
    assert [block.kind.value for block in first.content.blocks] == ["paragraph", "heading"]
    assert (second.content.teaser, second.content.authors, second.taken_at, second.url) == (None, None, None, None)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b""),
        ("a.txt", b" \n "),
        ("a.txt", b"\x89PNG\r\n\x1a\n\xff\xfe"),
        ("a.txt", b"%PDF-1.4 \n\nabc\n\ndef"),
        ("a.txt", b"PK\x03\x04 \n\nabc"),
        ("a.txt", b"one line only"),
        ("a.txt", b"a\x00b\n\nc"),
        ("a.html", b"<html></html>"),
        ("a.html", b"\x00\x01\x02"),
        ("a.html", b"just text"),
        ("a.jsonl", b'{"headline": "A", "paragraphs": ["B"], "taken_at": "9999-12-31T23:59:59-12:00"}'),
        ("a.jsonl", b"[]"),
        ("a.jsonl", b"\xff"),
        ("a.jsonl", b"[" * 100_000),
        ("a.jsonl", b'{"headline": "a", "paragraphs": []}'),
        ("a.jsonl", b'{"headline": "a", "paragraphs": [" "]}'),
        ("a.jsonl", b'{"headline": " ", "paragraphs": ["x"]}'),
        ("a.jsonl", b'{"headline": "a", "paragraphs": "abc"}'),
        ("a.jsonl", b'{"headline": 5, "paragraphs": ["x"]}'),
        ("a.jsonl", b'{"headline": "a", "paragraphs": ["x"], "authors": "Bob"}'),
        ("a.jsonl", b'{"headline": "a", "paragraphs": ["x"], "url": "mailto:a"}'),
        ("a.jsonl", b'{"headline": "a", "paragraphs": ["x"], "taken_at": "yesterday"}'),
        ("a.jsonl", b'{"headline": "a\\ud800", "paragraphs": ["x"]}'),
    ],
)
def test_what_holds_no_article_is_refused_in_one_line_that_names_the_file(name: str, data: bytes) -> None:
    with pytest.raises(UserError) as refused:
        read_copy(name, data)
    told = str(refused.value)
    assert name in told
    assert told.endswith("nothing was imported") or "save it as UTF-8" in told
    assert "\n" not in told


def test_a_copy_in_utf16_as_some_editors_save_it_is_read() -> None:
    text = "Der Hafen\n\nMax Muster\n24. Februar 2025\n\nWas sich bewegt.\n\nDie Fähre legt um fünf Uhr ab.\n"
    assert read_copy("a.txt", text.encode("utf-16"))[0].content.headline == "Der Hafen"
