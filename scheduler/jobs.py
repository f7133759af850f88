"""The jobs: read the sources, look at what is due, compare, plan the next look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from crawler import crawling
from scheduler.comparing import compare_owed
from scheduler.revisiting import plan_next
from storage import Store
from storage.types import Article, Change

Counts = Counter[str]
_BATCH = 50  # articles a poll; small, so that a stop is quick and a crash costs little


async def look_at_due(store: Store) -> Counts:
    """Look at the articles that are due, most overdue first, a batch at a time until none is."""
    counts: Counts = Counter()
    began = datetime.now(UTC)
    while batch := [due.article for due in store.due(began, _BATCH)]:
        counts += count(await look_at(store, batch, job="revisit"))
    return counts


async def look_at(store: Store, articles: Iterable[Article], *, job: str) -> list[dict[str, Any]]:
    """Look at these articles now, compare, plan their next looks; the rows that ``crawl --json`` prints."""
    run = store.start_run(job)
    rows = await crawling.look(list(articles), store, run=run)
    changes = compare_owed(store)
    for row in rows:
        row["changes"] = _ids(changes, row)
        if row["article"] and store.is_followed(row["article"]):
            plan_next(store, row["article"])
    store.finish_run(run, count(rows))
    return rows


def _ids(changes: Iterable[Change], row: dict[str, Any]) -> list[int]:
    return [change.id for change in changes if (change.article, change.to_version) == (row["article"], row["version"])]


async def discover_sources(store: Store) -> Counts:
    """Read every source; articles not known before are followed and due at once."""
    counts: Counts = Counter()
    if sources := store.feeds():
        run = store.start_run("discover")
        known = store.followed()
        for article in await crawling.discover(sources, store):
            if article.id not in known:
                store.set_due(article.id, datetime.now(UTC))
                counts["discovered"] += 1
        store.finish_run(run, counts)
    return counts


def count(rows: Iterable[dict[str, Any]]) -> Counts:
    """Rows by outcome."""
    return Counter(str(row["outcome"]) for row in rows)
