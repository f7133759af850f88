"""Run spiders from our own process: one loop, a fresh crawler each poll, so that limits and counts are those of the poll."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

import crawler.settings as project
from crawler.urls import identify
from storage import Feed, Store
from storage.errors import ZaesurError
from storage.types import Article, Look

T = TypeVar("T")
_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def run(main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine to its end in the one loop that Scrapy shares; once a process, because a reactor cannot start twice."""
    install_reactor(_REACTOR)
    from twisted.internet import reactor

    results: list[T] = []
    errors: list[BaseException] = []

    async def go() -> None:
        try:
            results.append(await main())
        except BaseException as error:  # noqa: BLE001 - it is raised again below, outside the loop
            errors.append(error)
        finally:
            reactor.stop()  # type: ignore[attr-defined]  # the module is the reactor

    tasks: list[asyncio.Task[None]] = []
    reactor.callWhenRunning(lambda: tasks.append(asyncio.get_event_loop().create_task(go())))  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]
    if errors:
        raise errors[0]
    if not results:
        raise KeyboardInterrupt
    return results[0]


async def look(articles: Sequence[Article], store: Store, *, run: int | None = None) -> list[dict[str, Any]]:
    """Look at these articles and record each look; one row an article, in the order they were answered."""
    rows: list[dict[str, Any]] = []
    await _crawl("article", articles=articles, store=store, run=run, rows=rows)
    return rows


async def discover(sources: Iterable[Feed], store: Store) -> list[Article]:
    """Read these sources; the articles they name, each once."""
    found: list[Article] = []
    await _crawl("discover", sources=list(sources), store=store, found=found)
    return list({article.id: article for article in found}.values())


def fetch_once(url: str) -> Look:
    """Look at one page without recording anything."""
    looks: list[Look] = []
    run(lambda: _crawl("article", {"ITEM_PIPELINES": {}}, articles=[identify(url)], looks=looks))
    if not looks:
        raise ZaesurError(f"{url}: the look brought nothing")
    return looks[0]


async def _crawl(spider: str, overrides: dict[str, Any] | None = None, **arguments: Any) -> None:
    settings = Settings()
    settings.setmodule(project)
    # the environment may have changed since the module was read (the demo allows its own site)
    slow = max(1.0, project.delay())
    settings.setdict({"DOWNLOAD_SLOTS": project.slots(), "DOWNLOAD_DELAY": slow, "TWISTED_REACTOR": _REACTOR})
    settings.setdict({**(overrides or {}), "LOG_ENABLED": False}, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    await runner.crawl(runner.create_crawler(spider), **arguments)
    gc.collect()  # a crawler is a large cycle; left alone, memory grows to a plateau twice as high
