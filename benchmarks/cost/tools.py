"""The tools under test, each in a process of its own: ``python -m benchmarks.cost.tools NAME DATABASE``.

Reads one JSON list of URLs a line and answers with one line each: seconds of CPU and of wall, the URLs it found changed,
and the most memory used so far. The first line is the first look at everything.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

Round = Callable[[list[str]], Awaitable[list[str]]]


def main(name: str, database: str) -> None:
    """Serve rounds until the input ends."""
    from crawler import crawling

    tool = TOOLS[name](Path(database))
    for line in sys.stdin:
        urls = json.loads(line)
        (cpu, _), wall = _used(), time.perf_counter()
        changed: list[str] = crawling.run(_awaited(tool(urls)))
        used, memory = _used()
        figures = {
            "cpu": used - cpu,
            "wall": time.perf_counter() - wall,
            "changed": changed,
            "memory": memory,
        }
        print(json.dumps(figures), flush=True)


def _used() -> tuple[float, float]:
    """Seconds of CPU and the most MiB so far, with those of the processes this one started."""
    seconds, most = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # where there is no /proc, such processes go uncounted
    for task in Path("/proc/self/task").glob("*/children"):
        for child in task.read_text().split():
            # nanoseconds on the processor; /proc/PID/stat counts in hundredths of a second only
            seconds += sum(int(s.read_text().split()[0]) for s in Path(f"/proc/{child}/task").glob("*/schedstat")) / 1e9
            most += int(Path(f"/proc/{child}/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return seconds, most


async def _awaited(work: Awaitable[list[str]]) -> list[str]:
    return await work


def zaesur(database: Path) -> Round:
    """The whole of it: fetch, gate, record, compare, plan the next look."""
    from crawler.urls import identify
    from scheduler.following import follow
    from scheduler.jobs import look_at
    from storage import Store

    store = Store.open(database)

    async def look(urls: list[str]) -> list[str]:
        articles = [identify(url) for url in urls]
        for article in articles:
            if not store.is_followed(article.id):  # as discovery does, once
                follow(store, article)
        rows = await look_at(store, articles, job="benchmark")
        if wrong := [row for row in rows if row["outcome"] in ("fetch-failed", "set-aside", "extract-failed")]:
            raise SystemExit(f"a look that should have succeeded did not: {wrong[0]}")
        return [row["url"] for row in rows if row["outcome"] == "changed"]

    return look


def plain(database: Path) -> Round:
    """Scrapy alone: the page is fetched and thrown away."""
    return _scrapy(lambda response: b"")


def whole(database: Path, without: str | None = None) -> Round:
    """Scrapy and trafilatura on the whole page, the usual way; the text's digest in memory."""

    def text(response: Any) -> bytes:
        import trafilatura

        page, url = response.text, response.url
        found = trafilatura.extract(page, url=url, with_metadata=True, output_format="txt", prune_xpath=without)
        return hashlib.sha256((found or "").encode()).digest()

    return _scrapy(text)


def undated(database: Path) -> Round:
    """The same by somebody who knows the site: trafilatura takes the line with the date ("3 hours ago") for text."""
    return whole(database, without="//*[contains(@class, 'time-area')]")


def _scrapy(digest: Callable[[Any], bytes]) -> Round:
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerRunner

    known: dict[str, bytes] = {}

    class Looking(Spider):
        name = "looking"

        def __init__(self, urls: list[str], changed: list[str], **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self._urls, self._changed = urls, changed

        async def start(self) -> Any:
            for url in self._urls:
                yield Request(url, dont_filter=True)

        def parse(self, response: Any) -> Iterator[Any]:
            found = digest(response)
            if known.setdefault(response.url, found) != found:
                self._changed.append(response.url)
            known[response.url] = found
            return iter(())

    async def look(urls: list[str]) -> list[str]:
        changed: list[str] = []
        runner = AsyncCrawlerRunner({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False})
        await runner.crawl(runner.create_crawler(Looking), urls=urls, changed=changed)
        await asyncio.sleep(0)
        return changed

    return look


TOOLS: dict[str, Callable[[Path], Round]] = {
    "zaesur": zaesur,
    "plain": plain,
    "whole": whole,
    "whole-expert": undated,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
