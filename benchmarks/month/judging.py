"""Hold what was recorded in the month against what happened: the site's own log, its texts, the gaps."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from benchmarks.month.world import RETRY_AFTER, Outlet, events
from crawler.urls import article_id
from storage import Store
from storage.content import plain_text

_APART = timedelta(seconds=1.999)  # two seconds between two requests to an outlet, as near as clocks tell
_FRESH = timedelta(minutes=61)  # robots.txt is asked again after an hour; a request may be on its way
_BATCH = 20  # looks that are begun before the budget is asked again


@dataclass
class Report:
    """What came of the month; a promise is kept when its number is 0."""

    figures: dict[str, str] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)


@dataclass
class Watch:
    """What the harness saw while the service worked."""

    chosen: int = 0
    unrecorded: int = 0
    late: int = 0
    noted: int = 0
    unexplained: int = 0


def judged(outlet: Outlet, store: Store, watch: Watch, articles: int, budget: int) -> Report:
    """The figures, and how often each promise was broken."""
    captures = store.captures()
    outcomes = Counter(capture.outcome.value for capture in captures)
    asked = [entry for entry in outlet.log if article_id(f"{outlet.base_url}{entry.path}")]
    answered = sum(1 for capture in captures if capture.status is not None)
    redirected = sum(len(store.record_of(capture.id)["redirects"]) for capture in captures)
    false, versions = _false(outlet, store)
    truth = sum(len(texts) for texts in outlet.texts.values())
    edits = truth - len(outlet.texts)
    days = Counter(entry.at.date() for entry in outlet.log)
    report = Report()
    report.figures = {
        "looks": f"{len(captures):,}",
        **{f"  {name}": f"{number:,}" for name, number in sorted(outcomes.items())},
        "texts that stood on the site": f"{truth:,}",
        "of these recorded as versions": f"{versions:,} ({versions / truth:.1%})",
        "edits": f"{edits:,}",
        "of these recorded": f"{versions - len(outlet.texts):,} ({(versions - len(outlet.texts)) / max(edits, 1):.1%})",
        "gaps recorded": f"{len(store.gaps()):,}",
        "looks later than 15 minutes after they were due": f"{watch.late:,}",
        "  of these with a gap, not only for others' worth": f"{watch.noted:,}",
        "requests by the server's log": f"{len(outlet.log):,}",
        "  for articles": f"{len(asked):,}",
        "  for robots.txt": f"{sum(entry.path == '/robots.txt' for entry in outlet.log):,}",
        "  answered 429": f"{sum(entry.status == 429 for entry in outlet.log):,}",
        "most requests on one day": f"{max(days.values(), default=0):,}",
    }
    report.broken = {
        "looks chosen without a record": watch.unrecorded + abs(watch.chosen - len(captures)),
        "looks late for a service that was down, without a gap": watch.unexplained,
        "requests against robots.txt": _disallowed(outlet),
        "requests before Retry-After was over": _early(outlet),
        "requests less than two seconds after the one before": _hurried(outlet),
        "requests beyond a day's budget": sum(max(0, n - budget - budget // 24 - _BATCH) for n in days.values()),
        "requests in the server's log but not in the records": abs(len(asked) - answered - redirected),
        "requests by which ledger and server's log differ": _misled(outlet, store),
        "versions whose text never stood on the site": false,
        "problems in the chain of records": len(list(store.verify_chain())),
        "articles never looked at": articles - len({c.article for c in captures if c.version}) - _unseen(outlet),
    }
    return report


def _disallowed(outlet: Outlet) -> int:
    """Requests that the robots.txt served last before them did not allow, or that were made on one too old."""
    served = [entry for entry in outlet.log if entry.path == "/robots.txt"]
    times = [entry.at for entry in served]
    broken = 0
    for entry in outlet.log:
        if entry.path == "/robots.txt":
            continue
        last = bisect_right(times, entry.at) - 1
        broken += last < 0 or not served[last].allows or entry.at - times[last] > _FRESH
    return broken


def _early(outlet: Outlet) -> int:
    """Requests in the time for which a 429 had asked for silence."""
    early, until = 0, outlet.start
    for entry in outlet.log:
        if entry.path == "/robots.txt":
            continue
        early += entry.at < until
        if entry.status == 429:
            until = entry.at + timedelta(seconds=RETRY_AFTER)
    return early


def _hurried(outlet: Outlet) -> int:
    """Requests that came too soon after the one before."""
    return sum(entry.at - before.at < _APART for before, entry in pairwise(outlet.log))


def _misled(outlet: Outlet, store: Store) -> int:
    """By how many requests the ledger and the server's log differ, status by status."""
    told: Counter[str] = Counter()
    for row in store.asked():
        if row["answer"] != "none":  # nobody was there to log it
            told[row["answer"]] += row["requests"]
    logged = Counter(str(entry.status) for entry in outlet.log)
    return sum(abs(told[status] - logged[status]) for status in told | logged)


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
