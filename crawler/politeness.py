"""How often an outlet may be asked: one pace for each outlet in this process, across all spiders and polls."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from crawler.network import allowed

LEAST = 2.0  # seconds between requests to a host that is not ours
PATIENCE = 120.0  # seconds; a longer wait is the scheduler's, not the spider's


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What the configuration says of an outlet: seconds between requests, and the hosts (``host`` or ``host:port``) that share them."""

    delay: float | None = None
    hosts: tuple[str, ...] = ()


@dataclass
class _Configured:
    contact: str = ""
    paces: Mapping[str, Pace] = field(default_factory=dict)


_configured = _Configured()
TRIPS = 5  # errors in a row, over all of its pages, after which an outlet is left alone
FIRST_REST, LONGEST_REST = 300.0, 6 * 3600.0  # seconds; doubled each time the first request after it fails too


@dataclass
class _Trouble:
    """Errors in a row, and rests that did not help."""

    errors: int = 0
    rests: int = 0


_troubles: dict[str, _Trouble] = {}
_next: dict[str, float] = {}
_barred: dict[str, tuple[float, str]] = {}


class Postponed(Exception):
    """The outlet may not be asked now; the message says why and until when."""


def configure(contact: str, paces: Mapping[str, Pace]) -> None:
    """Keep to a configuration from now on; what the environment says goes before it."""
    _configured.contact, _configured.paces = contact, paces


def user_agent() -> str:
    """Who we are, with a contact (ZAESUR_CONTACT, else the configuration's)."""
    try:
        number = version("zaesur")
    except PackageNotFoundError:
        number = "0"
    contact = os.environ.get("ZAESUR_CONTACT", "").strip() or _configured.contact.strip()
    return f"zaesur/{number} (news change monitor{'; ' + contact if contact.isascii() and contact else ''})"


def outlet_slot(url: str) -> str:
    """What shares one pace: an outlet's configured hosts; all of DW's; else the host; hosts allowed by name each with its port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    for name, pace in _configured.paces.items():
        if host in pace.hosts or parts.netloc.lower() in pace.hosts:
            return name
    if allowed(host, parts.port or (443 if parts.scheme == "https" else 80)):
        return f"{host}:{parts.port}"
    return "dw.com" if host == "dw.com" or host.endswith(".dw.com") else host


def delay(url: str) -> float:
    """Seconds between requests: ZAESUR_DELAY, else the configuration's; below the polite least only for hosts allowed by name."""
    pace = _configured.paces.get(outlet_slot(url), Pace())
    told = LEAST if pace.delay is None else pace.delay
    try:
        wanted = max(0.0, float(os.environ.get("ZAESUR_DELAY", "") or told))
    except ValueError:
        wanted = LEAST
    parts = urlsplit(url)
    ours = allowed(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    return wanted if ours else max(wanted, LEAST)


async def turn(url: str, least: float = 0.0) -> None:
    """Wait for this request's turn; ``least`` is what robots.txt asks. Raises Postponed if that takes too long."""
    slot, now = outlet_slot(url), time.monotonic()
    until, why = _barred.get(slot, (0.0, ""))
    if until > now:
        raise Postponed(why)
    at = max(now, _next.get(slot, 0.0))
    if at - now > PATIENCE:
        raise Postponed(f"the outlet asks for {least:g} s between requests: not its turn for another {at - now:.0f} s")
    _next[slot] = at + max(delay(url), least)
    if at > now:
        await asyncio.sleep(at - now)
        until, why = _barred.get(slot, (0.0, ""))  # meanwhile another answer may have told us to stop
        if until > time.monotonic():
            raise Postponed(why)


def hold(url: str, seconds: float) -> None:
    """No request to this outlet for so long; those that come wait."""
    slot = outlet_slot(url)
    _next[slot] = max(_next.get(slot, 0.0), time.monotonic() + seconds)


def bar(url: str, seconds: float, why: str) -> None:
    """No request to this outlet for so long; those that come are put off. A longer rest stays."""
    slot, until = outlet_slot(url), time.monotonic() + seconds
    if until > _barred.get(slot, (0.0, ""))[0]:
        _barred[slot] = (until, why)


def answered(url: str, status: int) -> None:
    """The circuit breaker: 429 and 5xx in a row put an outlet off; after the rest a single one does, for twice as long."""
    trouble = _troubles.setdefault(outlet_slot(url), _Trouble())
    if status != 429 and status < 500:
        trouble.errors = trouble.rests = 0
        return
    if _barred.get(outlet_slot(url), (0.0, ""))[0] > time.monotonic():
        return  # it was on its way when the rest began
    trouble.errors += 1
    if trouble.errors >= TRIPS or trouble.rests:
        seconds = min(FIRST_REST * 2.0**trouble.rests, LONGEST_REST)
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        bar(
            url,
            seconds,
            f"left alone until {until:%Y-%m-%dT%H:%M:%SZ}: {trouble.errors} errors in a row, the last {status}",
        )
        trouble.errors, trouble.rests = 0, trouble.rests + 1


def left_alone() -> dict[str, dict[str, str]]:
    """The outlets that may not be asked now: until when (ISO 8601, UTC) and why."""
    now, clock = datetime.now(UTC), time.monotonic()
    return {
        slot: {"until": (now + timedelta(seconds=until - clock)).isoformat(timespec="seconds"), "why": why}
        for slot, (until, why) in _barred.items()
        if until > clock
    }


def restore(kept: Mapping[str, Mapping[str, str]]) -> None:
    """Go on leaving alone what an earlier process was to leave alone."""
    now, clock = datetime.now(UTC), time.monotonic()
    for slot, rest in kept.items():
        seconds = (datetime.fromisoformat(rest["until"]) - now).total_seconds()
        if seconds > 0 and slot not in _barred:
            _barred[slot] = (clock + seconds, rest["why"])


def forget() -> None:
    """Start afresh, as a new process would."""
    configure("", {})
    _next.clear()
    _barred.clear()
    _troubles.clear()
