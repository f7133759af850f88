"""How often an outlet may be asked: one pace for each outlet in this process, across all spiders and polls; or shared by many processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from crawler.network import allowed
from crawler.standing import TRIPS, Postponed, Standing

__all__ = ["TRIPS", "Postponed"]

LEAST = 2.0  # seconds between requests to a host that is not ours


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says of an outlet: seconds between requests, and the hosts (``host`` or ``host:port``) that share them."""

    delay: float | None = None
    hosts: tuple[str, ...] = ()


_ANY = Pace()  # of an outlet that the configuration says nothing of


@dataclass
class _Configured:
    contact: str = ""
    paces: Mapping[str, Pace] = field(default_factory=dict)


class Keeper(Protocol):
    """Keeps how outlets stand for more than one process, and counts what they ask."""

    def standing(self, slot: str) -> AbstractAsyncContextManager[tuple[Standing, float]]:
        """How an outlet stands, with the time now by the keeper's clock; what is changed is kept."""

    def left_alone(self) -> dict[str, dict[str, str]]:
        """The outlets that may not be asked, as far as known."""

    async def leaving(self, slot: str) -> str:
        """A request is about to leave; the day (ISO, UTC) under which it was counted, as yet unanswered."""

    async def came(self, slot: str, day: str, answer: str | None) -> None:
        """How a request counted under ``day`` was answered; ``None`` when it never left."""


_configured = _Configured()
_standings: dict[str, Standing] = {}
_shared: list[Keeper] = []  # one, or none


def configure(contact: str, paces: Mapping[str, Pace]) -> None:
    """Keep to a configuration from now on; what the environment says goes before it."""
    _configured.contact, _configured.paces = contact, paces


def paces_of(urls: Iterable[str]) -> dict[str, Pace]:
    """What the configuration says of the outlets of these addresses."""
    slots = {outlet_slot(url) for url in urls}
    return {name: pace for name, pace in _configured.paces.items() if name in slots}


def learn(contact: str, paces: Mapping[str, Pace]) -> None:
    """Keep to what another process's configuration says of these outlets, too."""
    configure(contact, {**_configured.paces, **paces})


def contact() -> str:
    """How an outlet can reach us, by the configuration."""
    return _configured.contact


def user_agent() -> str:
    """Who we are, with a contact (ZAESUR_CONTACT, else the configuration's)."""
    reached = os.environ.get("ZAESUR_CONTACT", "").strip() or _configured.contact.strip()
    return f"zaesur/{_number()} (news change monitor{'; ' + reached if reached.isascii() and reached else ''})"


@cache
def _number() -> str:
    try:
        return version("zaesur")
    except PackageNotFoundError:
        return "0"


def outlet_slot(url: str) -> str:
    """What shares one pace: an outlet's configured hosts; all of DW's; else the host; hosts allowed by name each with its port."""
    host, written, port, asked = _place(url)
    for name, pace in _configured.paces.items():
        if host in pace.hosts or written in pace.hosts:
            return name
    if allowed(host, asked):
        return f"{host}:{port}"
    return "dw.com" if host == "dw.com" or host.endswith(".dw.com") else host


def delay(url: str) -> float:
    """Seconds between requests: ZAESUR_DELAY, else the configuration's; below the polite least only for hosts allowed by name."""
    pace = _configured.paces.get(outlet_slot(url), _ANY)
    told = LEAST if pace.delay is None else pace.delay
    try:
        wanted = max(0.0, float(os.environ.get("ZAESUR_DELAY", "") or told))
    except ValueError:
        wanted = LEAST
    host, _, _, asked = _place(url)
    return wanted if allowed(host, asked) else max(wanted, LEAST)


@lru_cache(maxsize=256)
def _place(url: str) -> tuple[str, str, int | None, int]:
    """A URL's host; host and port as written; the port as written, and the one that is asked."""
    parts = urlsplit(url)
    return (
        (parts.hostname or "").lower(),
        parts.netloc.lower(),
        parts.port,
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def _standing(url: str) -> AbstractAsyncContextManager[tuple[Standing, float]]:
    """How the outlet of this address stands, and the time now by the clock that goes with it."""
    slot = outlet_slot(url)
    if keeper := shared():
        return keeper.standing(slot)
    return contextlib.nullcontext((_standings.setdefault(slot, Standing()), time.monotonic()))


async def turn(url: str, least: float = 0.0) -> None:
    """Wait for this request's turn; ``least`` is what robots.txt asks. Raises Postponed if that takes too long."""
    while True:
        async with _standing(url) as (standing, now):
            wait = standing.turn(now, delay(url), least)
        if wait <= 0:
            return
        await asyncio.sleep(wait)
        async with _standing(url) as (standing, now):
            if standing.may_leave(now):
                return


async def hold(url: str, seconds: float) -> None:
    """No request to this outlet for so long; those that come wait."""
    async with _standing(url) as (standing, now):
        standing.hold(now, seconds)


async def bar(url: str, seconds: float, why: str) -> None:
    """No request to this outlet for so long; those that come are put off. A longer rest stays."""
    async with _standing(url) as (standing, now):
        standing.bar(now, seconds, why)


async def answered(url: str, status: int) -> None:
    """An outlet in trouble is left alone for a while."""
    async with _standing(url) as (standing, now):
        standing.answered(now, status, datetime.now(UTC))


def share(keeper: Keeper | None) -> None:
    """Keep to what a keeper of many processes says from now on; ``None``: to what this process knows."""
    _shared[:] = [keeper] if keeper else []


def shared() -> Keeper | None:
    """The keeper of many processes, where there is one."""
    return _shared[0] if _shared else None


def left_alone() -> dict[str, dict[str, str]]:
    """The outlets that may not be asked now: until when (ISO 8601, UTC) and why."""
    if keeper := shared():
        return keeper.left_alone()
    now, clock = datetime.now(UTC), time.monotonic()
    return {
        slot: {
            "until": (now + timedelta(seconds=standing.until - clock)).isoformat(timespec="seconds"),
            "why": standing.why,
        }
        for slot, standing in _standings.items()
        if standing.until > clock
    }


def restore(kept: Mapping[str, Mapping[str, str]]) -> None:
    """Go on leaving alone what an earlier process was to leave alone."""
    if shared():
        return
    now, clock = datetime.now(UTC), time.monotonic()
    for slot, rest in kept.items():
        seconds = (datetime.fromisoformat(rest["until"]) - now).total_seconds()
        standing = _standings.setdefault(slot, Standing())
        if seconds > 0 and not standing.until:  # what this process knows goes before it
            standing.until, standing.why = clock + seconds, rest["why"]


def forget() -> None:
    """Start afresh, as a new process would."""
    configure("", {})
    share(None)
    _standings.clear()
