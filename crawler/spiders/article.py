"""Look at articles: one request each, one ``Look`` each, whatever happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import Any

from scrapy import Request

from crawler.answers import Asked, answered, asked, failed
from crawler.polls import GivenUp
from crawler.spiders.base import CONDITIONS, OfflineSpider, lines_of, listed
from crawler.urls import identify
from storage.errors import UserError
from storage.types import Article, Look

_BATCH = 500  # articles that are due, a run
_AT_ONCE = 20  # articles whose validators are read at once


class ArticleSpider(OfflineSpider):
    """``scrapy crawl article -a url=URL[,URL…]``, ``-a file=FILE``, or without either: whatever is due."""

    name = "article"

    def __init__(
        self,
        url: str | None = None,
        file: str | None = None,
        articles: Iterable[Article] | None = None,
        conditional: bool = True,
        validators: Mapping[str, Mapping[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._validators = validators or {}
        self._due = url is None and file is None and articles is None
        self._wanted: list[Article | str] = [*listed(url), *lines_of(file), *(articles or ())]
        self._conditional = conditional

    async def start(self) -> AsyncIterator[Any]:
        """A request for each article, once; a row at once for what is no article."""
        wanted, articles = self._wanted, dict[str, Article]()
        if self._due and self.store is not None:
            wanted = self.store.due_now(_BATCH)
        for each in wanted:
            try:
                article = identify(each) if isinstance(each, str) else each
            except UserError as error:
                yield refused(str(each), str(error))
                continue
            articles.setdefault(article.id, article)
        named = list(articles.values())
        for start in range(0, len(named), _AT_ONCE):
            some = named[start : start + _AT_ONCE]
            known = self._known(some)
            for article in some:
                yield self._request(article, known.get(article.id, {}))

    def _known(self, articles: Collection[Article]) -> Mapping[str, Mapping[str, str]]:
        """By article, what an earlier look left that makes the next request conditional."""
        if self._conditional and self.store is not None:
            return dict(self.store.validators([article.id for article in articles]))
        return self._validators

    def _request(self, article: Article, known: Mapping[str, str]) -> Request:
        return Request(
            article.url,
            headers={CONDITIONS[name]: value for name, value in known.items()},
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"begun": asked(article, article.url)},
            dont_filter=True,
        )

    def parse(self, response: Any, begun: Asked | None = None) -> Iterable[Look]:
        """Whatever the server answers is one look.

        @url data:text/html,<html><body><h1>A page</h1></body></html>
        @returns items 1 1
        @returns requests 0 0
        """
        # a list, not a generator: of a generator Scrapy parses the source anew for each answer
        return [answered(begun or asked(None, response.url), response)]

    def failed(self, failure: Any) -> Iterable[Look]:
        """No answer is one look too, unless the request never left because the poll was given up."""
        if failure.check(GivenUp):
            return []
        return [failed(failure.request.cb_kwargs["begun"], failure)]


def refused(url: str, reason: str) -> dict[str, Any]:
    """The row of something that is no article's address and was not looked at."""
    return {
        "url": url,
        "article": None,
        "outcome": "fetch-failed",
        "http_status": None,
        "version": None,
        "changes": [],
        "reason": reason,
    }
