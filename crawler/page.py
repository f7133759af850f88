"""Small tools on a parsed page: text as published, metadata, embedded data. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lxml import etree

# ordinary white space is layout; no-break spaces and soft hyphens are the author's and stay
_WHITE = re.compile(r"[ \t\r\n\f\v]+")
_LAYOUT = ("  ", "\n", "\t", "\r", "\f", "\v")  # what tells that there is anything to fold
_ILLEGAL = bytes([*range(9), 11, 12, *range(14, 32), 127])
# what is drawn, run, played or pressed, wherever it stands
NO_TEXT = frozenset(
    {
        "script",
        "style",
        "svg",
        "noscript",
        "template",
        "iframe",
        "video",
        "audio",
        "form",
        "button",
        "select",
        "textarea",
    }
)
_BREAKS = frozenset(
    {"br", "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "h2", "h3", "h4", "blockquote", "section", "tr", "td", "th"}
)
_LONG_TAG = 2_000  # bytes from which a tag is looked at
_ATTRIBUTES = 500  # of different names that a tag may have; real ones have 26
_OPENING = re.compile(rb"<[a-zA-Z]")
_VALUE = re.compile(rb"=\s*(?:\"[^\"]*\"|'[^']*')")
_PROGRAM = re.compile(rb"<(script|style)\b[^<>]*>", re.IGNORECASE)
_DAY = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


def parse(page: str | bytes) -> etree._Element:
    """Parse a page, as text or in UTF-8; raises ValueError when nothing is left of it, or when parsing it would take hours."""
    page = page.encode("utf-8", "ignore") if isinstance(page, str) else page
    check_tags(page)
    # not lxml.html's own parser: its elements are looked up in Python one by one, a tenth of what reading a page takes
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False)
    root = etree.fromstring(page.translate(None, _ILLEGAL), parser)
    if root is None:
        raise ValueError("Document is empty")
    return root


def check_tags(page: bytes) -> None:
    """Raise ValueError where parsing would take hours: every attribute of a tag is compared with every other, and there may be 200,000."""
    # programs are full of "<" that begin no tag: they are left out where anything looks suspicious
    if _has_huge_tag(page) and _has_huge_tag(_without_programs(page)):
        raise ValueError("a tag with hundreds of attributes")


def _has_huge_tag(page: bytes) -> bool:
    # a name that stands there again is dropped by the parser, and costs nothing
    return any(len(set(_VALUE.sub(b"= ", _tag_in(piece)).split())) > _ATTRIBUTES for piece in _long_pieces(page))


def _tag_in(piece: bytes) -> bytes:
    """What a parser takes for a tag in a stretch up to ">"; empty in the text before a closing tag, and in comments.

    What holds no "<" may go on a tag in whose values a ">" stood.
    """
    if opening := _OPENING.search(piece):
        return piece[opening.end() :]
    return b"" if b"<" in piece or piece.endswith(b"--") else piece


def _without_programs(page: bytes) -> bytes:
    """The page without what stands in scripts and styles; looks for an end that never comes only once."""
    kept, at, begin, never, lower = [], 0, 0, set[bytes](), page.lower()
    while len(never) < 2 and (opening := _PROGRAM.search(page, at)):
        at, close = opening.end(), b"</" + opening[1].lower()
        end = -1 if close in never else lower.find(close, at)
        if end < 0:
            never.add(close)
            continue
        kept.append(page[begin:at])
        at = begin = end
    return b"".join([*kept, page[begin:]])


def _long_pieces(page: bytes) -> Iterator[bytes]:
    """The stretches without ">" that are longer than any tag should be; looks at a fraction of the page."""
    at = 0
    while len(page) - at > _LONG_TAG:
        if near := page.rfind(b">", at, at + _LONG_TAG + 1) + 1:
            at = near
            continue
        end = page.find(b">", at + _LONG_TAG)
        end = end if end >= 0 else len(page)
        yield page[at:end]
        at = end + 1


def fold(text: str) -> str:
    """Runs of ordinary white space are one space, ends trimmed (of no-break spaces too)."""
    if any(map(text.__contains__, _LAYOUT)):
        text = _WHITE.sub(" ", text)
    return text.strip(" \u00a0")


def text_of(element: etree._Element, *, without: tuple[str, ...] = ()) -> str:
    """An element's visible text; line breaks and blocks inside it are spaces."""
    return fold(raw_text(element, without=without))


def raw_text(element: etree._Element, *, without: tuple[str, ...] = ()) -> str:
    """An element's visible text before its white space is folded."""
    return "".join(_pieces(element, without))


def _pieces(element: etree._Element, without: tuple[str, ...]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in NO_TEXT and child.tag not in without:
            gap = " " if child.tag in _BREAKS else ""
            yield gap
            yield from _pieces(child, without)
            yield gap
        yield child.tail or ""


def classes(element: etree._Element) -> set[str]:
    """An element's classes."""
    named = element.get("class")
    return set(named.split()) if named else set()


def first(root: etree._Element, path: str) -> etree._Element | None:
    """The first element an XPath finds."""
    found = compiled(path)(root)
    return found[0] if isinstance(found, list) and found else None


@cache
def compiled(path: str) -> etree.XPath:
    """An XPath, ready to be asked of any element."""
    return etree.XPath(path)


def has_class(name: str) -> str:
    """An XPath condition: has exactly this class among its classes."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def meta(root: etree._Element, *names: str) -> str | None:
    """The first ``meta`` of these names (property or name) that says something."""
    values: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        if name in names:
            values.setdefault(name, fold(element.get("content") or element.get("value") or ""))
    return next((values[name] for name in names if values.get(name)), None)


def canonical_link(root: etree._Element) -> str | None:
    """The address the page itself says is its own."""
    told = next(iter(compiled("//link[@rel='canonical']/@href")(root)), None)
    return str(told) if told else meta(root, "og:url")


def language_editions(root: etree._Element, own: str) -> list[tuple[str, str]]:
    """Language and address of the same story's other editions, as the page's ``hreflang`` links name them."""
    found = {
        str(link.get("hreflang")): str(link.get("href"))
        for link in root.xpath("//link[contains(@rel, 'alternate')][@hreflang][starts-with(@href, 'http')]")
    }
    return sorted((code, url) for code, url in found.items() if code not in (own, "x-default"))


def linked_data(root: etree._Element) -> dict[str, Any]:
    """The page's JSON-LD object that describes an article, or ``{}``."""
    for script in root.iter("script"):
        if script.get("type") == "application/ld+json" and script.text:
            try:
                data = json.loads(script.text)
            except (ValueError, RecursionError):
                continue
            for item in _flat(data):
                if "Article" in str(item.get("@type")) or "Posting" in str(item.get("@type")):
                    return item
    return {}


def _flat(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        for item in data:
            yield from _flat(item)
    elif isinstance(data, dict):
        yield data
        yield from _flat(data.get("@graph", []))


def names(value: Any) -> tuple[str, ...]:
    """The names in a JSON-LD ``author``: an object, a text, or a list of either."""
    items = value if isinstance(value, list) else [value]
    found = (item.get("name") if isinstance(item, dict) else item for item in items)
    return tuple(fold(name) for name in found if isinstance(name, str) and fold(name))


def declared_time(value: object) -> str | None:
    """A declared time as ISO 8601: a UTC instant, or a date where only a day is given; ``None`` if neither."""
    text = str(value or "").strip()
    day = _DAY.fullmatch(text)
    if day:
        text = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= 10:
        return moment.date().isoformat()
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")
