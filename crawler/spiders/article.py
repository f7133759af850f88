"""The spider that looks at articles: every request ends as exactly one Look, whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response

from crawler.middlewares import reason_of
from crawler.reading import read, refresh
from crawler.urls import identify
from storage import Store
from storage.types import Article, Content, Look, Outcome

_REDIRECTS = {301, 302, 303, 307, 308}
_ACCEPT = {
    "Accept": "text/html,application/xhtml+xml",
    # asked for by ourselves, because the coded body is what is kept
    "Accept-Encoding": "gzip, deflate, br, zstd",
}


class ArticleSpider(scrapy.Spider):  # type: ignore[misc]  # Scrapy is untyped
    """Look at articles.

    Arguments: ``url`` (one or several, separated by spaces or commas), ``file`` (one URL a line); without
    either, whatever is due in the database.
    """

    name = "article"
    # every answer is handled here; redirects are followed and recorded
    handle_httpstatus_list = [code for code in range(200, 600) if code not in _REDIRECTS]  # noqa: RUF012 - Scrapy's API

    def __init__(
        self,
        url: str = "",
        file: str = "",
        articles: Iterable[Article] | None = None,
        store: Store | None = None,
        run: int | None = None,
        rows: list[dict[str, Any]] | None = None,
        looks: list[Look] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        named = url.replace(",", " ").split() + (Path(file).read_text(encoding="utf-8").split() if file else [])
        self._articles = list(articles) if articles is not None else [identify(name) for name in named]
        self._whatever_is_due = articles is None and not named
        self.store = store
        self.run = run
        self.rows = rows if rows is not None else []
        self._looks = looks

    async def start(self) -> AsyncIterator[Any]:
        """One request an article, conditional where a validator is known."""
        if self._whatever_is_due and self.store:
            self._articles = [due.article for due in self.store.due(datetime.now(UTC), 1000)]
        for article in self._articles:
            yield scrapy.Request(
                article.url,
                headers={**_ACCEPT, **self._conditions(article)},
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
                meta={"article": article, "started": datetime.now(UTC)},
            )

    def _conditions(self, article: Article) -> dict[str, str]:
        names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        known = self.store.validators(article.id) if self.store else {}
        return {names[name]: value for name, value in known.items()}

    async def parse(self, response: Response) -> AsyncIterator[Look]:
        """Read the answer, off the event loop."""
        article: Article = response.meta["article"]
        known = self.store.find_article(article.id) if self.store else None
        look = _look(response, replace(article, headline=known.headline if known else None))
        if "dataloss" in response.flags:
            look = replace(look, outcome=Outcome.SET_ASIDE, reason="incomplete transfer: the connection ended early")
            self._note(look)
            yield look
            return
        read_look = await asyncio.to_thread(read, look, self._last(article))
        self._note(read_look)
        yield read_look

    def _last(self, article: Article) -> Content | None:
        """What the article said at the last look, as today's extractor reads it."""
        version = self.store.latest(article.id) if self.store else None
        return refresh(self.store, version).content if version and self.store else None

    def failed(self, failure: Any) -> Look:
        """No answer: refused, unknown host, timeout, certificate, robots.txt, redirect loop."""
        request = failure.request
        look = Look(
            requested_url=request.meta["article"].url,
            article=request.meta["article"],
            started=request.meta["started"],
            answered=None,
            monotonic=time.monotonic(),
            redirects=tuple(request.meta.get("redirect_urls", ())),
            request_headers=_pairs(request.headers),
            outcome=Outcome.FETCH_FAILED,
            reason=reason_of(failure.value),
        )
        self._note(look)
        return look

    def _note(self, look: Look) -> None:
        if self._looks is not None:
            self._looks.append(look)


def _look(response: Response, article: Article) -> Look:
    """The transport facts. Twisted normalises the case of header names and drops the reason phrase; values and body are as served."""
    certificate = getattr(response, "certificate", None)
    return Look(
        requested_url=article.url,
        final_url=response.url,
        redirects=tuple(response.meta.get("redirect_urls", ())),
        article=article,
        started=response.meta["started"],
        answered=datetime.now(UTC),
        monotonic=time.monotonic(),
        request_headers=_pairs(response.request.headers),
        status=response.status,
        headers=_pairs(response.headers),
        body=None if response.status == 304 else response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        certificate_sha256=certificate.digest("sha256").decode() if certificate else None,
    )


def _pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name in headers for value in headers.getlist(name)
    )
