"""Read sources of new articles: RDF, RSS, Atom, sitemaps, section pages. Pure; broken sources give what can be read of them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html

from crawler.page import fold
from crawler.urls import article_id, canonical, identify, language
from storage.errors import UserError
from storage.types import Article

_MAX = 20 << 20  # bytes of XML, decoded
_ENTRIES = frozenset({"item", "entry", "url", "sitemap"})
_DATES = ("date", "pubDate", "published", "updated", "publication_date", "lastmod")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a source says of one article; ``modified`` and ``published`` as written there."""

    article: Article
    published: str | None = None
    content_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A source as read: its articles, the sitemaps it points to, and whether it could be read to its end."""

    entries: tuple[Entry, ...]
    sitemaps: tuple[str, ...] = ()
    complete: bool = True


def read_source(body: bytes, base_url: str) -> Reading:
    """Read whatever a source is, by what it looks like. A cut or hostile one is incomplete, never an error."""
    data = _inflated(body)
    start = data[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Reading(entries=tuple(_links(data, base_url)))
    return _xml(data)


def _inflated(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body[:_MAX]
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            return stream.read(_MAX)
    except (OSError, EOFError, zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _MAX)


def _xml(data: bytes) -> Reading:
    entries: list[Entry] = []
    sitemaps: list[str] = []
    complete = True
    # entities are never expanded, so neither bombs nor local files come in
    events = etree.iterparse(
        io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        for _, element in events:
            if _local(element) in _ENTRIES:
                _take(element, entries, sitemaps)
                element.clear()
    except (etree.XMLSyntaxError, LookupError):
        complete = False
    return Reading(entries=tuple(entries), sitemaps=tuple(sitemaps), complete=complete)


def _take(element: etree._Element, entries: list[Entry], sitemaps: list[str]) -> None:
    # by local name: DW changed its feeds' namespace addresses three times
    values = {_local(child): fold("".join(child.itertext())) for child in element.iter() if child is not element}
    link = values.get("link") or values.get("loc") or values.get("guid") or ""
    if not link:
        link = next((child.get("href", "") for child in element.iter() if _local(child) == "link"), "")
    if _local(element) == "sitemap":
        sitemaps.append(values.get("loc", ""))
    elif entry := _entry(link, values):
        entries.append(entry)


def _entry(link: str, values: dict[str, str]) -> Entry | None:
    try:
        article = identify(link)
    except UserError:
        return None
    if article_id(link) is None:
        return None
    told = values.get("language", "").split("-")[0]
    article = Article(
        id=article.id,
        outlet=article.outlet,
        url=article.url,
        language=article.language or told,
        headline=values.get("title") or None,
    )
    published = next((values[name] for name in _DATES if values.get(name)), None)
    return Entry(article=article, published=published, content_id=values.get("contentID"))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _links(data: bytes, base_url: str) -> Iterator[Entry]:
    """The articles a section page links to."""
    root = html.document_fromstring(data, base_url=base_url)
    root.make_links_absolute(base_url, handle_failures="ignore")
    seen: set[str] = set()
    for link in root.iter("a"):
        name = article_id(link.get("href", ""))
        if name and name not in seen:
            seen.add(name)
            url = canonical(link.get("href", ""))
            headline = fold(link.text_content()) or None
            yield Entry(article=Article(id=name, outlet="dw", url=url, language=language(url), headline=headline))
