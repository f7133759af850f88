"""A broken, cut or hostile source gives what could be read of it, within limits, and never a conclusion."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable

import pytest

from crawler.discovery import MOST, read_source

URL = "https://www.dw.com/de/news-sitemap.xml"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def sitemap(count: int) -> bytes:
    entries = "".join(
        f"<url><loc>https://www.dw.com/de/x/a-{70000000 + n}</loc><lastmod>2026-03-02T08:00:00Z</lastmod></url>"
        for n in range(count)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SPACE}>{entries}</urlset>'.encode()


def bomb(levels: int = 12) -> bytes:
    """A billion laughs."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels))
    item = "<item><title>&a11;</title><link>https://www.dw.com/de/x/a-70000001</link></item>"
    return f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]><rss><channel>{item}</channel></rss>'.encode()


def outside() -> bytes:
    """An entity that would read a file of ours."""
    item = "<item><title>&x;</title><link>https://www.dw.com/de/x/a-70000001</link></item>"
    return f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>{item}</channel></rss>'.encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "entity bomb": (bomb, "entities", 0),
    "external entity": (outside, "entities", 1),
    "more entries than the protocol allows": (lambda: sitemap(MOST + 10), "more than 50000", MOST),
    "200 MB unpacked": (lambda: gzip.compress(b"<urlset>" + b" " * (200 << 20), 1), "larger than 50 MiB", 0),
    "200 MB plain": (lambda: sitemap(3)[:-9] + b" " * (200 << 20), "larger than 50 MiB", 3),
    "cut in the middle": (lambda: sitemap(100)[:5000], "not well-formed", 30),
    "gzip cut in the middle": (lambda: gzip.compress(sitemap(5000))[:-2000], "broken gzip", 100),
    "an encoding that is not the one declared": (
        lambda: sitemap(3).replace(b"</urlset>", "<url><loc>/Müll</loc></url></urlset>".encode("latin-1")),
        "not well-formed",
        3,
    ),
    "an encoding nobody knows": (lambda: sitemap(3).replace(b"UTF-8", b"KLINGON"), "not well-formed", 0),
    "not XML at all": (lambda: b"\x00\xff" * 5000, "not well-formed", 0),
    "nothing": (lambda: b"", "not well-formed", 0),
    "very deep": (lambda: b"<urlset>" + b"<a>" * 100_000, "not well-formed", 0),
    "a tag of 200,000 attributes": (
        lambda: f"<html><body><a {' '.join(f'a{n}=1' for n in range(200_000))}>x</a></body></html>".encode(),
        "a tag with hundreds of attributes",
        0,
    ),
    "an error page": (lambda: b"<!doctype html><html><body>Wartung", "incomplete page", 0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_can_be_read_is_kept_and_the_fault_is_said(name: str) -> None:
    make, problem, least = HOSTILE[name]
    body, started = make(), time.monotonic()
    reading = read_source(body, URL)
    assert time.monotonic() - started < 20
    assert not reading.complete
    assert problem in str(reading.problem)
    assert least <= len(reading.entries) <= MOST
    assert not any("root:" in (entry.title or "") or len(entry.title or "") > 100 for entry in reading.entries)


def test_fifty_thousand_entries_are_read_whole() -> None:
    reading = read_source(sitemap(MOST - 1), URL)
    assert reading.complete
    assert len(reading.entries) == MOST - 1


def test_a_sitemap_names_the_storys_other_languages() -> None:
    body = (
        f"<urlset {SPACE}><url><loc>https://www.dw.com/de/gipfel/a-70000001</loc>"
        '<xhtml:link rel="alternate" hreflang="de" href="https://www.dw.com/de/gipfel/a-70000001"/>'
        '<xhtml:link rel="alternate" hreflang="en" href="https://www.dw.com/en/summit/a-70000002"/>'
        '<xhtml:link rel="alternate" hreflang="x-default" href="javascript:alert(1)"/>'
        "<lastmod>2026-03-02T09:00:00+01:00</lastmod></url></urlset>"
    )
    (entry,) = read_source(body.encode(), URL).entries
    assert entry.modified == "2026-03-02T08:00:00Z"
    assert [(other.id, other.language) for other in entry.alternates] == [("a-70000002", "en")]


@pytest.mark.parametrize(
    "link", ["http://[::1", "http://a]b/de/x/a-70000009", "//[", "http://x:99999999/de/x/a-70000009"]
)
@pytest.mark.parametrize(
    "source",
    [
        "<rss><channel><item><link>{bad}</link></item><item><link>{good}</link></item></channel></rss>",
        "<urlset><url><loc>{good}</loc><link hreflang='en' href='{bad}'/></url></urlset>",
        "<index><sitemap><loc>{bad}</loc></sitemap><url><loc>{good}</loc></url></index>",
        "<html><body><a href='{bad}'>a</a><a href='{good}'>b</a></body></html>",
    ],
    ids=["feed", "alternate", "index", "page"],
)
def test_one_address_that_is_none_costs_no_other_entry(source: str, link: str) -> None:
    reading = read_source(source.format(bad=link, good="https://www.dw.com/de/x/a-70000001").encode(), URL)
    assert [entry.article.id for entry in reading.entries] == ["a-70000001"]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("Mon, 99999999999 Jan 2020 00:00:00", None),
        ("0901-02-03T00:00:00Z", "0901-02-03T00:00:00Z"),
        ("1901-02-03", "1901-02-03"),
    ],
)
def test_a_date_outside_the_calendar_costs_no_entry(told: str, read: str | None) -> None:
    item = f"<item><link>https://www.dw.com/de/x/a-70000001</link><pubDate>{told}</pubDate></item>"
    (entry,) = read_source(f"<rss><channel>{item}</channel></rss>".encode(), URL).entries
    assert entry.published == read
