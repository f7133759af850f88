"""The spider that finds articles in feeds, sitemaps and section pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.http import Response

from crawler.discovery import Entry, read_source
from crawler.middlewares import reason_of
from storage import Feed, Store
from storage.types import Article

_DEPTH = 2  # a sitemap index points to sitemaps, and those to articles


class DiscoverSpider(scrapy.Spider):  # type: ignore[misc]  # Scrapy is untyped
    """Find articles.

    Arguments: ``feed``, ``sitemap`` or ``section`` (a URL each); without any, the sources in the database.
    New articles are added to the database; following them is the service's part.
    """

    name = "discover"
    handle_httpstatus_list = [code for code in range(400, 600)]  # noqa: RUF012, C416 - Scrapy's API

    def __init__(
        self,
        feed: str = "",
        sitemap: str = "",
        section: str = "",
        sources: list[Feed] | None = None,
        store: Store | None = None,
        found: list[Article] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._urls = [source.url for source in sources or ()] + [url for url in (feed, sitemap, section) if url]
        self.store = store
        self.run: int | None = None
        self.rows: list[dict[str, Any]] = []
        self._found = found if found is not None else []

    async def start(self) -> AsyncIterator[Any]:
        """One request a source."""
        urls = self._urls or [source.url for source in (self.store.feeds() if self.store else ())]
        for url in urls:
            yield self._request(url, url, 0)

    def _request(self, url: str, source: str, depth: int) -> Any:
        meta = {"source": source, "depth": depth}
        return scrapy.Request(url, callback=self.parse, errback=self.failed, dont_filter=True, meta=meta)

    def parse(self, response: Response) -> Iterator[Any]:
        """The articles a source names, and the sitemaps it points to.

        @url data:,
        @returns items 0 0
        """
        source, depth = response.meta.get("source", response.url), response.meta.get("depth", 0)
        if response.status >= 400:
            self._polled(source, f"the server answers {response.status}")
            return
        reading = read_source(response.body, response.url)
        self._polled(source, None if reading.complete else "could not be read to its end")
        for entry in reading.entries:
            yield self._item(entry, source)
        if depth < _DEPTH:
            for url in reading.sitemaps:
                yield self._request(url, source, depth + 1)

    def _item(self, entry: Entry, source: str) -> dict[str, Any]:
        self._found.append(entry.article)
        new = self.store.add_article(entry.article) if self.store else True
        return {
            "url": entry.article.url,
            "article": entry.article.id,
            "language": entry.article.language,
            "headline": entry.article.headline,
            "published": entry.published,
            "source": source,
            "new": new,
        }

    def failed(self, failure: Any) -> None:
        """A source that could not be read leads to no conclusions; the problem is noted."""
        self._polled(failure.request.meta["source"], reason_of(failure.value))

    def _polled(self, source: str, problem: str | None) -> None:
        if self.store:
            self.store.polled(source, problem)
        if problem:
            self.logger.warning("%s: %s", source, problem)
