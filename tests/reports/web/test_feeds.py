"""Feeds that stock readers and validators take, for every list, with article text as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from jsonfeedvalidator import validate_feed
from jsonschema import Draft202012Validator
from lxml import etree
from msgspec.structs import replace
from starlette.testclient import TestClient

from reports.site.addresses import file_name
from reports.site.export import export
from reports.site.selections import name_of
from scheduler.showing import reading
from storage import Store
from storage.types import Article
from tests.reports.newsroom import CLOCKS, START, content, look, settle
from tests.reports.web.conftest import client

LISTS = ("inbox", "everything", "substantive-silent", "outlet-dw", "language-ar", "article-a-71703301")
_ATOM = "{http://www.w3.org/2005/Atom}"
_TEXT = {"type": "string"}
_URL = {"type": "string", "pattern": "^https?://"}
# https://www.jsonfeed.org/version/1.1/, as a schema
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": _TEXT,
        "description": _TEXT,
        "home_page_url": _URL,
        "feed_url": _URL,
        "language": _TEXT,
        "authors": {"type": "array", "items": {"type": "object", "properties": {"name": _TEXT}, "minProperties": 1}},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": _URL,
                    "external_url": _URL,
                    "title": _TEXT,
                    "content_text": _TEXT,
                    "summary": _TEXT,
                    "date_published": {"type": "string", "format": "date-time"},
                    "tags": {"type": "array", "items": _TEXT},
                    "language": _TEXT,
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize("language", ["", "de/"])
@pytest.mark.parametrize("name", LISTS)
def test_atom_is_read_by_a_stock_reader_without_complaint(pages: TestClient, name: str, language: str) -> None:
    answer = pages.get(f"/{language}feeds/{name}.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    assert parsed.entries
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)
    _required(answer.content)


def _required(feed: bytes) -> None:
    """What RFC 4287 demands of a feed and of each entry."""
    root = etree.fromstring(feed)
    for element in (root, *root.iter(f"{_ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{_ATOM}{name}")) == 1, name
        assert element.findtext(f"{_ATOM}id", "").startswith("urn:uuid:")
        moment = datetime.fromisoformat(element.findtext(f"{_ATOM}updated", ""))
        assert moment.tzinfo is not None
        assert all(
            link.get("href", "").startswith("http://127.0.0.1:8730/") for link in element.findall(f"{_ATOM}link")
        )
    assert root.find(f"{_ATOM}author") is not None


@pytest.mark.parametrize("language", ["", "de/"])
@pytest.mark.parametrize("name", LISTS)
def test_json_feed_follows_its_schema(pages: TestClient, name: str, language: str) -> None:
    answer = pages.get(f"/{language}feeds/{name}.json")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    Draft202012Validator(JSON_FEED, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(feed)
    assert feed["items"]
    assert pages.get(feed["home_page_url"]).status_code == 200
    assert pages.get(feed["items"][0]["url"]).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_a_stock_validator_takes_the_json_feed(pages: TestClient, name: str) -> None:
    feed = pages.get(f"/feeds/{name}.json").json()
    assert validate_feed({**feed, "title": None}), "else this would prove nothing"
    # the validator knows version 1, to which 1.1 added these two
    assert feed.pop("authors")
    for part in (feed, *feed["items"]):
        part.pop("language")
    assert validate_feed(feed) == []


def test_a_stock_reader_of_atom_gets_every_field_of_every_entry(pages: TestClient) -> None:
    items = pages.get("/feeds/everything.json").json()["items"]
    entries = feedparser.parse(pages.get("/feeds/everything.atom").content).entries
    for entry, item in zip(entries, items, strict=True):
        assert entry.id == item["id"]
        assert entry.title == item["title"]
        assert entry.link == item["url"]
        assert [tag.term for tag in entry.tags] == item["tags"]
        assert datetime.fromisoformat(entry.updated) == datetime.fromisoformat(item["date_published"])
        text = etree.HTML(entry.summary)
        assert [p.text for p in text.iter("p")] == item["content_text"].split("\n\n")


def test_both_feeds_hold_the_same_changes_newest_first(pages: TestClient, newsroom_database: Path) -> None:
    with Store.open(newsroom_database, write=False) as store:
        newest = sorted(store.changes(), key=lambda c: (c.observed_by or datetime.min.replace(tzinfo=UTC), c.id))
    atom = feedparser.parse(pages.get("/feeds/everything.atom").content)
    feed = pages.get("/feeds/everything.json").json()
    assert [entry.id for entry in atom.entries] == [item["id"] for item in feed["items"]]
    assert [item["url"].rpartition("/")[2] for item in feed["items"]] == [f"{c.id}.html" for c in reversed(newest)]


def test_an_entry_shows_the_words_that_changed_as_text(pages: TestClient) -> None:
    text = json.dumps(pages.get("/feeds/language-en.json").json(), ensure_ascii=False)
    assert "[-120-]{+102+}" in text


def test_a_feed_does_not_change_unless_something_is_recorded(pages: TestClient, newsroom_database: Path) -> None:
    for path in ("/feeds/inbox.atom", "/feeds/language-xx.atom", "/feeds/inbox.json"):
        assert pages.get(path).content == client(newsroom_database).get(path).content


def test_an_unknown_feed_is_not_there(pages: TestClient) -> None:
    assert pages.get("/feeds/weather.atom").status_code == 404


def test_an_article_whose_address_is_too_long_for_a_name_has_its_changes_in_its_feed_and_list(
    own_database: Path, tmp_path: Path
) -> None:
    url = "https://example.org/" + "/".join(f"abschnitt-{number}" for number in range(30))
    article = Article(id=url, outlet="example.org", url=url, language="de")
    with Store.open(own_database) as store:
        for hour, text in enumerate(CLOCKS.texts[:2]):
            store.record(look(article, START + timedelta(hours=hour), content(CLOCKS, text)))
        settle(store)
        (change,) = store.changes(article=url)
    name = name_of("article", url)
    asked = client(own_database)
    feed = asked.get(f"/feeds/{name}.json").json()
    assert [entry["url"].rpartition("/")[2] for entry in feed["items"]] == [f"{change.id}.html"]
    assert feed["title"] == f"Zäsur: {url}"
    assert f'id="change-{change.id}"' in asked.get(f"/lists/{name}.html").text
    assert asked.get(f"/api/articles/{file_name(url)}").json()["article"] == url
    with Store.open(own_database, write=False) as store:
        export(store, reading(), tmp_path / "site")
    compare = tmp_path / "site" / "articles" / file_name(url) / "compare.html"
    assert 'href="1..2.html"' in compare.read_text(encoding="utf-8")


def test_an_entry_of_an_article_without_a_headline_is_named_by_the_article(own_database: Path) -> None:
    with Store.open(own_database) as store:
        bare = replace(content(CLOCKS, CLOCKS.texts[1]), headline="")
        store.record(look(CLOCKS.article, START + timedelta(days=3), bare))
        settle(store)
    asked = client(own_database)
    newest = feedparser.parse(asked.get(f"/feeds/article-{CLOCKS.article.id}.atom").content).entries[0]
    assert newest.title == CLOCKS.article.id
    assert asked.get(f"/feeds/article-{CLOCKS.article.id}.json").json()["items"][0]["title"] == CLOCKS.article.id
