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

    async def process_request(self, request: Any) -> None:
        """Where many processes ask, a request is counted before it leaves: whoever asked may be killed before the answer."""
        if (keeper := self._keeper(request.url)) is not None:
            request.meta["counted"] = await keeper.leaving(politeness.outlet_slot(request.url))

    async def process_response(self, request: Any, response: Any) -> Any:
        """An answer."""
        await self._count(request, str(response.status))
        if not request.meta.get("robots"):
            await politeness.answered(request.url, response.status)
        return response

    async def process_exception(self, request: Any, exception: Exception) -> None:
        """No answer; what our own rules refused never left."""
        await self._count(request, None if isinstance(exception, IgnoreRequest) else "none")

    def _keeper(self, url: str) -> politeness.Keeper | None:
        """Who counts, where it is not the store of this process."""
        kept_here = getattr(self._crawler.spider, "store", None) is not None
        return None if kept_here or url.startswith("data:") else politeness.shared()

    async def _count(self, request: Any, answer: str | None) -> None:
        slot, store = politeness.outlet_slot(request.url), getattr(self._crawler.spider, "store", None)
        if (keeper := self._keeper(request.url)) is not None:
            if day := request.meta.pop("counted", None):
                await keeper.came(slot, day, answer)
        elif store is not None and answer is not None and not request.url.startswith("data:"):
            with suppress(StoreError):  # the look itself will say that the store cannot record
                store.count_request(slot, answer)
