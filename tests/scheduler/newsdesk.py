"""What the tests of notifications share: recorded changes of invented articles, and places where messages arrive."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from crawler.extraction import fingerprint
from scheduler.comparing import compare_owed
from storage import Store
from storage.types import Article, Block, BlockKind, Change, Content, Look

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def publish(
    path: Path, *texts: str, number: int = 71703301, headline: str = "Ein Dorf", language: str = "de"
) -> list[Change]:
    """Record the successive texts of an article, an hour apart, and compare them; the new changes."""
    article = Article(
        id=f"a-{number}", outlet="dw", url=f"https://www.dw.com/{language}/x/a-{number}", language=language
    )
    with Store.open(path) as store:
        seen = len(store.captures(article.id))
        for hour, text in enumerate(texts, seen):
            at = START + timedelta(hours=hour)
            blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=part) for part in text.split("\n"))
            content = Content(headline=headline, language=language, blocks=blocks)
            look = Look(
                requested_url=article.url,
                article=article,
                started=at,
                answered=at,
                status=200,
                body=f"{number} {hour}".encode(),
                content=content,
                fingerprint=fingerprint(),
            )
            store.record(look)
        return compare_owed(store)


def configure(folder: Path, text: str) -> Path:
    """Write a configuration beside the database."""
    path = folder / "zaesur.toml"
    path.write_text(text, encoding="utf-8")
    return path


def zaesur(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "scheduler", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ZAESUR_DB": "z.db", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class Mailbox:
    """A mail server on loopback; ``accepted`` is called after each mail was taken and before that is confirmed."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    accepted: Any = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        """Take a mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        if self.accepted:
            self.accepted()
        return "250 taken"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A running mail server."""
    box = Mailbox()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0))
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class Posts:
    """A web server on loopback that takes what is posted."""

    port: int = 0
    status: int = 204
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    accepted: Any = None

    @property
    def payloads(self) -> list[dict[str, Any]]:
        """What was posted, as data."""
        return [json.loads(body) for _, _, body in self.requests]


@contextmanager
def posts() -> Iterator[Posts]:
    """A running web server."""
    taken = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken.requests.append((self.path, headers, body))
            if taken.accepted:
                taken.accepted()
            self.send_response(taken.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    taken.port = server.server_port
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
