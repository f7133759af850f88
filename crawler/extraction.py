"""From a decoded page to what the article says. Pure; layouts are recognised from the page, never from the host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any

import msgspec
from lxml import etree

from crawler.body import OPTIONS, is_embed
from crawler.excerpt import excerpt
from crawler.layouts import dw_classic, dw_react, generic
from crawler.page import parse
from crawler.urls import article_id
from storage.types import Content

RULES = 4  # raised whenever a rule of ours changes what is read from the same page
# pages that are followed with headline and teaser alone: what they show is not text
_WORDLESS = ("av-", "video-", "audio-", "g-", "live-")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HOSTILE = (ValueError, AssertionError, LookupError, OverflowError, RecursionError, etree.LxmlError)
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "iframe"})


# why a reader that was started after an upgrade refuses to read in the name of the program that still runs
OUTDATED = "the program on the disk is another than the one that runs: start it again"


class Unreadable(Exception):
    """The page holds no article that can be read; the message says why."""


@cache
def fingerprint() -> str:
    """What made a text: our rules, the libraries' versions and the options they are called with."""
    libraries = " ".join(f"{name}/{version(name)}" for name in ("trafilatura", "lxml"))
    options = ",".join(f"{name}={value}" for name, value in sorted(OPTIONS.items()))
    return f"zaesur-extract/{RULES} {libraries} {options}"


class Page:
    """A page, as text or in UTF-8, cut to its excerpt; decoded and parsed once for all that is read from it."""

    def __init__(self, page: str | bytes) -> None:
        self._page = excerpt(page.encode("utf-8", "ignore") if isinstance(page, str) else page)

    @cached_property
    def text(self) -> str:
        """It as text, each byte without meaning as U+FFFD."""
        return self._page.decode("utf-8", "replace")

    @cached_property
    def root(self) -> etree._Element:
        """Its root element; raises what the parser raises over a hostile page."""
        return parse(self.text if "\ufffd" in self.text else self._page)


def extract(page: str | Page, url: str) -> Content:
    """What the article on this page says. Raises Unreadable when the page holds none."""
    kind = article_id(url) or ""
    page = Page(page) if isinstance(page, str) else page
    try:
        content = _read(page.root, page.text, kind.partition("-")[2])
    except _HOSTILE as error:
        raise Unreadable(f"not an HTML page: {error}") from None
    if not content.headline:
        raise Unreadable("no headline found")
    if not content.blocks and not (content.teaser and kind.startswith(_WORDLESS)):
        raise Unreadable("no text found")
    return _storable(content)


def standing_text(page: str | Page, *, furniture: bool = True) -> str:
    """All text that stands in the page's article (in the whole page where no article is marked); ``furniture``: embeds and boxes too."""
    try:
        root = (Page(page) if isinstance(page, str) else page).root
        article = next(iter(root.xpath("//article[.//h1]")), root)
        return " ".join(_standing(article, furniture))
    except _HOSTILE:
        return ""


def _standing(element: etree._Element, furniture: bool) -> Iterator[str]:
    """The text in an element, piece by piece; the tree stays as it is."""
    if element.text:
        yield element.text
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SILENT and (furniture or not is_embed(child)):
            yield from _standing(child, furniture)
        if child.tail:
            yield child.tail


def _read(root: etree._Element, page: str, number: str) -> Content:
    if dw_react.matches(root):
        return dw_react.read(root, page, number)
    if dw_classic.matches(root):
        return dw_classic.read(root, page, number)
    if number:
        raise Unreadable("the page is in none of the known article layouts")
    return generic.read(root, page)


def _storable(content: Content) -> Content:
    """The content without what no database or JSON can hold: control characters and halves of surrogate pairs."""
    return msgspec.convert(_scrubbed(msgspec.to_builtins(content)), Content) if _dirty(content) else content


def _dirty(content: Content) -> bool:
    texts = [
        content.headline,
        content.kicker,
        content.teaser,
        content.place,
        content.canonical_url,
        *(content.authors or ()),
    ]
    texts += [text for block in content.blocks for text in (block.text, block.image, *(block.links or ()))]
    return any(text and _UNSTORABLE.search(text) for text in texts)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, dict):
        return {name: _scrubbed(item) for name, item in value.items()}
    return [_scrubbed(item) for item in value] if isinstance(value, (list, tuple)) else value
