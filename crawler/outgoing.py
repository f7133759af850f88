"""``send``: the one way out for everything that is no look at a page, such as webhooks and time stamps.

It passes the same guard as the spiders: http and https only, no address that is not public unless its host was allowed
by name, certificates verified. The address that was checked is the one connected to, so a name cannot point elsewhere in
between. No redirect is followed, no proxy of the environment used, no cookie kept.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote, urlsplit

import msgspec

from crawler.network import check, check_form
from storage.errors import ZaesurError

DEADLINE = 10.0  # seconds from connecting to the last byte of the answer
LARGEST = 1 << 20  # bytes of an answer that are read


class Unsent(ZaesurError):
    """There was no complete answer; the message says why. The other side may or may not have got the request."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side answered; header names in lower case, ``body`` never more than asked for."""

    status: int
    headers: dict[str, str]
    body: bytes


def send(
    url: str,
    body: bytes | None = None,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    deadline: float = DEADLINE,
    largest: int = LARGEST,
    trust: ssl.SSLContext | None = None,
) -> Reply:
    """Make one request and return the answer, whatever its status. Blocks: call it from a thread.

    Raises Refused (of ``crawler.network``, a UserError) when the guard does not permit the address, and Unsent when no
    complete answer came within ``deadline`` seconds. ``trust`` replaces the system's certificates.
    """
    host, port = check_form(url)
    address = check(url)[0]
    connection = http.client.HTTPConnection(host, port)
    late = threading.Event()
    try:
        with socket.create_connection((address, port), timeout=deadline) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secured = plain if urlsplit(url).scheme == "http" else _secured(plain, host, trust)
            connection.sock = secured
            timer = threading.Timer(deadline, _end, (secured, late))
            timer.daemon = True
            timer.start()
            try:
                reply = _exchange(connection, method, _target(url), body, headers or {}, largest)
            finally:
                timer.cancel()
                secured.close()
        if late.is_set():  # http.client takes headers that end early for whole
            raise TimeoutError
        return reply
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise Unsent(f"{host}: no complete answer in {deadline:g} s") from None
        raise Unsent(f"{host}: {' '.join(str(error).split()) or type(error).__name__}"[:300]) from None


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes | None,
    headers: Mapping[str, str],
    largest: int,
) -> Reply:
    connection.request(method, target, body=body, headers={"Connection": "close", **headers})
    response = connection.getresponse()
    said = response.read(largest + 1)
    if len(said) > largest:
        raise ValueError(f"the answer is larger than {largest} bytes")
    if response.length:
        raise ValueError("incomplete transfer: the connection ended early")
    return Reply(status=response.status, headers={n.lower(): v for n, v in response.getheaders()}, body=said)


def _target(url: str) -> str:
    parts = urlsplit(url)
    told = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return quote(told, safe="/%:@!$&'()*+,;=-._~?")


def _secured(plain: socket.socket, host: str, trust: ssl.SSLContext | None) -> ssl.SSLSocket:
    context = trust or ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context.wrap_socket(plain, server_hostname=host)


def _end(connection: socket.socket, late: threading.Event) -> None:
    """Cut a connection whose time is up; whoever reads from it sees its end."""
    late.set()
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
