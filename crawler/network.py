"""Which addresses may be contacted: public ones, and hosts named in ZAESUR_ALLOW_HOSTS. Checked for every hop and kind."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred


class Refused(IgnoreRequest):
    """The address may not be contacted."""


def allowed_hosts() -> frozenset[str]:
    """Hosts (``host`` or ``host:port``) that may be contacted although their address is not public."""
    listed = os.environ.get("ZAESUR_ALLOW_HOSTS", "")
    return frozenset(name.strip().lower() for name in listed.split(",") if name.strip())


def is_allowed(url: str) -> bool:
    """Whether a URL's host was named, with or without its port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return bool({host, f"{host}:{port}", f"[{host}]:{port}"} & allowed_hosts())


def check(url: str) -> None:
    """Raise Refused unless this URL may be requested; names are checked again when they are resolved."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"only http and https are requested, not {parts.scheme or 'this'}:")
    if is_allowed(url):
        return
    if port is not None and not 0 < port < 65536:
        raise Refused("not a port")
    address = _literal(parts.hostname)
    if address and not _is_public(address):
        raise Refused(f"{parts.hostname} is not a public address; name it in ZAESUR_ALLOW_HOSTS to allow it")
    if parts.hostname.lower().rstrip(".") == "localhost" or parts.hostname.lower().rstrip(".").endswith(".localhost"):
        raise Refused(f"{parts.hostname} is this machine; name it in ZAESUR_ALLOW_HOSTS to allow it")


def _literal(host: str) -> str | None:
    """The address a host spells, also in the odd forms that resolvers accept (``127.1``, ``0x7f000001``)."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return bool(mapped.is_global and not mapped.is_multicast)


class GuardedResolver(CachingThreadedResolver):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """Resolves names, and refuses those that lead to an address that is not public."""

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Resolve ``name``; fails with Refused for an address that may not be contacted."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(_public_or_named, name)


def _public_or_named(address: str, name: str) -> str:
    named = {entry.rpartition(":")[0] or entry for entry in allowed_hosts()} | allowed_hosts()
    if not _is_public(address) and name.lower() not in named:
        raise Refused(f"{name} leads to {address}, which is not a public address")
    return address
