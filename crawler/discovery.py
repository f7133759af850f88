"""Reads feeds, sitemaps and section pages for article URLs. Pure.

A broken, cut or hostile source gives what could be read of it with ``complete=False``: never a reason to conclude
that an article is gone. Elements are matched by local name, because DW's namespace URIs changed three times.
"""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin, urlsplit

import msgspec
from lxml import etree, html

from crawler.page import check_tags
from crawler.urls import article_id, canonical, identify
from storage.errors import UserError
from storage.types import Article

LARGEST = 50 << 20  # bytes; the sitemap protocol's own limit
MOST = 50_000  # entries; the same
_CHUNK = 1 << 16
_ENTRIES = frozenset({"item", "entry", "url"})
_NUMBERED = re.compile(r"/(a|live|video|audio|g|av|e)-(\d{4,12})/?$")
_DATES = ("date", "pubdate", "publication_date", "published", "updated")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An article as a source names it; dates in ISO 8601 UTC, or a day where only a day is given.

    ``alternates`` are the same story's other languages, as sitemaps name them.
    """

    article: Article
    title: str | None = None
    published: str | None = None
    modified: str | None = None
    content_id: str | None = None
    alternates: tuple[Article, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a source said; ``sitemaps`` are further sources it names."""

    entries: tuple[Entry, ...] = ()
    sitemaps: tuple[str, ...] = ()
    complete: bool = True
    problem: str | None = None


def read_source(body: bytes, url: str) -> Reading:
    """Read a feed or sitemap, gzipped or not, or the links of an HTML page."""
    plain, problem = unpack(body)
    start = plain[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return _page(plain, url)
    return _xml(plain, url, problem)


def unpack(body: bytes) -> tuple[bytes, str | None]:
    """Undo gzip as far as it goes, within the limit; the second value says what was wrong."""
    if not body.startswith(b"\x1f\x8b"):
        return (body[:LARGEST], "larger than 50 MiB") if len(body) > LARGEST else (body, None)
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = bytearray()
    for start in range(0, len(body), 1024):
        try:
            plain += inflater.decompress(body[start : start + 1024], LARGEST + 1 - len(plain))
        except zlib.error as error:
            return bytes(plain), f"broken gzip: {error}"
        if len(plain) > LARGEST:
            return bytes(plain[:LARGEST]), "larger than 50 MiB"
        if inflater.eof:
            return bytes(plain), None
    return bytes(plain), "broken gzip: it ends early"


def _xml(plain: bytes, url: str, problem: str | None) -> Reading:
    if b"<!ENTITY" in plain[:_CHUNK]:
        problem = problem or "declares entities, which are not expanded"
    parser = etree.XMLPullParser(
        events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    entries: dict[str, Entry] = {}
    sitemaps: list[str] = []
    try:
        for start in range(0, len(plain), _CHUNK):
            parser.feed(plain[start : start + _CHUNK])
            _take(parser, url, entries, sitemaps)
            if len(entries) >= MOST:
                problem = problem or f"more than {MOST} entries"
                break
        else:
            parser.close()
    except etree.XMLSyntaxError as error:
        problem = problem or f"not well-formed: {error.msg}"
    # what was read before the fault still waits in the parser
    try:
        _take(parser, url, entries, sitemaps)
    except etree.XMLSyntaxError as error:
        problem = problem or f"not well-formed: {error.msg}"
    found = tuple(entries.values())
    return Reading(entries=found, sitemaps=tuple(sitemaps), complete=problem is None, problem=problem)


def _take(
    parser: etree.XMLPullParser[etree._Element], url: str, entries: dict[str, Entry], sitemaps: list[str]
) -> None:
    for _, element in parser.read_events():
        name = _local(element)
        if name == "sitemap" and (location := _joined(url, _fields(element).get("loc", ""))):
            sitemaps.append(location)
        elif name in _ENTRIES and len(entries) < MOST and (entry := _entry(element, url)):
            entries.setdefault(entry.article.id, entry)
        else:
            continue
        element.clear()


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _fields(element: etree._Element) -> dict[str, str]:
    """The texts below an entry by local name, the first of each name."""
    fields: dict[str, str] = {}
    for child in element.iterdescendants():
        name, text = _local(child), (child.text or "").strip()
        if name == "link" and not text and child.get("rel", "alternate") == "alternate" and not child.get("hreflang"):
            text = child.get("href", "")
        if text:
            fields.setdefault(name, text)
    return fields


def _entry(element: etree._Element, base: str) -> Entry | None:
    fields = _fields(element)
    link = fields.get("link") or fields.get("loc")
    if not link:
        return None
    article = _article(_joined(base, link), fields.get("language", ""), fields.get("title"))
    if article is None:
        return None
    return Entry(
        article=article,
        title=fields.get("title"),
        published=next((date for name in _DATES if (date := _date(fields.get(name)))), None),
        modified=_date(fields.get("lastmod") or fields.get("updated") or fields.get("modified")),
        content_id=fields.get("contentid"),
        alternates=_alternates(element, base, article.id),
    )


def _alternates(element: etree._Element, base: str, own: str) -> tuple[Article, ...]:
    """The other languages of a story; DW gives each a number of its own."""
    named = (
        _article(_joined(base, link.get("href", "")), "", None)
        for link in element.iterdescendants()
        if _local(link) == "link" and link.get("hreflang") and link.get("href")
    )
    return tuple({found.id: found for found in named if found and found.id != own}.values())


def _joined(base: str, link: str) -> str:
    """A link as an address; "" where it is none: one of them must not cost a source's other entries."""
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return ""


def _article(url: str, language: str, title: str | None) -> Article | None:
    try:
        article = identify(url)
    except UserError:
        article = None
    numbered = _NUMBERED.search(unquote(urlsplit(url).path))
    host = urlsplit(url).hostname or ""
    # DW's paths of before 2022 carry no language: only the feed tells it
    if numbered and not article_id(url) and re.search(r"(^|\.)dw\.(de|com)$", host):
        name = f"{numbered[1]}-{numbered[2]}"
        return Article(id=name, outlet="dw", url=canonical(url), language=language, headline=title)
    if article is None:
        return None
    told = article.language or language
    return Article(id=article.id, outlet=article.outlet, url=article.url, language=told, headline=title)


def _date(text: str | None) -> str | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError, OverflowError):
            return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OverflowError:  # the first or last hours of the calendar
        return None


def _page(plain: bytes, url: str) -> Reading:
    """The numbered articles a section page links to."""
    whole = b"</html" in plain[-4096:].lower()
    try:
        check_tags(plain)
        root = html.document_fromstring(plain)
    except (etree.ParserError, ValueError) as error:
        return Reading(complete=False, problem=f"not an HTML page: {error}")
    entries: dict[str, Entry] = {}
    for link in root.iter("a"):
        target = _joined(url, link.get("href", ""))
        article = _article(target, "", None) if article_id(target) else None
        if article and len(entries) < MOST:
            entries.setdefault(article.id, Entry(article=article))
    problem = None if whole else "incomplete page: it does not end with </html>"
    return Reading(entries=tuple(entries.values()), complete=whole, problem=problem)
