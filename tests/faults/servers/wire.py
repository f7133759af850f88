"""A server that can answer anything: raw bytes on a socket of loopback, over TCP and over TLS of every kind of certificate."""

from __future__ import annotations

import contextlib
import random
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.localsite import Site
from crawler.localsite.site import Published

_LARGEST = 64 << 10  # bytes of a request head
RESET = -1.0  # among the pieces of an answer: end the connection with a reset


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an answer is made from: the site, the article as it is now, its page as the next request would get it."""

    site: Site
    article: Published
    page: str
    base: str
    rng: random.Random


# the pieces that go over the wire, as they are; a number is a pause in seconds
Pieces = Iterable[bytes | float]
Answering = Callable[[Told], Pieces]


@dataclass
class Wire:
    """The site behind raw sockets; ``answering`` replaces its articles' answers, ``robots`` that of robots.txt."""

    site: Site
    number: int = 0
    rng: random.Random = field(default_factory=random.Random)
    answering: Answering | None = None
    robots: Answering | None = None
    bases: dict[str, str] = field(default_factory=dict)  # entrance -> scheme, host and port

    @contextlib.contextmanager
    def serving(self, certificates: Path) -> Iterator[None]:
        """Serve at every entrance: ``http``, ``https`` and one for each bad certificate or handshake."""
        from tests.faults.servers.certificates import contexts

        with contextlib.ExitStack() as stack:
            stack.enter_context(self._entrance("http", None))
            for name, context in contexts(certificates).items():
                stack.enter_context(self._entrance(name, context))
            stack.enter_context(self._entrance("handshake cut", None, _slam))
            self.bases["plain behind https"] = self.bases["http"].replace("http:", "https:")
            self.bases["tls behind http"] = self.bases["https"].replace("https:", "http:")
            with socket.create_server(("127.0.0.1", 0)) as free:
                closed = free.getsockname()[1]
            self.bases["refused"] = f"http://127.0.0.1:{closed}"
            self.site.base_url = self.bases["http"]
            yield

    @contextlib.contextmanager
    def _entrance(
        self, name: str, context: ssl.SSLContext | None, instead: Callable[[socket.socket], None] | None = None
    ) -> Iterator[None]:
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError, ssl.SSLError):
                    if instead is not None:
                        instead(self.request)
                    elif context is None:
                        wire._converse(self.request, wire.bases[name])
                    else:
                        with context.wrap_socket(self.request, server_side=True) as secured:
                            wire._converse(secured, wire.bases[name])

        server = _Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        scheme = "http" if context is None and instead is None else "https"
        self.bases[name] = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _converse(self, connection: socket.socket, base: str) -> None:
        """Read one request, answer it, end the connection."""
        connection.settimeout(20)
        request = b""
        while b"\r\n\r\n" not in request and len(request) < _LARGEST:
            received = connection.recv(4096)
            if not received:
                return
            request += received
        path = request.split(b" ", 2)[1].decode("latin-1")
        for piece in self._pieces(path, base):
            if isinstance(piece, bytes):
                connection.sendall(piece)
            elif piece == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            else:
                time.sleep(piece)

    def _pieces(self, path: str, base: str) -> Pieces:
        answering = self.robots if path == "/robots.txt" else self.answering
        if answering is not None and (path == "/robots.txt" or f"-{self.number}" in path):
            article = self.site.article(self.number)
            page = self.site.page(article)
            return answering(Told(site=self.site, article=article, page=page, base=base, rng=self.rng))
        answer = self.site.answer(path, {})
        more = [f"Location: {answer.location}"] if answer.location else []
        return http(answer.body, *more, status=str(answer.status), media=answer.media)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle of a broken answer is no news."""


def _slam(connection: socket.socket) -> None:
    connection.recv(64)


def http(
    body: bytes | str,
    *headers: str,
    status: str = "200 OK",
    media: str | None = "text/html; charset=utf-8",
    length: int | str | None = -1,
) -> list[bytes | float]:
    """A whole HTTP answer as pieces; ``length`` replaces the true one, ``None`` leaves it out."""
    plain = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return [head(*headers, status=status, media=media, length=len(plain) if length == -1 else length), plain]


def head(
    *headers: str,
    status: str = "200 OK",
    media: str | None = "text/html; charset=utf-8",
    length: int | str | None = None,
) -> bytes:
    """Status line and headers."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    lines += [f"Content-Type: {media}"] if media else []
    lines += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
