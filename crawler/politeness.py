"""How often an outlet may be asked: one pace for each outlet in this process, across all spiders and polls."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
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


def hold(url: str, seconds: float) -> None:
    """No request to this outlet for so long; those that come wait."""
    slot = outlet_slot(url)
    _next[slot] = max(_next.get(slot, 0.0), time.monotonic() + seconds)


def bar(url: str, seconds: float, why: str) -> None:
    """No request to this outlet for so long; those that come are put off."""
    _barred[outlet_slot(url)] = (time.monotonic() + seconds, why)


def forget() -> None:
    """Start afresh, as a new process would."""
    configure("", {})
    _next.clear()
    _barred.clear()
