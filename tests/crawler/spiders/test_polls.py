"""A poll of our own process leaves out what nobody reads, and nothing that looks at a page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request, signals
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.middleware import DownloaderMiddlewareManager
from scrapy.core.scraper import Scraper
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.pipelines import ItemPipelineManager
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from scrapy.statscollectors import DummyStatsCollector

from crawler import crawling
from crawler.polls import SETTINGS, Poll, PollSettings, Queue, Signals, Straight, Taking
from crawler.spiders.article import ArticleSpider
from crawler.urls import identify

if TYPE_CHECKING:
    Server = Any


def made(kind: type[Settings], values: Any = None) -> Settings:
    settings = kind(values)
    settings.setmodule("crawler.settings", priority="project")
    return settings


def at_work(crawler: Crawler) -> tuple[list[type], list[type]]:
    crawler.stats = DummyStatsCollector(crawler)  # as the start of a crawl sets it
    managers: tuple[Any, ...] = (DownloaderMiddlewareManager, ItemPipelineManager)
    away, kept = (manager.from_crawler(crawler).middlewares for manager in managers)
    return [type(each) for each in away], [type(each) for each in kept]


def test_what_requests_answers_and_looks_pass_is_what_they_pass_under_scrapy_crawl() -> None:
    poll, plain = (Crawler(ArticleSpider, made(*how)) for how in ((PollSettings, SETTINGS), (Settings,)))
    assert at_work(poll) == at_work(plain)
    assert len(at_work(poll)[0]) >= 7
    values = poll.settings.copy_to_dict(), plain.settings.copy_to_dict()
    differing = {name for name in values[0].keys() | values[1].keys() if values[0].get(name) != values[1].get(name)}
    assert differing == SETTINGS.keys()


def test_each_crawler_has_settings_of_its_own() -> None:
    settings = made(PollSettings, SETTINGS)
    before = settings.copy_to_dict()
    copied = settings.copy()
    assert copied.copy_to_dict() == before
    copied.set("DOWNLOAD_TIMEOUT", 1, priority="cmdline")
    copied["DOWNLOAD_HANDLERS_BASE"]["ftp"] = None
    copied.set("DOWNLOADER_MIDDLEWARES", {"x": 1}, priority="cmdline")
    copied.freeze()
    assert settings.copy_to_dict() == before
    assert not settings.frozen
    priorities = {name: (settings.getpriority(name), settings.copy().getpriority(name)) for name in settings}
    assert all(ours == theirs for ours, theirs in priorities.values())


def test_requests_come_by_priority_and_then_as_they_were_made() -> None:
    queue = Queue()
    urls = [f"https://example.org/{n}" for n in range(4)]
    for url, priority in zip(urls, (0, 0, 2, 0), strict=True):
        assert queue.enqueue_request(Request(url, priority=priority))
    found = []
    while queue.has_pending_requests():
        request = queue.next_request()
        found.append(request.url if request else None)
    assert found == [urls[2], urls[0], urls[1], urls[3]]
    assert queue.next_request() is None


def test_who_listens_to_a_crawl_hears_it() -> None:
    heard: list[tuple[str, Any]] = []

    def listen(item: Any) -> None:
        heard.append(("item", item))

    async def wait(reason: str) -> None:
        heard.append(("closed", reason))

    crawler = Poll(ArticleSpider, made(PollSettings, SETTINGS))
    assert crawler.signals.send_catch_log(signals.item_scraped, item=1) == []
    crawler.signals.connect(listen, signals.item_scraped)
    crawler.signals.connect(wait, signals.spider_closed)
    assert crawler.signals.send_catch_log(signals.item_scraped, item=2) == [(listen, None)]

    async def close() -> Any:
        return await crawler.signals.send_catch_log_async(signals.spider_closed, reason="done")

    assert crawling.run(close()) == [(wait, None)]
    assert heard == [("item", 2), ("closed", "done")]


class Wire:
    """Answers when it is told to; anything but 200 is a lost connection."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self._answers: dict[str, asyncio.Future[int]] = {}

    async def download_request_async(self, request: Request) -> Response:
        """As Scrapy's handlers do."""
        self.left.append(request.url)
        status = await self._answers.setdefault(request.url, asyncio.get_running_loop().create_future())
        if status != 200:
            raise ConnectionError(request.url)
        return Response(request.url, status=status)

    def answer(self, url: str, status: int) -> None:
        """Answer a request that has left."""
        self._answers[url].set_result(status)


def test_an_outlets_requests_leave_one_after_the_other_and_two_outlets_do_not_wait_for_each_other() -> None:
    settings = made(PollSettings, {**SETTINGS, "DOWNLOADER_MIDDLEWARES_BASE": {}})
    settings.set("DOWNLOADER_MIDDLEWARES", {}, priority="cmdline")
    urls = [f"https://{host}/{n}" for n in (1, 2) for host in ("one.example", "other.example")]

    async def ask() -> None:
        downloader, wire = Straight(Poll(ArticleSpider, settings)), Wire()
        downloader.handlers = wire  # type: ignore[assignment]
        coming = [downloader.fetch(Request(url)) for url in urls]
        assert downloader.needs_backout()

        async def settled() -> None:
            for _ in range(10):
                await asyncio.sleep(0)

        await settled()
        assert wire.left == urls[:2]
        wire.answer(urls[1], 500)  # what fails lets the next one go, too
        await settled()
        assert wire.left == [*urls[:2], urls[3]]
        wire.answer(urls[0], 200)
        await settled()
        assert wire.left == [urls[0], urls[1], urls[3], urls[2]]
        wire.answer(urls[2], 200)
        wire.answer(urls[3], 200)
        lost = await asyncio.gather(
            *(each.asFuture(asyncio.get_running_loop()) for each in coming), return_exceptions=True
        )
        assert [getattr(each, "status", type(each)) for each in lost] == [200, ConnectionError, 200, 200]
        assert not downloader.needs_backout()
        downloader.close()

    crawling.run(ask())


class Several(ArticleSpider):
    """Makes two items of a page, of the first one a request too, and then fails."""

    heard: list[Any]

    def parse(self, response: Any, begun: Any = None) -> Any:
        """What Scrapy takes from a generator."""
        yield {"url": response.url}
        yield None
        if response.url.endswith("/1"):
            yield Request(response.url[:-1] + "2", callback=self.parse, errback=self.gone, dont_filter=True)
        yield {"url": response.url}
        raise ValueError(response.url)

    def gone(self, failure: Any) -> Any:
        """What Scrapy takes from an errback."""
        return [{"url": failure.request.url}]


class Noting:
    """Hands items to the spider; stands in the place of what keeps looks."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> Noting:
        """As Scrapy makes it."""
        made = cls()
        made.crawler = crawler
        return made

    crawler: Any

    def process_item(self, item: Any) -> Any:
        """Note it."""
        self.crawler.spider.heard.append(item["url"])
        return item


@pytest.mark.parametrize(
    ("kind", "parts"), [(Crawler, [Downloader, Scraper, SignalManager]), (Poll, [Straight, Taking, Signals])]
)
def test_all_that_a_spider_makes_of_an_answer_is_taken_in_order_and_what_fails_is_told(
    site: Server, kind: type[Crawler], parts: list[type]
) -> None:
    one, two = (f"{site.base}/{n}" for n in (1, 2))
    site.answers |= {
        "/1": site.answers["/story"],
        "/2": (200, {"Content-Length": "no number"}, b""),
    }  # no answer at all
    heard: list[Any] = []
    failed: list[Any] = []

    def fail(failure: Any) -> None:
        failed.append(str(failure.value))

    async def crawl() -> Any:
        settings = made(PollSettings, SETTINGS if kind is Poll else None)
        settings.set("ITEM_PIPELINES", {Noting: 300}, priority="cmdline")
        crawler = kind(Several, settings)
        crawler.signals.connect(fail, signals.spider_error)
        await crawler.crawl_async(articles=[identify(one)], heard=heard)
        return crawler

    crawler = crawling.run(crawl())
    engine = crawler.engine
    assert [type(each) for each in (engine.downloader, engine.scraper, engine.signals)] == parts
    assert heard == [one, one, two]
    assert failed == [one]
