"""The one way out beside the spiders: guarded, bounded, no redirects, the checked address is the one connected to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crawler.network import Refused
from crawler.outgoing import Unsent, send


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A listener on loopback that answers each connection; gives its port and what was sent to it."""
    server = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                heard.append(asked(connection))
                try:
                    answer(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def asked(connection: socket.socket) -> bytes:
    text = b""
    while b"\r\n\r\n" not in text or (b"Content-Length: 2" in text and not text.endswith(b"{}")):
        text += connection.recv(65536)
    return text


def said(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


@pytest.fixture
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", "127.0.0.1")


@pytest.mark.usefixtures("_allowed")
def test_a_request_is_sent_as_given_and_its_answer_returned() -> None:
    with listening(said(b"HTTP/1.1 202 Accepted\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\nok")) as (port, heard):
        reply = send(f"http://127.0.0.1:{port}/hook?ref=ü", b"{}", headers={"Content-Type": "application/json"})
    assert (reply.status, reply.headers["x-id"], reply.body) == (202, "7", b"ok")
    assert heard[0].startswith(b"POST /hook?ref=%C3%BC HTTP/1.1\r\n")
    assert heard[0].endswith(b"\r\n\r\n{}")


@pytest.mark.usefixtures("_allowed")
def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with listening(said(moved)) as (port, heard):
        assert send(f"http://127.0.0.1:{port}/hook").status == 302
    assert len(heard) == 1


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X")
        if threading.Event().wait(0.05):
            return


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (drip, "no complete answer in 0.4 s"),
        (said(b""), "closed"),
        (said(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), "ended early"),
        (said(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2000), "larger than 1000"),
    ],
)
def test_an_answer_that_is_late_cut_or_too_large_is_none(answer: Any, why: str) -> None:
    with listening(answer) as (port, _), pytest.raises(Unsent, match=why):
        send(f"http://127.0.0.1:{port}/hook", b"{}", deadline=0.4, largest=1000)


def test_an_address_that_is_not_public_is_not_connected_to() -> None:
    with listening(said(b"HTTP/1.1 200 OK\r\n\r\n")) as (port, heard):
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"):
            with pytest.raises(Refused):
                send(f"http://{host}:{port}/hook", b"{}")
    assert not heard


def test_a_name_that_points_elsewhere_after_the_check_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the second answer of the resolver would be loopback; there is no second question."""
    answers = iter(["192.0.0.9", "127.0.0.1"])  # the first is public, and nothing is there
    connected: list[Any] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: Any, timeout: float | None = None) -> socket.socket:
        connected.append(address)
        raise OSError("unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unsent, match="unreachable"):
        send("http://rebinding.example/hook", b"{}")
    assert connected == [("192.0.0.9", 80)]
