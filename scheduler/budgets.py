"""How many requests an outlet may still be asked: a budget of requests a day, let out evenly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from crawler.politeness import left_alone
from scheduler.configuration import Configuration
from scheduler.preparing import slot
from storage import Store
from storage.types import Article

_DAY = 86400.0
_SAVED = _DAY / 24  # what is not used within an hour is not made up for: no storm after a pause


def left(store: Store, configuration: Configuration, now: datetime | None = None) -> dict[str, int]:
    """The requests left now of each outlet that has a budget, by the ledger of what was really asked; never below 0."""
    now = now or datetime.now(UTC)
    return {
        name: max(0, int(_left(store, name, outlet.budget, now)))
        for name, outlet in configuration.outlets.items()
        if outlet.budget
    }


def _left(store: Store, outlet: str, budget: int, now: datetime) -> float:
    """A bucket that fills evenly and is emptied by every request: looks, sources, robots.txt, redirects."""
    most, asked = max(budget * _SAVED / _DAY, 1.0), store.requests_of(slot(outlet))
    kept = store.recall(f"budget {outlet}") or {"left": most, "at": now.isoformat(), "asked": asked}
    passed = max(0.0, (now - datetime.fromisoformat(kept["at"])).total_seconds())
    tokens: float = min(most, kept["left"] + passed * budget / _DAY) - (asked - kept["asked"])
    store.remember(f"budget {outlet}", {"left": tokens, "at": now.isoformat(), "asked": asked})
    return tokens


def unavailable(budgets: Mapping[str, int], configuration: Configuration) -> set[str]:
    """The outlets, as articles name them, that are not to be asked now: no budget left, or left alone."""
    barred = {name for name, number in budgets.items() if number < 1}
    barred |= {"dw" if name == "dw.com" else name for name in left_alone()}
    return barred | {host for host, name in _names(configuration).items() if name in barred}


def within(articles: Sequence[Article], budgets: Mapping[str, int], configuration: Configuration) -> list[Article]:
    """Of these articles, in order, as many of each outlet as its budget allows."""
    rest, names, chosen = dict(budgets), _names(configuration), []
    for article in articles:
        name = names.get(article.outlet, article.outlet)
        if rest.get(name, 1) > 0:
            chosen.append(article)
            if name in rest:
                rest[name] -= 1
    return chosen


def _names(configuration: Configuration) -> dict[str, str]:
    """By host, the name the configuration gives to its outlet; articles name an outlet by their host."""
    return {
        host.lower().partition(":")[0]: name for name, outlet in configuration.outlets.items() for host in outlet.hosts
    }
