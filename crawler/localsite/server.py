"""The site over HTTP or HTTPS on loopback."""

from __future__ import annotations

import contextlib
import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import brotli
import zstandard

from crawler.localsite.behaviours import Answer, Asked

if TYPE_CHECKING:
    from crawler.localsite.site import Site

# what the site packs its pages with, the one it likes best first
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 6),
    "br": lambda body: bytes(brotli.compress(body, quality=4)),
    "zstd": lambda body: zstandard.compress(body),
}


@contextlib.contextmanager
def serving(site: Site, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a site on loopback until the block ends; gives the base URL, which becomes the site's."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(site))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.base_url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    try:
        yield site.base_url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def coding(accepted: str) -> str | None:
    """The content coding that an Accept-Encoding header allows and we like best; ``None`` for none (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for each in accepted.lower().split(","):
        name, _, told = each.strip().partition(";")
        try:
            weights[name.strip()] = float(told.strip().removeprefix("q=")) if told else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    known = {name: weights.get(name, weights.get("*", 0.0)) for name in PACKERS}
    best = max(known, key=lambda name: known[name])
    return best if known[best] > 0 and known[best] >= weights.get("identity", 0.0) else None


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body waits 40 ms for the headers to be acknowledged

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = site.answer(self.path, headers)
            site.requests.append(Asked(path=self.path, status=answer.status, headers=headers, at=time.monotonic()))
            with contextlib.suppress(ConnectionError):
                self._send(answer, headers.get("accept-encoding", ""))

        do_HEAD = do_GET  # noqa: N815 - the name is the library's

        def _send(self, answer: Answer, accepted: str) -> None:
            time.sleep(answer.wait)
            body, coded = answer.body, answer.coding
            page = bool(body) and answer.media.startswith("text/html")
            if coded is None and page and not answer.length and (coded := coding(accepted)):
                body = PACKERS[coded](body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.location:
                self.send_header("Location", answer.location)
            if coded:
                self.send_header("Content-Encoding", coded)
            if page:
                self.send_header("Vary", "Accept-Encoding")
            if answer.status != 304:
                self.send_header("Content-Type", answer.media)
                self.send_header("Content-Length", str(answer.length or len(body)))
            if answer.length:
                self.close_connection = True
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
