"""Find articles: feeds, sitemaps, section pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from msgspec.structs import replace
from scrapy import Request

from crawler.answers import headers, trouble
from crawler.decoding import BrokenBody, uncode
from crawler.discovery import Entry, Reading, read_source
from crawler.spiders.base import CONDITIONS, OfflineSpider, listed

_DEPTH = 2  # an index may name indexes; deeper ones are traps
_SITEMAPS = 200  # a run


class DiscoverSpider(OfflineSpider):
    """``scrapy crawl discover -a feed=URL -a sitemap=URL -a section=URL``; without any: the store's sources."""

    name = "discover"

    def __init__(
        self,
        feed: str | None = None,
        sitemap: str | None = None,
        section: str | None = None,
        known: Mapping[str, Mapping[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._known = known or {}
        self._sources = [*listed(feed), *listed(sitemap), *listed(section)]
        self._asked: set[str] = set()
        self.problems: dict[str, str | None] = {}
        # what makes the next request of a source conditional; a source that answered 304 has none here
        self.validators: dict[str, dict[str, str]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """A request for each source."""
        sources = self._sources
        if not sources and self.store is not None:
            sources = [feed.url for feed in self.store.feeds()]
        for source in sources:
            yield self._request(source, source, 0)

    def _request(self, url: str, source: str, depth: int) -> Request:
        self._asked.add(url)
        self.problems.setdefault(source, None)
        known = self._known.get(source, {}) if depth == 0 else {}
        return Request(
            url,
            headers={CONDITIONS[name]: value for name, value in known.items()},
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"source": source, "depth": depth},
            dont_filter=True,
        )

    def parse(self, response: Any, source: str = "", depth: int = 0) -> Iterable[Any]:
        """The articles a source names, and the sitemaps an index names.

        @url data:text/xml,<rss><channel><item><title>T</title><link>https://www.dw.com/en/t/a-71703285</link></item></channel></rss>
        @returns items 1 1
        @returns requests 0 0
        @scrapes url article title published language content_id complete
        """
        if response.status == 304 and source in self._known and depth == 0:
            return
        reading = _reading(response)
        if depth == 0:
            self.validators[source] = _validators(response, reading)
        if reading.problem:
            self.problems[source] = reading.problem
            self.logger.warning("%s: %s; %d entries kept", response.url, reading.problem, len(reading.entries))
        for entry in reading.entries:
            yield row(entry, source or response.url, reading.complete)
        for sitemap in reading.sitemaps:
            if sitemap in self._asked:
                continue
            if depth < _DEPTH and len(self._asked) < _SITEMAPS:
                yield self._request(sitemap, source, depth + 1)
            else:
                self.problems[source] = "names too many sitemaps; the rest was not read"

    def failed(self, failure: Any) -> None:
        """A source that does not answer is a problem of the source, nothing more."""
        source = failure.request.cb_kwargs["source"]
        self.problems[source] = trouble(failure.value)
        self.logger.warning("%s: %s", failure.request.url, self.problems[source])


def _validators(response: Any, reading: Reading) -> dict[str, str]:
    """The answer's validators; none of a source that was not read to the end, or names sitemaps, which change without it."""
    if not reading.complete or reading.sitemaps:
        return {}
    return {name: value for name, value in _headers(response).items() if name in CONDITIONS}


def _headers(response: Any) -> dict[str, str]:
    """The headers by name in lower case."""
    return {name.lower(): value for name, value in headers(response)}


def _reading(response: Any) -> Reading:
    if response.status != 200:
        return Reading(complete=False, problem=f"answers {response.status}")
    coding = _headers(response).get("content-encoding", "")
    try:
        reading = read_source(uncode(response.body, coding), response.url)
    except BrokenBody as error:
        return Reading(complete=False, problem=str(error))
    if "dataloss" in response.flags:
        return replace(reading, complete=False, problem="incomplete transfer")
    return reading


def row(entry: Entry, source: str, complete: bool) -> dict[str, Any]:
    """An article found, as data; ``complete`` tells whether its source could be read to the end."""
    return {
        "url": entry.article.url,
        "article": entry.article.id,
        "title": entry.title,
        "published": entry.published,
        "modified": entry.modified,
        "language": entry.article.language,
        "content_id": entry.content_id,
        "source": source,
        "complete": complete,
        "alternates": [article.url for article in entry.alternates],
        "found": entry,
    }
