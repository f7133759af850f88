"""The network guard: http/https only, and no address that is not global unless its host was allowed.

It works in the resolver of the process, so every connection of Scrapy passes it whatever a spider's settings say:
only checked addresses are handed on, and a name cannot point elsewhere between the check and the connection.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from zope.interface import implementer

from storage.errors import UserError

ALLOW = "ZAESUR_ALLOW_HOSTS"


class Refused(UserError):
    """A connection that the guard does not permit; nothing was sent."""


def allowed(host: str, port: int | None) -> bool:
    """Whether a host was allowed by name (``host`` or ``host:port``) though its address may not be global."""
    return _named(host, port, os.environ.get(ALLOW, ""))


@lru_cache(maxsize=256)  # asked ten times of each request
def _named(host: str, port: int | None, told: str) -> bool:
    name = host.lower().strip("[]").rstrip(".")
    entries = {entry.strip().lower() for entry in told.split(",") if entry.strip()}
    shown = f"[{name}]" if ":" in name else name
    return bool(entries & {name, shown, f"{shown}:{port}"})


@lru_cache(maxsize=256)
def check_form(url: str) -> tuple[str, int]:
    """Host and port of a URL that may be asked as far as its text tells. Raises Refused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused(f"{url}: not a usable URL ({error})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Refused(f"{url}: only http and https are asked")
    if parts.username or parts.password:
        raise Refused(f"{host}: a URL with a user name in it is not asked")
    return host, port


def check(url: str) -> list[str]:
    """The addresses under which a URL may be asked. Raises Refused; also for an unknown host."""
    host, port = check_form(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(f"{host}: unknown host") from None
    return check_addresses(host, port, [str(entry[4][0]) for entry in found])


def check_addresses(host: str, port: int | None, addresses: list[str]) -> list[str]:
    """The addresses, if all are global or the host was allowed. Raises Refused naming the first that is not."""
    if allowed(host, port):
        return addresses
    for address in addresses:
        if not is_global(address):
            raise Refused(
                f"{host}: its address {address} is not a public address; name the host in {ALLOW} if it is meant"
            )
    return addresses


_UNICAST = ipaddress.ip_network("2000::/3")  # all that has been given out of IPv6 (IANA)


def is_global(address: str) -> bool:
    """Whether an address is on the public internet, whatever it is wrapped in (IPv4 in IPv6, 6to4, NAT64, Teredo)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_global(str(inner))
        if (
            ip not in _UNICAST
        ):  # whatever else Python calls global: old site-local ones, other ways to write IPv4 in IPv6
            return False
    return ip.is_global and not ip.is_multicast


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing to cancel: a late answer is dropped by the endpoint."""


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves in the loop's own threads and hands on only addresses that may be asked."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        """As Scrapy makes it from TWISTED_DNS_RESOLVER."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Become the resolver of the process."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - the name is Twisted's
        self,
        resolutionReceiver: Any,  # noqa: N803 - same
        hostName: str,  # noqa: N803 - same
        portNumber: int = 0,  # noqa: N803 - same
        addressTypes: Any = None,  # noqa: N803 - same
        transportSemantics: str = "TCP",  # noqa: N803 - same
    ) -> IHostResolution:
        """Resolve a name; an unknown or refused one resolves to no address at all."""
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        task = asyncio.ensure_future(self._resolve(resolutionReceiver, hostName, portNumber))
        resolution.task = task  # type: ignore[attr-defined]  # keeps the task alive
        return resolution  # type: ignore[return-value]  # zope checks the interface, mypy cannot

    async def _resolve(self, receiver: Any, host: str, port: int) -> None:
        try:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = check_addresses(host, port, list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError, ValueError, Refused):
            addresses = []
        for address in addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


def self_test() -> None:
    """Fail loudly if the guard would let through what it exists for. Raises RuntimeError."""
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "0.0.0.0"):  # noqa: S104 - refused, not bound
        try:
            check_addresses("guard.invalid", 80, [address])
        except Refused:
            continue
        raise RuntimeError(f"the network guard let {address} through")
