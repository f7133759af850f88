"""The site over HTTP on loopback: articles that are published, revised, moved and removed, and servers that misbehave."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import random
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from urllib.parse import quote, unquote

import msgspec
from msgspec.structs import replace

from crawler.localsite import server
from crawler.localsite.behaviours import BEHAVIOURS, Answer, Asked, shell
from crawler.localsite.rendering import Page, jittered, render
from crawler.urls import article_id
from storage.types import Content


class Published(msgspec.Struct, frozen=True, kw_only=True):
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


@dataclass
class Site:
    """A small Deutsche Welle. ``seed`` fixes the noise, ``noise`` switches it, ``validators`` the ETag and 304.

    ``jitter``: tags are written otherwise with each request. ``deploy``: hashed classes stay until this number changes.
    """

    seed: int = 0
    noise: bool = True
    layout: str = "dw-2026"
    validators: bool = False
    jitter: bool = False
    deploy: int | None = None
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
    def serving(self, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        """Serve on loopback, with ``tls`` over HTTPS; gives the base URL."""
        with server.serving(self, port, tls) as base_url:
            yield base_url

    def page(self, article: Published) -> str:
        """An article's page as the next request gets it."""
        self._count += 1
        noise = random.Random(f"{self.seed}-{self._count}") if self.noise else None  # noqa: S311 - noise, not secrets
        page = render(
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
                deploy=self.deploy,
            )
        )
        return jittered(page, noise) if noise and self.jitter else page

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
        if plain == "/":
            return Answer(body=self._links("DW").encode())
        if plain == "/atom.xml":
            return Answer(body=self._atom().encode(), media="application/atom+xml")
        if plain == "/sitemap_index.xml":
            return Answer(body=self._sitemaps().encode(), media="application/xml")
        if plain in ("/rdf/rss-de-all", "/xml/rss-de-all"):
            return self._source(self._feed(rdf="rdf" in plain), headers)
        if plain.endswith("-sitemap.xml"):
            return self._source(self._sitemap(), headers)
        if plain == "/sitemap.xml.gz":
            return Answer(body=gzip.compress(self._sitemap().encode()), media="application/gzip")
        if "/s-" in plain:
            return Answer(body=self._links("Themen").encode())
        return Answer(status=404, body=shell("404 - Seite nicht gefunden").encode())

    def _article(self, number: int, path: str, headers: dict[str, str]) -> Answer:
        article = self._articles.get(number)
        if article is None:
            return Answer(status=404, body=shell("404 - Seite nicht gefunden").encode())
        if article.removed:
            return Answer(status=article.removed, body=shell(f"Error {article.removed}").encode())
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
        if known and _same(headers, tag, article.modified):
            return Answer(status=304, headers=known)
        return Answer(body=self.page(article).encode(), headers=known)

    def _source(self, text: str, headers: dict[str, str]) -> Answer:
        known = {"ETag": f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'} if self.validators else {}
        if known and headers.get("if-none-match") == known["ETag"]:
            return Answer(status=304, headers=known)
        return Answer(body=text.encode(), media="application/xml", headers=known)

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

    def _links(self, title: str) -> str:
        """A page that only leads to articles."""
        links = "".join(f'<a href="{quote(a.path)}">{escape(a.content.headline or "")}</a>' for a in self._listed())
        return f"<!doctype html><html lang='de'><head><title>{title}</title></head><body>{links}</body></html>"

    def _atom(self) -> str:
        entries = "".join(
            f"<entry><id>tag:localhost,2025:{a.number}</id><title>{escape(a.content.headline or '')}</title>"
            f'<link rel="alternate" href="{self.base_url}{quote(a.path)}"/><published>{a.published.isoformat()}</published>'
            f"<updated>{a.modified.isoformat()}</updated></entry>"
            for a in self._listed()
        )
        newest = max((a.modified for a in self._listed()), default=datetime(2025, 1, 1, tzinfo=UTC))
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>{self.base_url}/</id>'
            f"<title>DW</title><updated>{newest.isoformat()}</updated>{entries}</feed>"
        )

    def _sitemaps(self) -> str:
        languages = sorted({a.content.language or "de" for a in self._listed()})
        maps = "".join(
            f"<sitemap><loc>{self.base_url}/{code}/article-sitemap.xml</loc></sitemap>" for code in languages
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'

    def _sitemap(self) -> str:
        urls = "".join(
            f"<url><loc>{self.base_url}{quote(a.path)}</loc><lastmod>{a.modified.isoformat()}</lastmod></url>"
            for a in self._listed()
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def _same(headers: dict[str, str], tag: str, modified: datetime) -> bool:
    """Whether a conditional request names what the site has now; a tag decides before a date (RFC 9110, section 13.2.2)."""
    if told := headers.get("if-none-match"):
        return tag in [each.strip().removeprefix("W/") for each in told.split(",")]
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(headers.get("if-modified-since", ""))
    except (TypeError, ValueError):
        return False
