"""The network guard for a whole process, whatever library connects: by Python's audit events, which none of them can go round.

For the process that hands messages to other people's libraries. It cannot be taken back, so it is for a process of its own.
What it cannot see: code that connects without Python's ``socket`` (a C library's own connections), and what a service at
the other end does with an address it is sent.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Any

from crawler.network import allowed, check_addresses, is_global

_RUNS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"})
_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")


class RefusedConnection(ConnectionError):
    """A connection that the guard does not permit; nothing was sent. A ConnectionError, so that libraries take it as one."""


def guard_process() -> list[str]:
    """From now on this process connects only to public addresses, and to hosts named in ZAESUR_ALLOW_HOSTS; runs nothing.

    Proxies from the environment are dropped: they would be asked to connect for us. Returns the list of refusals, which grows.
    """
    for name in [name for name in os.environ if name.lower() in _PROXIES]:
        del os.environ[name]
    refusals: list[str] = []
    named: set[str] = set()  # addresses of hosts that were allowed by name
    inside = threading.local()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _RUNS:
            refusals.append("a program was to be started, which is not allowed here")
            raise RefusedConnection(refusals[-1])
        if event == "socket.getaddrinfo" and not getattr(inside, "resolving", False):
            named.update(_named(str(arguments[0] or ""), arguments[1], inside))
        elif event in _CONNECTS and (problem := _refusal(arguments[1], named)):
            refusals.append(problem)
            raise RefusedConnection(problem)

    sys.addaudithook(watch)
    return refusals


def _named(host: str, port: Any, inside: threading.local) -> list[str]:
    """The addresses of a host that was allowed by name."""
    number = int(port) if str(port or "").isdigit() else None
    if not host or not allowed(host, number):
        return []
    inside.resolving = True
    try:
        return [f"{entry[4][0]} {number}" for entry in socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []
    finally:
        inside.resolving = False


def _refusal(address: Any, named: set[str]) -> str | None:
    """Why an address may not be connected to; ``None`` when it may."""
    if not isinstance(address, tuple):
        return "a connection inside this machine was to be made, which is not allowed here"
    host, port = str(address[0]), int(address[1])
    if f"{host} {port}" in named:
        return None
    try:
        if is_global(host):
            return None
        check_addresses(host, port, [host])
    except ValueError as error:
        return f"{host}: {error}"
    except Exception as error:
        return str(error)
    return None
