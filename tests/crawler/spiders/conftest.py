"""A small server whose paths are behaviours, and an environment that lets it be asked."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawler import politeness
from storage import Store

TEXT = "".join(f"<p>Paragraph {n} says something of its own about the harbour of Kiel.</p>" for n in range(1, 9))
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>The harbour</title>"
    "<meta property='og:title' content='The harbour'><meta property='og:type' content='article'></head>"
    f"<body><article><h1>The harbour</h1>{TEXT}</article></body></html>"
)
SLOW = 0.3  # seconds until the path of this name answers
RSS = """<?xml version="1.0"?><rss version="2.0"><channel>
<item><title>One</title><link>{base}/en/one/a-71000001?maca=x</link><pubDate>Mon, 24 Feb 2025 13:05:00 GMT</pubDate></item>
<item><title>Two</title><link>{base}/en/two/a-71000002</link></item>
</channel></rss>"""


class Site(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        """Look the path up among the behaviours."""
        self.server.asked.append((self.path, dict(self.headers)))
        if self.path == "/slow":
            threading.Event().wait(SLOW)
        status, headers, body = self.server.answers.get(self.path, (404, {}, b"no"))
        if self.headers.get("If-None-Match") and self.headers["If-None-Match"] == headers.get("ETag"):
            status, body = 304, b""
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    """A server on loopback with its behaviours and what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Site)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.base = f"http://127.0.0.1:{self.server_port}"
        page = PAGE.encode()
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {
            "/story": (200, {"ETag": '"one"'}, page),
            "/packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(page)),
            "/cut": (200, {"Content-Length": str(len(page) + 100)}, page),
            "/moved": (301, {"Location": "/story"}, b""),
            "/loop": (302, {"Location": "/loop"}, b""),
            "/inward": (302, {"Location": "http://localhost:9/secret"}, b""),
            "/gone": (410, {}, b"gone"),
            "/busy": (429, {"Retry-After": "3600"}, b"slow down"),
            "/slow": (429, {"Retry-After": "3600"}, b"slow down"),
            "/feed": (200, {"Content-Type": "application/xml"}, RSS.format(base=self.base).encode()),
        }


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, allowed by host and port, asked without a pause."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", f"127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    politeness.forget()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "look.db") as opened:
        yield opened
