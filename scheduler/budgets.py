"""How many requests an outlet may still be asked: a budget of requests a day, let out evenly, and shared by its hosts in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from crawler.politeness import left_alone
from scheduler.configuration import Configuration
from scheduler.preparing import hosts, slot
from storage import Store

_DAY = 86400.0
_SAVED = _DAY / 24  # what is not used within an hour is not made up for: no storm after a pause
_DW = "www.dw.com"  # where the articles are whose outlet is "dw", whatever the configuration calls it


def names(configuration: Configuration, outlets: Iterable[str]) -> list[str]:
    """What the configuration calls these outlets (as articles name them), each once: those of one name share budget and pace."""
    known = _known(configuration)
    return list(dict.fromkeys(known.get(outlet, outlet) for outlet in outlets))


def slowest(configuration: Configuration) -> float:
    """The longest time that is configured between two requests to an outlet, in seconds."""
    return max((outlet.delay or 0.0 for outlet in configuration.outlets.values()), default=0.0)


def in_turn(store: Store, configuration: Configuration, outlet: str) -> list[str]:
    """All that articles call an outlet, in the order in which they may take what is left of its budget."""
    known, name = _known(configuration), _name(configuration, outlet)
    found = sorted({name, *(host for host in known if known[host] == name)})
    last = (store.recall(f"turn {name}") or {}).get("of", "")
    return [host for host in found if host > last] + [host for host in found if host <= last]


def took_turn(store: Store, configuration: Configuration, outlet: str) -> None:
    """What is left of the budget after this is offered to the next host of the same outlet first."""
    store.remember(f"turn {_name(configuration, outlet)}", {"of": outlet})


def resting(configuration: Configuration, outlet: str) -> Mapping[str, str] | None:
    """Until when an outlet is left alone now, and why, as it asked or because it is in trouble; ``None`` when it is not."""
    name, resting = _name(configuration, outlet), left_alone()
    return next((resting[each] for each in (name, slot(name), outlet) if each in resting), None)


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
    return _known(configuration).get(outlet, outlet)


def _known(configuration: Configuration) -> dict[str, str]:
    """By what articles call an outlet (the host; DW's ``dw``), what the configuration calls it; the first that names a host has it."""
    found: dict[str, str] = {}
    for name, outlet in configuration.outlets.items():
        for host in hosts(name, outlet):
            found.setdefault("dw" if host == _DW else host.partition(":")[0], name)
    return found
