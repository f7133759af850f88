"""Keep what the spiders bring: every look recorded, every new article made known."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace
from scrapy.exceptions import DropItem

from crawler.apart import read_apart
from crawler.extraction import fingerprint
from crawler.reading import open_page, refresh
from storage import Recorded, Store
from storage.content import digest
from storage.errors import StoreError, UserError, ZaesurError
from storage.presence import AGREEING
from storage.types import Article, Event, EventKind, Look, Outcome

_QUICK = 256 << 10  # bytes as served that are opened on the event loop (about 2 ms); a thread costs more than it saves
_CONTROL = 19  # looks in a row told by the region; every twentieth page is read whatever its region says
_TOGETHER = 20  # looks without anything new that share a commit, a third of what recording one costs
_WAIT = 1.0  # seconds for which one waits for others at most
INCOMPARABLE = "read by another extractor than the last version, so that a difference says nothing of the article"
DISAGREES = "control: the page's region is that of the last look, its text is not"


class _Pages:
    """The thread in which pages wait for their reader: in those of all, where names are looked up, a slow one would hold up every outlet."""

    def __init__(self) -> None:
        self.renew()
        os.register_at_fork(after_in_child=self.renew)  # no thread is left in a forked child

    def renew(self) -> None:
        """Begin with a thread of its own."""
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages")


_pages = _Pages()


async def keep(store: Store, look: Look, run: int | None) -> dict[str, Any]:
    """Read a look and record it; the row that ``crawl --json`` prints."""
    return _row(store.record(await _finished(store, look), run=run))


async def _finished(store: Store, look: Look) -> Look:
    """A look with its outcome or its text, whatever its page does to the reader."""
    if look.outcome is not None:
        return look
    try:
        return await _read(store, look)
    except (StoreError, UserError):
        raise
    except Exception as error:
        # a page that breaks the reader is one bad page, not the end of the crawl; it is kept to be looked into
        reason = f"the page could not be read: {type(error).__name__}: {error}"[:300]
        return replace(look, outcome=Outcome.EXTRACT_FAILED, reason=reason, content=None)


def _row(recorded: Recorded) -> dict[str, Any]:
    capture = recorded.capture
    return {
        "url": capture.requested_url,
        "article": capture.article,
        "outcome": capture.outcome.value,
        "http_status": capture.status,
        "version": capture.version,
        "changes": [],
        "reason": _told(capture.reason, recorded.event),
    }


async def _read(store: Store, look: Look) -> Look:
    """Pass the gate; read the text, unless the page's region shows that it is the one of an earlier look."""
    if len(look.body or b"") <= _QUICK:
        look, page = open_page(look)
    else:
        look, page = await asyncio.to_thread(open_page, look)
    if look.outcome is not None:
        return look
    shown = store.shown(look.article.id) if look.article and look.region else None
    same = shown is not None and shown.region == look.region
    if shown and same and shown.relied < _CONTROL:
        return replace(look, same_as=shown)
    latest = store.latest(look.article.id) if look.article else None
    if latest is not None:
        # texts of different extractors are never compared: the older page is read again first
        latest = refresh(store, latest, read_apart)
    look = await asyncio.get_running_loop().run_in_executor(
        _pages.thread, read_apart, look, page, latest.content if latest else None
    )
    if latest is None or look.content is None or digest(latest.content) == digest(look.content):
        return look
    if latest.fingerprint != fingerprint():
        return replace(look, reason=f"{INCOMPARABLE}: version {latest.number} cannot be read again")
    return replace(look, reason=DISAGREES) if same else look


def _told(reason: str | None, event: Event | None) -> str | None:
    """What a look said beside the text: missing once, gone, back."""
    if event is None:
        return reason
    since = f"since {event.facts['since'][:16]}Z" if "since" in event.facts else ""
    words = {
        EventKind.MISSING: f"missing once; called gone when a look {AGREEING.seconds // 60} minutes later or more agrees",
        EventKind.GONE: f"gone: a second look agrees, missing {since}",
        EventKind.BACK: f"back: it was missing {since}",
    }
    return "; ".join(filter(None, (reason, words[event.kind])))


class KeepPipeline:
    """Records into the spider's store; under plain ``scrapy crawl`` it opens the one at ZAESUR_DB and a run of its own."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._own: Store | None = None
        self._run: int | None = None
        self._counts: Counter[str] = Counter()
        self._waiting: list[Look] = []  # looks without anything new, not yet recorded and not yet told
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> KeepPipeline:
        """As Scrapy makes it."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the store unless the spider was given one."""
        spider = self._crawler.spider
        if spider.store is None:
            self._own = spider.store = Store.open(self._crawler.settings["ZAESUR_DB"])
            spider.run = self._run = self._own.start_run(f"scrapy {spider.name}")

    def close_spider(self) -> None:
        """Record what waits, finish the run and close what was opened here."""
        self._record_waiting()
        if self._own is None:
            return
        with suppress(ZaesurError):
            for url, problem in getattr(self._crawler.spider, "problems", {}).items():
                self._own.polled(url, problem)
            self._own.finish_run(self._run or 0, self._counts)
        self._own.close()

    async def process_item(self, item: Any) -> dict[str, Any]:
        """A look becomes a row of ``crawl --json``, an article found becomes known; rows pass."""
        spider = self._crawler.spider
        try:
            if isinstance(item, Look):
                look = await _finished(spider.store, item)
                # where somebody waits for the rows of the whole crawl, they are told after the commit all the same
                if hasattr(spider, "rows") and (look.same_as or look.outcome is Outcome.NOT_MODIFIED):
                    self._wait(look)
                    return {"url": look.requested_url}
                row = _row(spider.store.record(look, run=getattr(spider, "run", None)))
            else:
                row = dict(item)
            found = row.pop("found", None)
            if self._own is not None and found is not None:
                row["new"] = self._known(found.article)
        except ZaesurError as error:
            self._stop(error)
            raise DropItem(str(error)) from None
        self._counts[row.get("outcome") or "found"] += 1
        if hasattr(spider, "rows"):
            spider.rows.append({**row, "found": found} if found else row)
        return row

    def _wait(self, look: Look) -> None:
        self._waiting.append(look)
        if len(self._waiting) >= _TOGETHER:
            self._record_waiting()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_WAIT, self._record_waiting)

    def _record_waiting(self) -> None:
        """Record the looks that wait, all or none of them, in the order in which they came."""
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._waiting, self._timer = self._waiting, [], None
        if not waiting:
            return
        spider = self._crawler.spider
        try:
            spider.rows += map(_row, spider.store.record_all(waiting, run=getattr(spider, "run", None)))
        except ZaesurError as error:
            self._stop(error)

    def _stop(self, error: ZaesurError) -> None:
        spider = self._crawler.spider
        spider.problem = error
        self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="store"))

    def _known(self, article: Article) -> bool:
        store = self._crawler.spider.store
        new = bool(store.add_article(article))
        if new:
            store.set_due(article.id, datetime.now(UTC))
        return new
