"""The site over HTTP on loopback: articles that are published, revised, moved and removed, and servers that misbehave."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

import brotli
import zstandard

from crawler.localsite.rendering import Page, render
from crawler.urls import article_id
from storage.types import Content


@dataclass(frozen=True, kw_only=True)
class Published:
    """An article as the site has it now."""

    content: Content
    number: int
    slug: str
    kind: str
    published: datetime
    modified: datetime
    layout: str
    removed: int | None = None

    @property
    def path(self) -> str:
        """Its current address."""
        return f"/{self.content.language or 'de'}/{self.slug}/{self.kind}-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as the server saw it."""

    path: str
    status: int
    headers: dict[str, str]
    at: float


@dataclass
class Site:
    """A small Deutsche Welle. ``seed`` fixes the noise, ``noise`` switches it, ``validators`` the ETag and 304."""

    seed: int = 0
    noise: bool = True
    layout: str = "dw-2026"
    validators: bool = False
    robots: str | int = "User-agent: *\nAllow: /\n"
    requests: list[Asked] = field(default_factory=list)
    truth: list[tuple[str, int, Content | None]] = field(default_factory=list)
    base_url: str = "http://localhost"
    _articles: dict[int, Published] = field(default_factory=dict)
    _behaviours: dict[int, str] = field(default_factory=dict)
    _count: int = 0

    def publish(
        self, content: Content, *, number: int, slug: str, kind: str = "a", published: datetime | None = None
    ) -> str:
        """Put an article on the site; returns its path."""
        at = published or datetime(2025, 2, 24, 12, 0, tzinfo=UTC)
        article = Published(
            content=content, number=number, slug=slug, kind=kind, published=at, modified=at, layout=self.layout
        )
        self._articles[number] = article
        self.truth.append(("publish", number, content))
        return quote(article.path)

    def revise(self, number: int, content: Content, *, slug: str | None = None, touch: bool = True) -> str:
        """Edit an article; ``touch`` moves the declared modification time. Returns its path."""
        article = self._articles[number]
        modified = datetime.now(UTC) if touch else article.modified
        article = replace(article, content=content, slug=slug or article.slug, modified=modified)
        self._articles[number] = article
        self.truth.append(("revise", number, content))
        return quote(article.path)

    def article(self, number: int) -> Published:
        """An article as it stands now."""
        return self._articles[number]

    def remove(self, number: int, status: int = 404) -> None:
        """Take an article off the site."""
        self._articles[number] = replace(self._articles[number], removed=status)
        self.truth.append(("remove", number, None))

    def restore(self, number: int) -> None:
        """Put it back."""
        self._articles[number] = replace(self._articles[number], removed=None)

    def relayout(self, layout: str) -> None:
        """A relaunch: every page in another layout."""
        self._articles = {number: replace(article, layout=layout) for number, article in self._articles.items()}

    def misbehave(self, number: int, behaviour: str | None) -> None:
        """From now on answer for this article as ``BEHAVIOURS`` names it; ``None`` ends that."""
        if behaviour is None:
            self._behaviours.pop(number, None)
        else:
            self._behaviours[number] = BEHAVIOURS[behaviour] and behaviour

    @contextlib.contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Serve on loopback; gives the base URL."""
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.base_url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self.base_url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def page(self, article: Published) -> str:
        """An article's page as the next request gets it."""
        self._count += 1
        noise = random.Random(f"{self.seed}-{self._count}") if self.noise else None  # noqa: S311 - noise, not secrets
        return render(
            Page(
                content=article.content,
                number=article.number,
                url=f"{self.base_url}{quote(article.path)}",
                published=article.published,
                modified=article.modified,
                layout=article.layout,
                kind=article.kind,
                noise=noise,
                # an editor placed them: they stand where they stood at the last request
                embeds=random.Random(article.number) if self.noise else None,  # noqa: S311
            )
        )

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """What the site says to a request."""
        name = article_id(f"{self.base_url}{path}")
        if name:
            return self._article(int(name.rpartition("-")[2]), path, headers)
        plain = unquote(path).partition("?")[0]
        if plain == "/robots.txt":
            text = self.robots if isinstance(self.robots, str) else ""
            status = 200 if isinstance(self.robots, str) else self.robots
            return Answer(status=status, body=text.encode(), media="text/plain")
        if plain in ("/rdf/rss-de-all", "/xml/rss-de-all"):
            return Answer(body=self._feed(rdf="rdf" in plain).encode(), media="application/xml")
        if plain.endswith("-sitemap.xml"):
            return Answer(body=self._sitemap().encode(), media="application/xml")
        if plain == "/sitemap.xml.gz":
            return Answer(body=gzip.compress(self._sitemap().encode()), media="application/gzip")
        if "/s-" in plain:
            links = "".join(f'<a href="{quote(a.path)}">{escape(a.content.headline or "")}</a>' for a in self._listed())
            return Answer(body=f"<!doctype html><html><body>{links}</body></html>".encode())
        return Answer(status=404, body=_shell("404 - Seite nicht gefunden").encode())

    def _article(self, number: int, path: str, headers: dict[str, str]) -> Answer:
        article = self._articles.get(number)
        if article is None:
            return Answer(status=404, body=_shell("404 - Seite nicht gefunden").encode())
        if article.removed:
            return Answer(status=article.removed, body=_shell(f"Error {article.removed}").encode())
        # a server that misbehaves answers in full: a 304 would hide the fault
        answer = self._validated(article, {} if number in self._behaviours else headers)
        if unquote(path).partition("?")[0] != article.path and number not in self._behaviours:
            return Answer(status=301, location=quote(article.path))
        behaviour = self._behaviours.get(number)
        return BEHAVIOURS[behaviour](self, article, answer) if behaviour else answer

    def _validated(self, article: Published, headers: dict[str, str]) -> Answer:
        tag = f'"{hashlib.sha256(repr((article.content, article.modified)).encode()).hexdigest()[:16]}"'
        known = (
            {"ETag": tag, "Last-Modified": format_datetime(article.modified, usegmt=True)} if self.validators else {}
        )
        if known and headers.get("if-none-match") == tag:
            return Answer(status=304, headers=known)
        return Answer(body=self.page(article).encode(), headers=known)

    def _listed(self) -> list[Published]:
        return [article for article in self._articles.values() if not article.removed]

    def _feed(self, *, rdf: bool) -> str:
        items = "".join(
            f"<item><title>{escape(a.content.headline or '')}</title><link>{self.base_url}{quote(a.path)}?maca=de-rss</link>"
            f"<dc:date>{a.published.isoformat()}</dc:date><dc:language>{a.content.language}</dc:language>"
            f"<dwsyn:contentID>{a.number}</dwsyn:contentID></item>"
            for a in self._listed()
        )
        spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dwsyn="http://rss.dw.com/syndication/dwsyn/"'
        if rdf:
            space = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
            return f'<?xml version="1.0" encoding="UTF-8"?><rdf:RDF {space} {spaces}><channel><title>DW</title></channel>{items}</rdf:RDF>'
        return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {spaces}><channel><title>DW</title>{items}</channel></rss>'

    def _sitemap(self) -> str:
        urls = "".join(
            f"<url><loc>{self.base_url}{quote(a.path)}</loc><lastmod>{a.modified.isoformat()}</lastmod></url>"
            for a in self._listed()
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes over the wire; ``coding`` is set when the body is coded already, ``length`` when the header shall lie."""

    status: int = 200
    body: bytes = b""
    media: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    coding: str | None = None
    length: int | None = None
    wait: float = 0.0


def _shell(title: str) -> str:
    return f"<!doctype html><html lang='de'><head><title>{title}</title></head><body><h1>{title}</h1><p>{title}</p></body></html>"


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _broken_crc(body: bytes) -> bytes:
    packed = bytearray(gzip.compress(body))
    packed[-5] ^= 0xFF
    return bytes(packed)


# one line a behaviour: what the server does instead of answering well
BEHAVIOURS: dict[str, Any] = {
    **{f"status-{code}": lambda s, a, r, code=code: Answer(status=code, body=_shell(f"Error {code}").encode()) for code in (401, 403, 500, 502, 503)},
    "rate-limited": lambda s, a, r: Answer(status=429, body=b"slow down", headers={"Retry-After": "120"}),
    "consent": lambda s, a, r: Answer(body=_shell("Wir verwenden Cookies. Stimmen Sie zu?").encode()),
    "challenge": lambda s, a, r: Answer(body=_shell("Just a moment...").encode(), headers={"cf-mitigated": "challenge"}),
    "maintenance": lambda s, a, r: Answer(body=_shell("Wartungsarbeiten").encode()),
    "soft-404": lambda s, a, r: Answer(body=_shell("404 - Seite nicht gefunden").encode()),
    "empty": lambda s, a, r: Answer(body=b""),
    "binary": lambda s, a, r: Answer(body=bytes(range(256)) * 40, media="application/octet-stream"),
    "no-end": lambda s, a, r: replace(r, body=r.body[: int(len(r.body) * 0.7)]),
    "cut": lambda s, a, r: replace(r, body=_half(r.body), length=len(r.body)),
    "half-gzip": lambda s, a, r: replace(r, body=_half(gzip.compress(r.body)), coding="gzip"),
    "bad-crc": lambda s, a, r: replace(r, body=_broken_crc(r.body), coding="gzip"),
    "half-br": lambda s, a, r: replace(r, body=_half(brotli.compress(r.body)), coding="br"),
    "half-zstd": lambda s, a, r: replace(r, body=_half(zstandard.compress(r.body)), coding="zstd"),
    "wrong-article": lambda s, a, r: replace(r, body=r.body.replace(str(a.number).encode(), b"99999999")),
    "loop": lambda s, a, r: Answer(status=302, location=quote(a.path)),
    "home": lambda s, a, r: Answer(status=302, location="/"),
    "other-scheme": lambda s, a, r: Answer(status=302, location="file:///etc/hostname"),
    "slow": lambda s, a, r: replace(r, wait=5.0),
    "shortened": lambda s, a, r: replace(r, body=s.page(replace(a, content=replace(a.content, blocks=a.content.blocks[:3]))).encode()),
}  # fmt: skip


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = site.answer(self.path, headers)
            site.requests.append(Asked(path=self.path, status=answer.status, headers=headers, at=time.monotonic()))
            with contextlib.suppress(ConnectionError):
                self._send(answer, headers.get("accept-encoding", ""))

        def _send(self, answer: Answer, accepted: str) -> None:
            time.sleep(answer.wait)
            body, coding = answer.body, answer.coding
            if coding is None and "gzip" in accepted and body and answer.media.startswith("text/html"):
                body, coding = gzip.compress(body, 6), "gzip"
                if answer.length:
                    coding, body = None, answer.body
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.location:
                self.send_header("Location", answer.location)
            if coding:
                self.send_header("Content-Encoding", coding)
            if answer.status != 304:
                self.send_header("Content-Type", answer.media)
                self.send_header("Content-Length", str(answer.length or len(body)))
            if answer.length:
                self.close_connection = True
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
