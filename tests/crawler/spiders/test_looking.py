"""Every look ends as exactly one row, whatever the server does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from crawler import crawling, politeness
from storage import Store

if TYPE_CHECKING:
    Server = Any
KEYS = {"url", "article", "outcome", "http_status", "version", "changes", "reason"}


@pytest.mark.parametrize(
    ("path", "outcome", "status", "word"),
    [
        ("/story", "new", 200, None),
        ("/packed", "new", 200, None),
        ("/moved", "new", 200, None),
        ("/cut", "set-aside", 200, "incomplete"),
        ("/loop", "fetch-failed", None, "redirects"),
        ("/inward", "fetch-failed", None, "not a public address"),
        ("/gone", "gone", 410, None),
        ("/busy", "set-aside", 429, "rate limited until"),
    ],
)
def test_a_look_ends_as_one_row_and_one_capture(
    site: Server, store: Store, path: str, outcome: str, status: int | None, word: str | None
) -> None:
    (row,) = crawling.look_now([site.base + path], store)
    assert set(row) == KEYS
    assert (row["outcome"], row["http_status"]) == (outcome, status)
    assert word is None or word in row["reason"]
    assert len(store.captures()) == 1


def test_refused_unknown_and_wrong_urls_end_as_failed(site: Server, store: Store) -> None:
    rows = crawling.look_now(["http://127.0.0.1:1/x", "http://nowhere.invalid/x", "mailto:a@b"], store)
    assert [row["outcome"] for row in rows] == ["fetch-failed"] * 3
    assert all(row["reason"] for row in rows)
    assert not site.asked


def test_a_second_look_is_conditional_and_the_body_is_kept_as_served(site: Server, store: Store) -> None:
    first, second = (crawling.look_now([site.base + "/story"], store)[0] for _ in range(2))
    assert (first["outcome"], second["outcome"]) == ("new", "not-modified")
    assert second["version"] == 1
    capture = store.captures()[-1]
    assert capture.body_sha256
    assert store.body(capture.body_sha256) == site.answers["/story"][2]


@pytest.mark.parametrize(("status", "outcome"), [(404, "new"), (429, "fetch-failed"), (503, "fetch-failed")])
def test_robots_txt_that_cannot_be_read_disallows_and_a_missing_one_allows(
    site: Server, store: Store, status: int, outcome: str
) -> None:
    site.answers["/robots.txt"] = (status, {}, b"")
    assert crawling.look_now([site.base + "/story"], store)[0]["outcome"] == outcome


def test_what_robots_txt_disallows_is_not_asked(site: Server, store: Store) -> None:
    site.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /story")
    (row,) = crawling.look_now([site.base + "/story"], store)
    assert row["reason"] == "disallowed by robots.txt"
    assert [path for path, _ in site.asked] == ["/robots.txt"]


@pytest.mark.parametrize(("status", "kept"), [(200, 3600), (404, 3600), (503, 600)])
def test_robots_txt_is_asked_again_after_an_hour_or_ten_minutes_when_it_could_not_be_read(
    site: Server, store: Store, monkeypatch: pytest.MonkeyPatch, status: int, kept: int
) -> None:
    monkeypatch.setenv("ZAESUR_DELAY", "0.001")  # without any delay it is a host of our own, asked each time
    passed = [0.0]
    monkeypatch.setattr("crawler.middlewares.robots.time", SimpleNamespace(monotonic=lambda: passed[0]))
    site.answers["/robots.txt"] = (status, {"Content-Type": "text/plain"}, b"")
    for passed[0], asked in ((0, 1), (kept - 1, 1), (kept, 2)):
        crawling.look_now([site.base + "/story"], store)
        assert [path for path, _ in site.asked].count("/robots.txt") == asked


def test_a_rate_limited_outlet_is_not_asked_again_before_its_time(site: Server, store: Store) -> None:
    crawling.look_now([site.base + "/busy"], store)
    (row,) = crawling.look_now([site.base + "/story"], store)
    assert row["outcome"] == "fetch-failed"
    assert row["reason"].startswith("rate limited until")
    assert "/story" not in [path for path, _ in site.asked]


def test_nothing_leaves_once_an_answer_told_to_stop_however_long_it_took(
    site: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAESUR_DELAY", "0.05")  # whose turn came while the slow answer was on its way
    rows = crawling.look_now([f"{site.base}{path}" for path in ("/slow", "/story", "/packed")], store)
    assert [path for path, _ in site.asked] == ["/robots.txt", "/slow"]
    assert [row["http_status"] for row in rows] == [429, None, None]


def test_a_short_retry_after_holds_back_who_waits_for_a_turn_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", "news.example")
    monkeypatch.setenv("ZAESUR_DELAY", "0.1")
    politeness.forget()
    url, left = "http://news.example/x", list[float]()

    async def leave(clock: Callable[[], float]) -> None:
        await politeness.turn(url)
        left.append(clock())

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        await politeness.turn(url)
        waiting = [asyncio.ensure_future(leave(clock)) for _ in range(2)]
        await asyncio.sleep(0)
        await politeness.hold(url, 0.4)
        await asyncio.gather(*waiting)
        first, second = left
        assert first - begun >= 0.39
        assert second - first >= 0.09

    asyncio.run(main())


def test_a_retry_after_of_robots_txt_is_kept(site: Server, store: Store) -> None:
    site.answers["/robots.txt"] = (429, {"Retry-After": "3600"}, b"")
    (row,) = crawling.look_now([site.base + "/story"], store)
    assert row["outcome"] == "fetch-failed"
    (rest,) = politeness.left_alone().values()
    assert rest["why"].startswith("rate limited until")


def test_a_rest_is_not_taken_for_what_robots_txt_says(
    site: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAESUR_DELAY", "0.001")  # without any delay it is a host of our own, asked each time
    crawling.run(politeness.bar(site.base, 3600, "rate limited until noon"))
    assert crawling.look_now([site.base + "/story"], store)[0]["reason"] == "rate limited until noon"
    politeness.forget()  # the rest is over
    assert crawling.look_now([site.base + "/story"], store)[0]["outcome"] == "new"


def test_a_feed_gives_each_article_once_under_its_number(site: Server, store: Store) -> None:
    found = crawling.run(crawling.discover([site.base + "/feed"], store)).found
    assert [told.entry.article.id for told in found] == ["a-71000001", "a-71000002"]
    assert found[0].entry.published == "2025-02-24T13:05:00Z"
    assert found[0].entry.article.url == site.base + "/en/one/a-71000001"


def test_one_fetch_reads_the_page_and_keeps_nothing(site: Server) -> None:
    look = crawling.fetch_once(site.base + "/story")
    assert look.content is not None
    assert look.content.headline == "The harbour"
    assert look.ip == "127.0.0.1"
