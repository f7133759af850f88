"""Real DW pages and captures of other outlets, read from the folder in ZAESUR_TEST_DATA."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from crawler.decoding import decode
from crawler.discovery import read_source
from crawler.excerpt import excerpt
from crawler.extraction import Page, extract
from crawler.layouts import dw_react
from crawler.page import parse
from storage.types import BlockKind, Content

DATA = Path(os.environ.get("ZAESUR_TEST_DATA", "missing"))
pytestmark = [pytest.mark.data, pytest.mark.skipif(not DATA.is_dir(), reason="ZAESUR_TEST_DATA names no folder")]


def pages() -> list[dict[str, Any]]:
    manifest = DATA / "dw" / "manifest.json"
    if not manifest.is_file():
        return []
    return [page for page in json.loads(manifest.read_text(encoding="utf-8")) if page["kind"] == "article"]


def read(page: dict[str, Any]) -> Content:
    return extract(decode((DATA / "dw" / page["file"]).read_bytes(), ()).text, page["url"])


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def name(page: dict[str, Any]) -> str:
    return str(page["id"])


@pytest.mark.parametrize(
    "page", [p for p in pages() if (p.get("gold") or {}).get("text") or p.get("silver_text")], ids=name
)
def test_every_expected_paragraph_is_there_in_order_and_nothing_else(page: dict[str, Any]) -> None:
    expected = [plain(part) for part in ((page.get("gold") or {}).get("text") or page["silver_text"]).split("\n\n")]
    content = read(page)
    texts = [block.text for block in content.blocks if block.kind not in (BlockKind.CAPTION, BlockKind.CREDIT)]
    assert [plain(text) for text in (content.teaser or "", *texts)] == expected


@pytest.mark.parametrize("page", [p for p in pages() if (p.get("gold") or {}).get("title")], ids=name)
def test_headline_authors_and_first_publication_are_exact(page: dict[str, Any]) -> None:
    gold, content = page["gold"], read(page)
    assert plain(content.headline or "") == plain(gold["title"])
    assert list(content.authors or ()) == (gold.get("authors") or [gold["author"]])
    published = gold.get("publishing_date") or gold.get("date_published")
    if published and content.published:
        assert content.published[:10] == published[:10]
        if "T" in content.published:
            assert content.published[11:19] == published[11:19]


@pytest.mark.parametrize("page", pages(), ids=name)
def test_furniture_is_never_in_the_text(page: dict[str, Any]) -> None:
    text = "\n".join(block.text for block in read(page).blocks)
    for furniture in ("enable JavaScript", "video element", "Feedback", "p.dw.com", "Anzeige\n", "vor 3 Stunden"):
        assert furniture not in text


@pytest.mark.parametrize("number", [65897191, 68117411, 77538843])
def test_the_excerpt_of_a_page_says_what_the_page_says(number: int) -> None:
    page = next(page for page in pages() if page["id"] == str(number))
    whole = decode((DATA / "dw" / page["file"]).read_bytes(), ())
    assert len(excerpt(whole.page)) < len(whole.page) * 0.55
    assert extract(Page(whole.page), page["url"]) == dw_react.read(parse(whole.page), whole.text, page["id"])


@pytest.mark.parametrize("outlet", ["BerlinerZeitung", "DieWelt", "FAZ", "SZ", "Tagesschau"])
def test_a_page_captured_twice_does_not_differ(outlet: str) -> None:
    from reports.diff import assess

    first, second = (
        extract(
            decode((DATA / "refetch" / f"{outlet}_{n}.html").read_bytes(), ()).text, f"https://{outlet}.example/story"
        )
        for n in (0, 1)
    )
    assert not assess(first, second).diff.changed


@pytest.mark.parametrize(
    ("feed", "entries", "language"),
    [("en_rss-en-all_2026-09-10_reduced", 6, "en"), ("zh_rss-chi-all_2015-03-16", 85, "zh")],
)
def test_every_entry_of_a_real_feed_has_its_number_language_and_date(feed: str, entries: int, language: str) -> None:
    reading = read_source((DATA / "feeds" / f"{feed}.rdf.xml").read_bytes(), "https://rss.dw.com/rdf/x")
    assert (len(reading.entries), reading.complete) == (entries, True)
    assert {entry.article.language for entry in reading.entries} == {language}
    assert all(entry.article.id.rpartition("-")[2] == entry.content_id for entry in reading.entries)
    assert all(entry.published for entry in reading.entries)
