"""The jobs: read the sources, look at what is due, compare, plan the next look."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler import crawling, politeness
from crawler.urls import identify, is_usable
from scheduler.budgets import in_turn, left, names, resting, took_turn
from scheduler.comparing import compare_owed
from scheduler.configuration import Configuration
from scheduler.following import follow_found
from scheduler.health import LEFT_ALONE
from scheduler.notifying import deliver, gather, write
from scheduler.revisiting import choose_due, note_hint, note_rest, plan_next, replan
from storage import Store
from storage.errors import StoreError, UserError
from storage.following import Feed
from storage.types import Article, Kind, Outcome

Counts = Counter[str]
_WHOLE = timedelta(hours=6)  # how long a source may answer "nothing new" before it is asked for the whole again
_TEXTS = (Outcome.NEW.value, Outcome.CHANGED.value)
_BATCH = 20  # articles a poll; small, so that a stop is quick and a crash costs little
_POLL = 600.0  # seconds that the pace of an outlet may draw out a poll: fewer articles where it is slow


def sorted_urls(urls: Iterable[str]) -> tuple[list[Article], list[str]]:
    """The articles these URLs name, each once, and one line for each URL that names none."""
    articles: dict[str, Article] = {}
    refused: list[str] = []
    for url in urls:
        try:
            article = identify(url)
            articles.setdefault(article.id, article)
        except UserError as error:
            refused.append(str(error))
    return list(articles.values()), refused


async def look_at_due(store: Store, configuration: Configuration | None = None) -> Counts:
    """One poll of each outlet that has something due, side by side."""
    configuration = configuration or Configuration()
    outlets = names(configuration, store.outlets_due(datetime.now(UTC)))
    return await _together(look_at_outlet(store, configuration, outlet) for outlet in outlets)


async def look_at_outlet(store: Store, configuration: Configuration, outlet: str) -> Counts:
    """The poll of one outlet, as the configuration calls it: look at what is worth most of what is due, a batch at the most."""
    return count(await look_at(store, due_within_budget(store, configuration, outlet), job="revisit"))


def due_within_budget(store: Store, configuration: Configuration, outlet: str) -> list[Article]:
    """What is worth most of what is due at an outlet, as far as it may be asked now, a batch at the most.

    Hosts that share what it may be asked are polled one at a time, each in its turn.
    """
    now, waiting, first = datetime.now(UTC), [], None
    for host in in_turn(store, configuration, outlet):
        if due := store.due(now, 1, host):
            waiting.append(host)
            first = first or store.article(due[0].article)
    if first is None:  # as at most ticks of most outlets
        return []
    politeness.restore(store.recall(LEFT_ALONE) or {})
    if rest := resting(configuration, outlet):
        for host in waiting:
            note_rest(store, host, datetime.fromisoformat(rest["until"]), rest["why"])
        return []
    budget = left(store, configuration, outlet)
    most = min(_BATCH if budget is None else budget, _within(_POLL, politeness.delay(first.url)))
    chosen: list[Article] = []
    for host in waiting:
        if found := choose_due(store, host, 0 if chosen else most):  # none: what is due there waits for its turn
            chosen = found
            if len(waiting) > 1:
                took_turn(store, configuration, host)
    return chosen


def wait(store: Store, configuration: Configuration, outlet: str) -> None:
    """While an outlet is being polled, however long that takes, what else is due there waits for its turn: it was not forgotten."""
    for host in in_turn(store, configuration, outlet):
        if store.due(datetime.now(UTC), 1, host):
            choose_due(store, host, 0)


def _within(seconds: float, apart: float) -> int:
    """How many looks so far apart are made in that time, a batch at the most and at least one."""
    return max(1, int(min(_BATCH, seconds / max(apart, 1.0))))


async def look_at(
    store: Store, articles: Sequence[Article], *, job: str, progress: Callable[[int], None] | None = None
) -> list[dict[str, Any]]:
    """Look at these articles now, compare, plan their next looks; the rows that ``crawl --json`` prints."""
    if not articles:
        return []
    politeness.restore(store.recall(LEFT_ALONE) or {})
    run = store.start_run(job)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(articles), _BATCH):
        found = await crawling.look(articles[start : start + _BATCH], store, run=run)
        follow_up(store, found)
        rows += found
        if progress:
            progress(len(rows))
    with store.together():
        store.finish_run(run, count(rows))
        store.remember(LEFT_ALONE, politeness.left_alone())
    return rows


def follow_up(store: Store, rows: Sequence[dict[str, Any]]) -> None:
    """What comes after recorded looks: the comparisons they owe and their articles' next looks; fills in the rows' changes."""
    try:
        compare_owed(store)
    except StoreError as why:  # looks must go on, and go by the plan
        store.note_incident("comparing", f"what is owed could not be compared: {why}")
    returned: dict[str, bool] = {}
    for row in rows:
        changes = store.changes_to(row["article"], row["version"]) if row["outcome"] in _TEXTS else {}
        row["changes"] = list(changes)
        if row["article"]:
            # whether this look showed a text that had stood there before
            returned[row["article"]] = any(Kind.REVERT in kinds for kinds in changes.values())
    plan_next(store, returned)


async def plan_anew(store: Store) -> Counts:
    """Set the due times by what was learned; nightly. A million take more than a minute, in which others have their turn."""
    counts = Counts()
    for planned in replan(store):
        counts["planned"] += planned
        await asyncio.sleep(0)
    return counts


async def discover_sources(store: Store, languages: Collection[str] = ()) -> Counts:
    """Read every source, outlet beside outlet; articles not known before are followed and due at once.

    Of a story's other languages, those in ``languages`` are followed too. An article that no source names any more stays followed.
    """
    outlets: dict[str, list[Feed]] = {}
    for source in store.feeds():
        if not is_usable(source.url):  # as earlier programs took it
            store.polled(source.url, "not an http(s) URL that can be asked")
            continue
        outlets.setdefault(politeness.outlet_slot(source.url), []).append(source)
    if not outlets:
        return Counts()
    politeness.restore(store.recall(LEFT_ALONE) or {})
    run = store.start_run("discover")
    counts = await _together(_discover(store, sources, run, languages) for sources in outlets.values())
    store.finish_run(run, counts)
    store.remember(LEFT_ALONE, politeness.left_alone())
    return counts


async def _discover(store: Store, sources: Sequence[Feed], run: int, languages: Collection[str]) -> Counts:
    """Read the sources of one outlet."""
    counts, now = Counts(), datetime.now(UTC)
    read = await crawling.discover(sources, store, run=run, known=_conditions(sources, now))
    for found in read.found:
        counts += _take(store, found, languages)
    # only now: what a kill took from us is named again by a whole answer
    for url, validators in read.validators.items():
        store.source_taken(url, {**validators, "since": now.isoformat()} if validators else {})
    return counts


async def _together(work: Iterable[Coroutine[Any, Any, Counts]]) -> Counts:
    """What outlets bring, side by side; trouble at one is told when all are done."""
    found = await asyncio.gather(*work, return_exceptions=True)
    for trouble in found:
        if isinstance(trouble, BaseException):
            raise trouble
    return sum((counts for counts in found if isinstance(counts, Counter)), Counts())


def _conditions(sources: Iterable[Feed], now: datetime) -> dict[str, dict[str, str]]:
    """By source, what makes its request conditional; now and then it is asked for the whole, whatever its server says."""
    found = {}
    for source in sources:
        validators = dict(source.validators)
        since = validators.pop("since", None)
        if validators and since and timedelta(0) <= now - datetime.fromisoformat(since) < _WHOLE:
            found[source.url] = validators
    return found


def _take(store: Store, found: crawling.Found, languages: Collection[str]) -> Counts:
    entry = found.entry
    new = follow_found(store, entry.article)
    hinted = note_hint(store, entry, found.source)
    others = [other for other in entry.alternates if other.language in languages]
    if entry.alternates:
        store.add_editions(entry.article.id, entry.alternates)
    return Counter(discovered=new + sum(follow_found(store, other) for other in others), hinted=hinted and not new)


async def tell(store: Store, configuration: Configuration) -> Counts:
    """Tell people of the changes they asked for."""
    if not configuration.notify.channels:
        return Counter()
    noted = gather(store, configuration)
    write(store, configuration, datetime.now(UTC))
    return noted + await deliver(store, configuration, datetime.now(UTC))


def count(rows: Iterable[dict[str, Any]]) -> Counts:
    """Rows by outcome."""
    return Counter(str(row["outcome"]) for row in rows)
