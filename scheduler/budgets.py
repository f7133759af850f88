"""How many requests an outlet may still be asked: a budget of requests a day, let out evenly."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.politeness import left_alone
from scheduler.configuration import Configuration, Outlet
from scheduler.preparing import slot
from storage import Store

_DAY = 86400.0
_SAVED = _DAY / 24  # what is not used within an hour is not made up for: no storm after a pause


def resting(configuration: Configuration, outlet: str) -> bool:
    """Whether an outlet (as articles name it) is left alone now, as it asked or because it is in trouble."""
    name = _name(configuration, outlet)
    return not {name, slot(name), outlet}.isdisjoint(left_alone())


def left(store: Store, configuration: Configuration, outlet: str, now: datetime | None = None) -> int | None:
    """How many requests may go to an outlet now, by the ledger of what was really asked; ``None`` without a budget."""
    name = _name(configuration, outlet)
    budget = configuration.outlets[name].budget if name in configuration.outlets else None
    return max(0, int(_left(store, name, budget, now or datetime.now(UTC)))) if budget else None


def _left(store: Store, outlet: str, budget: int, now: datetime) -> float:
    """A bucket that fills evenly and is emptied by every request: looks, sources, robots.txt, redirects."""
    most, asked = max(budget * _SAVED / _DAY, 1.0), store.requests_of(slot(outlet))
    kept = store.recall(f"budget {outlet}") or {"left": most, "at": now.isoformat(), "asked": asked}
    passed = max(0.0, (now - datetime.fromisoformat(kept["at"])).total_seconds())
    tokens: float = min(most, kept["left"] + passed * budget / _DAY) - (asked - kept["asked"])
    store.remember(f"budget {outlet}", {"left": tokens, "at": now.isoformat(), "asked": asked})
    return tokens


def _name(configuration: Configuration, outlet: str) -> str:
    """What the configuration calls an outlet; articles name one of several hosts by itself."""
    return next((name for name, told in configuration.outlets.items() if outlet in _hosts(told)), outlet)


def _hosts(outlet: Outlet) -> set[str]:
    return {host.lower().partition(":")[0] for host in outlet.hosts}
