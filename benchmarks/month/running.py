"""Turn the clock through the month, tick by tick, and hold what was recorded against what happened."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.month.clock import travelling
from benchmarks.month.judging import Report, Watch, judged
from benchmarks.month.world import Outlet, Troubles, events, happen
from crawler import crawling
from scheduler.configuration import Configuration
from scheduler.configuration import Outlet as Settings
from scheduler.jobs import discover_sources, due_within_budget, look_at, plan_anew
from scheduler.preparing import pace
from storage import Store

TICK = 1 / 6  # hours
BUDGET = 2000  # requests a day: some 45 for each new article of 2,000 in a month
_AUTUMN = datetime(2026, 10, 10, tzinfo=UTC)
_LATE = timedelta(minutes=15)


def run(
    path: Path,
    articles: int,
    days: float,
    start: datetime = _AUTUMN,
    budget: int = BUDGET,
    troubles: Troubles | None = None,
) -> Report:
    """The whole month; ``path`` is where its database is made, ``troubles`` what goes wrong in place of the usual."""
    outlet = Outlet(seed=9, start=start, troubles=troubles or Troubles.of(days))
    with (
        travelling(start, lambda: time.time() - outlet.wrong * 3600, lambda: _heard(store)) as clock,
        Store.open(path) as store,
        contextlib.ExitStack() as server,
    ):
        base = server.enter_context(outlet.serving())
        host = base.removeprefix("http://")
        os.environ.update(ZAESUR_ALLOW_HOSTS=host, ZAESUR_DELAY="")
        configuration = Configuration(outlets={"dw": Settings(budget=budget, hosts=(host,))})
        pace(configuration)
        store.add_feed(f"{base}/xml/rss-de-all", "feed")
        watch = Watch()
        crawling.run(_live(outlet, store, configuration, clock, server, watch, articles, days))
        return judged(outlet, store, watch, articles, budget)


def _heard(store: Store) -> int:
    """How many answers have come, by the ledger."""
    return int(store._value("SELECT COALESCE(SUM(requests), 0) FROM asked")) + store._requests.total()


async def _live(
    outlet: Outlet,
    store: Store,
    configuration: Configuration,
    clock: Any,
    server: contextlib.ExitStack,
    watch: Watch,
    articles: int,
    days: float,
) -> None:
    port = int(outlet.base_url.rpartition(":")[2])
    coming = iter(events(articles, days, seed=1))
    event, night, up = next(coming, None), 0, True
    begin = outlet.start + timedelta(hours=outlet.troubles.down.start)
    down = begin, begin + timedelta(hours=outlet.troubles.down.hours)
    for step in range(int(days * 24 / TICK)):
        # waiting for turns may have taken longer than a tick; nothing happens in the past
        hours = max(step * TICK, outlet.hours)
        while event and event.hours <= hours:
            happen(outlet, event)
            event = next(coming, None)
        if outlet.troubles.outage.holds(hours) == up:
            up = not up
            server.enter_context(outlet.serving(port)) if up else server.close()
        outlet.wrong = sum(by for span, by in outlet.troubles.steps if span.holds(hours))
        clock.move_to(outlet.start + timedelta(hours=hours + outlet.wrong))
        if outlet.troubles.down.holds(hours):
            continue
        if step % 6 == 0:
            await discover_sources(store)
        if int(hours // 24) != night:
            night = int(hours // 24)
            await plan_anew(store)
            gc.freeze()  # the truth and the log are ours; a service that tidies up after each poll has neither
            # a month takes its time
            used = os.times()
            print(f"day {night:3}: {len(outlet.log):7,} requests, {used.user + used.system:6.0f} s of CPU", flush=True)
        while outlet.hours < (step + 1) * TICK and await _look(store, configuration, watch, down):
            pass


async def _look(store: Store, configuration: Configuration, watch: Watch, down: tuple[datetime, datetime]) -> int:
    """One tick of the service's job, with an eye on what it chose; ``down`` is when nothing ran, until the first tick after it."""
    chosen = due_within_budget(store, configuration, "dw")
    planned = {article.id: store.schedule(article.id) for article in chosen}
    rows = await look_at(store, chosen, job="revisit")
    watch.chosen += len(chosen)
    watch.unrecorded += len(chosen) - len(rows)
    for row in rows:
        entry, look = planned.get(row["article"]), store.captures(row["article"], limit=1)[0]
        at = look.answered or look.started
        if not entry or "first_seen" not in entry.state or not entry.due_at or at - entry.due_at <= _LATE:
            continue
        watch.late += 1
        due = entry.due_at
        seen = row["outcome"] not in ("fetch-failed", "set-aside", "extract-failed")
        noted = any(gap.since <= due and (gap.until or at) >= at for gap in store.gaps(row["article"]))
        watch.noted += seen and noted
        watch.unexplained += due < down[1] <= at and seen and not noted
    return len(chosen)
