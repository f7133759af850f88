"""Counts every request that left, by what shares one pace and how it was answered; and leaves alone an outlet in trouble."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from scrapy.exceptions import IgnoreRequest

from crawler import politeness
from storage.errors import StoreError


class LedgerMiddleware:
    """Stands next to the downloader, so that robots.txt, redirects and repetitions are counted like every other request."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> LedgerMiddleware:
        """As Scrapy makes it."""
        return cls(crawler)

    def process_response(self, request: Any, response: Any) -> Any:
        """An answer."""
        self._count(request.url, str(response.status))
        if not request.meta.get("robots"):
            politeness.answered(request.url, response.status)
        return response

    def process_exception(self, request: Any, exception: Exception) -> None:
        """No answer; what our own rules refused never left."""
        if not isinstance(exception, IgnoreRequest):
            self._count(request.url, "none")

    def _count(self, url: str, answer: str) -> None:
        store = getattr(self._crawler.spider, "store", None)
        if store is None or url.startswith("data:"):
            return
        with suppress(StoreError):  # the look itself will say that the store cannot record
            store.count_request(politeness.outlet_slot(url), answer)
