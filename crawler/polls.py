"""What Scrapy's engine needs not do in a poll of our own process, where nobody reads its statistics, logs or exports.

Each poll is a fresh crawler of twenty looks or fewer; as ``scrapy crawl`` sets one up, that costs as much as many a look in it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from heapq import heappop, heappush
from itertools import count
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader
from scrapy.core.engine import ExecutionEngine
from scrapy.core.scheduler import BaseScheduler
from scrapy.core.scraper import Scraper
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.logformatter import LogFormatter
from scrapy.settings import BaseSettings, Settings, SettingsAttribute
from scrapy.signalmanager import SignalManager
from scrapy.utils.asyncgen import as_async_generator
from scrapy.utils.defer import aiter_errback, deferred_from_coro, iter_errback
from twisted.internet.defer import Deferred

SETTINGS: dict[str, Any] = {
    "SCHEDULER": "crawler.polls.Queue",
    "DOWNLOADER": "crawler.polls.Straight",
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "LOG_FORMATTER": "crawler.polls.Quiet",
    "WARN_ON_GENERATOR_RETURN_VALUE": False,  # a check of spiders, made of each callback
    "EXTENSIONS_BASE": {},  # memory, log and item counts, exports
    "DOWNLOADER_MIDDLEWARES_BASE": {  # the others are off; Scrapy makes each of them for every crawler before it asks
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
        "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    },
    "SPIDER_MIDDLEWARES_BASE": {},  # marks of first requests, which only Scrapy's own queue reads; another check of spiders
}


class PollSettings(Settings):
    """Settings copied in a hundredth of the time: what is not set anew is shared, for nobody changes a value in place."""

    def copy(self) -> Self:
        """Settings of their own with the same values and priorities."""
        copied: Self = _copied(self, dict(self.attributes))
        for name, attribute in self.attributes.items():
            if type(attribute.value) is BaseSettings:  # of components, each of which may be set by itself
                own = {inner: _again(each) for inner, each in attribute.value.attributes.items()}
                copied.attributes[name] = SettingsAttribute(_copied(attribute.value, own), attribute.priority)
        return copied

    def set(self, name: str, value: Any, priority: int | str = "project") -> None:
        """Set it here, and not where it is shared."""
        if name in self.attributes:
            self.attributes[name] = _again(self.attributes[name])
        super().set(name, value, priority)


def _copied(settings: Any, attributes: dict[str, SettingsAttribute]) -> Any:
    copied = object.__new__(type(settings))
    copied.__dict__.update(settings.__dict__, attributes=attributes)
    return copied


def _again(attribute: SettingsAttribute) -> SettingsAttribute:
    return SettingsAttribute(attribute.value, attribute.priority)


class Signals(SignalManager):
    """Sends what somebody listens to. Scrapy asks nine times a look whether anybody does, by all ways to listen there are."""

    def __init__(self, sender: Any) -> None:
        super().__init__(sender)
        self._heard: set[Any] = set()

    def connect(self, receiver: Any, signal: Any, **kwargs: Any) -> None:
        """From now on this signal is sent."""
        self._heard.add(signal)
        super().connect(receiver, signal, **kwargs)

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """As Scrapy sends it."""
        return super().send_catch_log(signal, **kwargs) if signal in self._heard else []

    async def send_catch_log_async(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """As Scrapy sends it."""
        return await super().send_catch_log_async(signal, **kwargs) if signal in self._heard else []


class Taking(Scraper):
    """Takes what a spider makes of an answer one after the other; Scrapy's has a queue and two tasks for that."""

    async def handle_spider_output_async(self, result: Any, request: Request, response: Any) -> None:
        """Items go to the pipelines, requests to the engine, and what went wrong is told, as Scrapy does it."""
        guarded = aiter_errback if isinstance(result, AsyncIterator) else iter_errback
        async for each in as_async_generator(guarded(result, self.handle_spider_error, request, response)):
            if isinstance(each, Request):
                self.crawler.engine.crawl(each)
            elif each is not None:
                await self.start_itemproc_async(each, response=response)


class GivenUp(IgnoreRequest):
    """The poll was given up before this request left; nothing was seen of what it is for."""


class Poll(Crawler):
    """The crawler of one poll."""

    given_up = False

    def __init__(self, spider: type[Spider], settings: Settings) -> None:
        super().__init__(spider, settings)
        self.signals = Signals(self)

    def _create_engine(self) -> ExecutionEngine:
        engine = super()._create_engine()
        engine.scraper.__class__ = Taking  # nothing but a method differs; a second one would make every pipeline again
        return engine

    async def give_up(self, crawl: asyncio.Future[None]) -> None:
        """Let nothing more leave, and end when what has left is answered."""
        self.given_up = True
        if self._engine is None or not self._engine.running:
            crawl.cancel()  # before it began; an engine that runs takes that for its end and goes on
        if self._engine is not None:
            await self._engine.close_async()


class Queue(BaseScheduler):
    """Requests in memory, by priority and then as they came. None is filtered: a spider asks for nothing twice by itself."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Request]] = []
        self._came = count()

    def has_pending_requests(self) -> bool:
        """Whether any is left."""
        return bool(self._waiting)

    def enqueue_request(self, request: Request) -> bool:
        """Take one in."""
        heappush(self._waiting, (-request.priority, next(self._came), request))
        return True

    def next_request(self) -> Request | None:
        """The next one, if any is left."""
        return heappop(self._waiting)[2] if self._waiting else None


class Straight(Downloader):
    """Fetches each request in a task of its own, an outlet's one after the other; Scrapy's has a queue and two tasks for that."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(self.domain_concurrency)
        )

    def fetch(self, request: Request) -> Deferred[Response | Request]:  # type: ignore[override]
        """What became of a request on its way through the middlewares."""
        self.active.add(request)
        return deferred_from_coro(self._fetch(request))

    async def _fetch(self, request: Request) -> Response | Request:
        try:
            return await self.middleware.download_async(self._transfer, request)
        finally:
            self.active.remove(request)

    async def _transfer(self, request: Request) -> Response:
        async with self._turns[self.get_slot_key(request)]:
            if isinstance(self.crawler, Poll) and self.crawler.given_up and not request.meta.get("robots"):
                raise GivenUp("the poll was given up")
            return await self.handlers.download_request_async(request)


class Quiet(LogFormatter):
    """Words no line about each answer and each item."""

    def crawled(self, request: Request, response: Any, spider: Any) -> None:  # type: ignore[override]
        """Nothing, as Scrapy lets it."""

    def scraped(self, item: Any, response: Any, spider: Any) -> None:  # type: ignore[override]
        """Nothing, as Scrapy lets it."""
