"""Turn the clock through the month, tick by tick, and hold what was recorded against what happened."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import time_machine

from benchmarks.month.world import Outlet, Troubles, events, happen
from crawler import crawling, politeness
from crawler.urls import article_id
from scheduler.jobs import discover_sources, look_at, plan_anew
from scheduler.revisiting import choose_due
from storage import Store
from storage.content import plain_text

TICK = 1 / 6  # hours
PACE = 300  # looks a tick: one request every two seconds
_LATE = timedelta(minutes=15)
_AUTUMN = datetime(2026, 10, 10, tzinfo=UTC)


@dataclass
class Report:
    """What came of the month; a promise is kept when its number is 0."""

    figures: dict[str, str] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)


@dataclass
class _Watch:
    """What the harness saw while the service worked."""

    chosen: int = 0
    unrecorded: int = 0
    late: int = 0
    unexplained: int = 0


def run(path: Path, articles: int, days: float, start: datetime = _AUTUMN) -> Report:
    """The whole month; ``path`` is where its database is made."""
    outlet = Outlet(seed=9, start=start, troubles=Troubles.of(days), validators=False)
    with _clock(start) as clock, Store.open(path) as store, contextlib.ExitStack() as server:
        base = server.enter_context(outlet.serving())
        os.environ.update(ZAESUR_ALLOW_HOSTS=base.removeprefix("http://"), ZAESUR_DELAY="0")
        store.add_feed(f"{base}/xml/rss-de-all", "feed")
        watch = _Watch()
        crawling.run(_live(outlet, store, clock, server, watch, articles, days))
        return _judged(outlet, store, watch, articles)


@contextlib.contextmanager
def _clock(start: datetime) -> Iterator[Any]:
    """The wall clock in our hands; what waits by a running clock (pace, Retry-After) reads the same one."""
    module = vars(politeness)
    real = module["time"]
    with time_machine.travel(start, tick=False) as clock:
        import time

        module["time"] = SimpleNamespace(monotonic=time.time)
        politeness.forget()
        try:
            yield clock
        finally:
            module["time"] = real
            politeness.forget()


async def _live(
    outlet: Outlet,
    store: Store,
    clock: Any,
    server: contextlib.ExitStack,
    watch: _Watch,
    articles: int,
    days: float,
) -> None:
    port = int(outlet.base_url.rpartition(":")[2])
    coming = iter(events(articles, days, seed=1))
    event, night, up = next(coming, None), 0, True
    for step in range(int(days * 24 / TICK)):
        outlet.hours = step * TICK
        while event and event.hours <= outlet.hours:
            happen(outlet, event)
            event = next(coming, None)
        if outlet.troubles.outage.holds(outlet.hours) == up:
            up = not up
            server.enter_context(outlet.serving(port)) if up else server.close()
        wrong = sum(hours for span, hours in outlet.troubles.steps if span.holds(outlet.hours))
        clock.move_to(outlet.start + timedelta(hours=outlet.hours + wrong))
        if outlet.troubles.down.holds(outlet.hours):
            continue
        if step % 6 == 0:
            await discover_sources(store)
        if int(outlet.hours // 24) != night:
            night = int(outlet.hours // 24)
            await plan_anew(store)
        await _tick(store, watch, PACE)


async def _tick(store: Store, watch: _Watch, budget: int) -> int:
    chosen = choose_due(store, budget) if budget > 0 else []
    planned = {article.id: store.schedule(article.id) for article in chosen}
    rows = await look_at(store, chosen, job="revisit")
    watch.chosen += len(chosen)
    watch.unrecorded += len(chosen) - len(rows)
    now = datetime.now(UTC)
    for row in rows:
        entry = planned.get(row["article"])
        first = not entry or "first_seen" not in entry.state
        if first or not entry or not entry.due_at or now - entry.due_at <= _LATE:
            continue
        watch.late += 1
        explained = any(gap.since <= entry.due_at for gap in store.gaps(row["article"]))
        seen = row["outcome"] not in ("fetch-failed", "set-aside", "extract-failed")
        watch.unexplained += seen and not explained
    return len(chosen)


def _judged(outlet: Outlet, store: Store, watch: _Watch, articles: int) -> Report:
    captures = store.captures()
    outcomes = Counter(capture.outcome.value for capture in captures)
    asked = [entry for entry in outlet.log if article_id(f"{outlet.base_url}{entry.path}")]
    answered = sum(1 for capture in captures if capture.status is not None)
    redirected = sum(len(store.record_of(capture.id)["redirects"]) for capture in captures)
    false, versions = _false(outlet, store)
    truth = sum(len(texts) for texts in outlet.texts.values())
    report = Report()
    report.figures = {
        "looks": f"{len(captures):,}",
        **{f"  {name}": f"{number:,}" for name, number in sorted(outcomes.items())},
        "texts that stood on the site": f"{truth:,}",
        "of these recorded as versions": f"{versions:,} ({versions / truth:.0%})",
        "gaps recorded": f"{len(store.gaps()):,}",
        "looks later than 15 minutes after they were due": f"{watch.late:,}",
        "requests by the server's log (articles)": f"{len(asked):,}",
    }
    report.broken = {
        "looks chosen without a record": watch.unrecorded + abs(watch.chosen - len(captures)),
        "late looks that showed the text and left no gap": watch.unexplained,
        "requests against robots.txt": sum(not outlet.may_be_asked(_hours(outlet, entry.at)) for entry in asked),
        "requests before Retry-After was over": _early(outlet),
        "requests in the server's log but not in the records": abs(len(asked) - answered - redirected),
        "versions whose text never stood on the site": false,
        "problems in the chain of records": len(list(store.verify_chain())),
        "articles never looked at": articles - len({c.article for c in captures if c.version}) - _unseen(outlet),
    }
    return report


def _hours(outlet: Outlet, at: datetime) -> float:
    return (at - outlet.start) / timedelta(hours=1)


def _early(outlet: Outlet) -> int:
    """Requests for an article in the time for which a 429 had asked for silence."""
    from benchmarks.month.world import RETRY_AFTER

    early, until = 0, outlet.start
    for entry in outlet.log:
        if entry.path == "/robots.txt":
            continue
        early += entry.at < until
        if entry.status == 429:
            until = entry.at + timedelta(seconds=RETRY_AFTER)
    return early


def _false(outlet: Outlet, store: Store) -> tuple[int, int]:
    """Versions that the site never showed, and how many there are in all."""
    false = count = 0
    for number, texts in outlet.texts.items():
        stood = {plain_text(text) for text in texts}
        for version in store.versions(f"a-{number}"):
            count += 1
            false += plain_text(version.content) not in stood
    return false, count


def _unseen(outlet: Outlet) -> int:
    """Articles published so late that no source named them before the end."""
    last = outlet.troubles.days * 24 - 2
    return sum(
        1 for event in events(len(outlet.texts), outlet.troubles.days, 1) if event.edit == 0 and event.hours > last
    )
