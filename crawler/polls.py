"""What Scrapy's engine needs not do in a poll of our own process, where nobody reads its statistics, logs or exports.

Each poll is a fresh crawler of twenty looks or fewer; as ``scrapy crawl`` sets one up, that costs as much as many a look in it.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import Any, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.logformatter import LogFormatter
from scrapy.settings import BaseSettings, Settings, SettingsAttribute

SETTINGS: dict[str, Any] = {
    "SCHEDULER": "crawler.polls.Queue",
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
    """Settings copied in a hundredth of the time: the values are shared, for nobody changes one in place."""

    def copy(self) -> Self:
        """Settings of their own with the same values and priorities."""
        copied: Self = _copied(self)
        return copied


def _copied(settings: Any) -> Any:
    copied = object.__new__(type(settings))
    copied.__dict__.update(settings.__dict__)
    copied.attributes = {name: _attribute(attribute) for name, attribute in settings.attributes.items()}
    return copied


def _attribute(attribute: SettingsAttribute) -> SettingsAttribute:
    value = attribute.value
    return SettingsAttribute(_copied(value) if isinstance(value, BaseSettings) else value, attribute.priority)


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


class Quiet(LogFormatter):
    """Words no line about each answer and each item."""

    def crawled(self, request: Request, response: Any, spider: Any) -> None:  # type: ignore[override]
        """Nothing, as Scrapy lets it."""

    def scraped(self, item: Any, response: Any, spider: Any) -> None:  # type: ignore[override]
        """Nothing, as Scrapy lets it."""
