"""Run crawls from our own process, as often as wanted, inside one asyncio loop.

Twisted's asyncio reactor is installed once, on the loop that first asks for it, and started without being run: its
timers and sockets live on that loop. Each poll is a fresh Crawler. ``run`` gives blocking callers that loop.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from crawler.apart import GARBAGE
from crawler.discovery import Entry
from crawler.network import self_test
from crawler.pipelines import keep
from crawler.reading import read
from crawler.urls import identify
from storage import Store
from storage.errors import UserError
from storage.following import Feed
from storage.types import Article, Look

T = TypeVar("T")
Row = dict[str, Any]


_PATIENCE = 10.0  # seconds that a poll which is given up waits for what it has asked
_TIDIED = 5  # polls after which memory is tidied: a poll's cycles are a few hundred KiB
_SETTINGS = 16  # kept at most; they are few, unless somebody makes them up


class _Loop:
    """The loop the reactor lives on; a process has one reactor."""

    home: asyncio.AbstractEventLoop | None = None
    polls = 0
    loaded = 0  # modules that were there when the memory was last tidied for good
    settings: dict[str, Any] = {}  # noqa: RUF012 - by what they are made from


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on the crawling loop and return the result; may be called again and again."""
    if _Loop.home is None:
        _start_reactor(asyncio.new_event_loop())
    home = _Loop.home
    if home is None:
        raise RuntimeError("no loop")
    return home.run_until_complete(main)


def _start_reactor(loop: asyncio.AbstractEventLoop) -> None:
    from scrapy.utils.reactor import is_reactor_installed
    from twisted.internet import asyncioreactor

    if not is_reactor_installed():
        asyncioreactor.install(eventloop=loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    from crawler.network import GuardedResolver

    # Twisted's timers follow the wall clock: set back by an hour, no timeout would end for an hour
    setattr(reactor, "seconds", time.monotonic)  # noqa: B010 - typed as a module and its methods
    _Loop.home = reactor._asyncioEventloop
    for name in ("scrapy", "article", "discover"):  # what they have to say is in the rows and in the store
        logging.getLogger(name).addHandler(logging.NullHandler())
    gc.set_threshold(*GARBAGE)
    # not reactor.run(): the loop belongs to whoever runs it; signals are the service's
    reactor.startRunning(installSignalHandlers=False)
    GuardedResolver(reactor).install_on_reactor()
    self_test()


def _settings(overrides: Mapping[str, Any]) -> Any:
    """These settings over ours; kept, for making them costs as much as a look."""
    from crawler.politeness import user_agent
    from crawler.polls import SETTINGS, PollSettings

    name = repr((user_agent(), sorted(overrides.items())))
    if name not in _Loop.settings:
        if len(_Loop.settings) >= _SETTINGS:
            _Loop.settings.clear()
        settings = PollSettings(SETTINGS)
        settings.setmodule("crawler.settings", priority="project")
        settings.set("USER_AGENT", user_agent(), priority="project")
        settings.setdict(dict(overrides), priority="cmdline")
        _Loop.settings[name] = settings
    return _Loop.settings[name]


async def _crawl(spider: Any, overrides: Mapping[str, Any] | None = None, **arguments: Any) -> Any:
    """One poll: a fresh crawler; returns the spider when it is done."""
    if _Loop.home is None:
        _start_reactor(asyncio.get_running_loop())
    if asyncio.get_running_loop() is not _Loop.home:
        raise RuntimeError("crawls of one process share one event loop: start it with crawler.crawling.run()")
    from crawler.polls import Poll

    crawler = Poll(spider, _settings(overrides or {}))
    poll = asyncio.ensure_future(crawler.crawl_async(**arguments))
    try:
        # apart: Scrapy takes being cancelled for the end of the poll, and its engine goes on
        await asyncio.shield(poll)
    except asyncio.CancelledError:
        ending = asyncio.ensure_future(crawler.give_up(poll))
        await asyncio.wait([poll, ending], timeout=_PATIENCE)
        raise
    _tidy()
    if problem := getattr(crawler.spider, "problem", None):
        raise problem
    return crawler.spider


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of an article."""

    entry: Entry
    source: str


class Discovered(msgspec.Struct, frozen=True, kw_only=True):
    """What sources named, and by source what makes its next request conditional; no word on those with nothing new."""

    found: list[Found]
    validators: Mapping[str, Mapping[str, str]]


def _tidy() -> None:
    """A crawler is full of cycles: without this memory doubles before it settles. What was loaded since stays for good."""
    _Loop.polls += 1
    if len(sys.modules) == _Loop.loaded and _Loop.polls % _TIDIED:
        return
    gc.collect()
    if len(sys.modules) != _Loop.loaded:  # after the first poll, and when the first change brought what compares
        gc.freeze()
        _Loop.loaded = len(sys.modules)


async def look(
    wanted: Iterable[Article | str],
    store: Store,
    *,
    run: int | None = None,
    settings: Mapping[str, Any] | None = None,
    conditional: bool = True,
) -> list[Row]:
    """Look at these articles now and record it; a row each, in order, as ``crawl --json`` prints it.

    Raises StoreError when the store cannot record; what was recorded before stays. Cancelled, it takes what was asked and has been
    answered within ten seconds, asks nothing more, and records nothing of the articles that were not asked for.
    """
    from crawler.spiders.article import ArticleSpider, refused

    articles: dict[str, Article] = {}
    rows: list[Row] = []
    for each in wanted:
        try:
            article = identify(each) if isinstance(each, str) else each
        except UserError as error:
            rows.append(refused(str(each), str(error)))
            continue
        articles.setdefault(article.id, article)
    brought: list[Row] = []
    if articles:
        await _crawl(
            ArticleSpider,
            settings,
            articles=list(articles.values()),
            store=store,
            run=run,
            rows=brought,
            conditional=conditional,
        )
    by_id = {row["article"]: row for row in brought}
    return rows + [by_id.get(article.id) or await _missed(store, article, run) for article in articles.values()]


async def _missed(store: Store, article: Article, run: int | None) -> Row:
    """A look that brought nothing at all, such as one that was stopped: recorded as failed, never left out."""
    from crawler.answers import asked, failed

    return await keep(store, failed(asked(article, article.url), RuntimeError("the look was interrupted")), run)


def look_now(
    wanted: Iterable[Article | str], store: Store, *, run_id: int | None = None, conditional: bool = True
) -> list[Row]:
    """``look`` for callers without a loop."""
    return run(look(wanted, store, run=run_id, conditional=conditional))


async def discover(
    sources: Iterable[Feed | str],
    store: Store,
    *,
    run: int | None = None,
    known: Mapping[str, Mapping[str, str]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Discovered:
    """Read these sources; what each names, known or not. Problems are noted with the source.

    ``known``: by source, what makes its request conditional. One that has nothing new (304) names nothing.
    """
    from crawler.spiders.discover import DiscoverSpider

    urls = [source if isinstance(source, str) else source.url for source in sources]
    if not urls:
        return Discovered(found=[], validators={})
    rows: list[Row] = []
    spider = await _crawl(DiscoverSpider, settings, feed=" ".join(urls), known=known, store=store, run=run, rows=rows)
    for url, problem in spider.problems.items():
        store.polled(url, problem)
    found = [Found(entry=row["found"], source=row["source"]) for row in rows]
    return Discovered(found=found, validators=spider.validators)


async def collect(
    articles: Iterable[Article],
    validators: Mapping[str, Mapping[str, str]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> list[Look]:
    """Look at these articles and hand the looks over as they came: nothing is read or stored.

    ``validators``: by article, what makes its request conditional. A look that was interrupted is missing.
    """
    from crawler.spiders.article import ArticleSpider

    looks: list[Look] = []
    quiet = {"ITEM_PIPELINES": {"crawler.crawling.Handing": 300}, **(settings or {})}
    await _crawl(ArticleSpider, quiet, articles=list(articles), validators=validators, looks=looks)
    return looks


async def fetch(url: str, settings: Mapping[str, Any] | None = None) -> Look:
    """Look at one page and read it; nothing is stored. Raises UserError for what is no article's URL."""
    looks = await collect([identify(url)], settings=settings)
    if not looks:
        raise UserError(f"{url}: the look was interrupted; nothing was kept")
    if looks[0].outcome is not None:
        return looks[0]
    return await asyncio.to_thread(read, looks[0], None)


def fetch_once(url: str) -> Look:
    """``fetch`` for callers without a loop."""
    return run(fetch(url))


class Handing:
    """Hands looks to the caller and keeps nothing."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Handing:
        """As Scrapy makes it."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Put the look where the caller waits for it."""
        self._crawler.spider.looks.append(item)
        return item
