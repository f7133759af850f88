"""dw.com since June 2023: React pages, told apart by their class names; never selects on hashed classes."""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import etree

from crawler.body import captions, mark_notes, read_body
from crawler.layouts.live import posts
from crawler.page import (
    canonical_link,
    classes,
    compiled,
    declared_time,
    first,
    fold,
    has_class,
    linked_data,
    meta,
    names,
    text_of,
)
from storage.types import Block, Content

_WINDOW = "window.__"
_STATE = re.compile(r"window\.__(?:APOLLO|APP)_STATE__\s*(?:\[[^\]]*\])?\s*=\s*")
_BODY = f".//*[@data-tracking-name='rich-text'] | .//*[{has_class('rich-text')}]"
_KICKER = ".//*[@data-tracking-name='content-detail-kicker']"
_TEASER = f".//p[{has_class('teaser-text')}]"
_PLACE = f".//*[{has_class('extra-info')}]"
_AUTHOR = f".//*[{has_class('author-details')}]//*[{has_class('author-link')} or {has_class('author')}]"


def matches(root: etree._Element) -> bool:
    """Whether this is an article page of the React era (or one of its video, audio, gallery and live blog pages)."""
    article = _article(root)
    return article is not None and (first(article, _KICKER) is not None or first(article, _BODY) is not None)


def _article(root: etree._Element) -> etree._Element | None:
    article = first(root, "//article[.//h1]")
    return first(root, f"//main[.//h1 and {_KICKER}]") if article is None else article


def read(root: etree._Element, page: str, number: str) -> Content:
    """Read the article; fields from the embedded state, then JSON-LD, then the visible header."""
    article = _article(root)
    assert article is not None, "read only after matches"  # noqa: S101 - for the type checker
    header = first(article, ".//header")
    header = article if header is None else header
    store = embedded_store(page, number)
    state, linked = _find(store, number), linked_data(root)
    return Content(
        headline=_headline(header, state, linked, root),
        kicker=_kicker(header),
        teaser=_teaser(header, state, root),
        authors=_authors(header, linked),
        place=_text(header, _PLACE),
        published=declared_time(state.get("firstPublicationDate") or linked.get("datePublished") or meta(root, "date"))
        or _visible_date(header),
        modified=declared_time(state.get("lastModifiedDate") or linked.get("dateModified")),
        language=(root.get("lang") or "").split("-")[0],
        blocks=tuple(_blocks(article, posts(state, linked, store))),
        layout="dw-2023" if 'class="sc-' in page or "__APOLLO_STATE__" in page else "dw-2026",
        canonical_url=canonical_link(root),
    )


def embedded_store(page: str, number: str) -> dict[str, Any]:
    """The page's own data, where it holds this article, or ``{}`` (it is sometimes missing or of another shape)."""
    end, last = 0, page.rfind(_WINDOW)  # several times as fast as searching for the pattern
    while end <= last and (at := page.find(_WINDOW, end)) >= 0:
        end = at + len(_WINDOW)
        if (match := _STATE.match(page, at)) is None:
            continue
        end = match.end()
        try:
            data, _ = json.JSONDecoder().raw_decode(page, match.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict) and _find(data, number):
            return data
    return {}


def _find(data: Any, number: str, depth: int = 0) -> dict[str, Any]:
    if not isinstance(data, dict) or depth > 6:
        return {}
    if str(data.get("id")) == number and data.get("title") and ("lastModifiedDate" in data or "teaser" in data):
        return data
    for key in sorted(data, key=lambda name: not str(name).endswith(number)):
        if found := _find(data[key], number, depth + 1):
            return found
    return {}


def _headline(header: etree._Element, state: dict[str, Any], linked: dict[str, Any], root: etree._Element) -> str:
    told = (state.get("title"), linked.get("headline"))
    return _first_said(*told) or _first_said(_text(header, ".//h1")) or _first_said(meta(root, "og:title"))


def _first_said(*told: object) -> str:
    return next((said for text in told if isinstance(text, str) and (said := fold(text))), "")


def _kicker(header: etree._Element) -> str:
    kicker = first(header, _KICKER)
    if kicker is None:
        return ""
    parts = [text_of(part) for part in kicker.iterchildren("span")] or [text_of(kicker)]
    return " | ".join(part for part in parts if part)


def _teaser(header: etree._Element, state: dict[str, Any], root: etree._Element) -> str:
    visible = _text(header, _TEASER) or _text(header, "./p")
    return _first_said(state.get("teaser"), visible) or _first_said(meta(root, "og:description", "description"))


def _authors(header: etree._Element, linked: dict[str, Any]) -> tuple[str, ...]:
    if declared := names(linked.get("author")):
        return declared
    return tuple(dict.fromkeys(name for element in compiled(_AUTHOR)(header) if (name := text_of(element))))


def _text(root: etree._Element, path: str) -> str:
    element = first(root, path)
    return text_of(element) if element is not None else ""


def _visible_date(header: etree._Element) -> str | None:
    """The day in the header, where it is written as one (a fresh page says "3 hours ago")."""
    return declared_time(_text(header, ".//time"))


def _blocks(article: etree._Element, posted: list[Block]) -> list[Block]:
    bodies = [body for body in compiled(_BODY)(article) if not any(_is_body(parent) for parent in body.iterancestors())]
    inside = {figure for body in bodies for figure in body.iter("figure")}
    lead = [
        block
        for figure in article.iter("figure")
        if figure not in inside and not any(_is_furniture(parent) for parent in figure.iterancestors())
        for block in captions(figure)
    ]
    if posted:  # a live blog: the summary stands in the first container, the posts in the others
        bodies = bodies[:1]
    text = [block for body in bodies for block in read_body(body)]
    known = {block.text for block in posted}
    return mark_notes([*lead, *(block for block in text if block.text not in known), *posted])


def _is_body(element: etree._Element) -> bool:
    return element.get("data-tracking-name") == "rich-text" or "rich-text" in classes(element)


def _is_furniture(element: etree._Element) -> bool:
    return element.tag == "footer" or "author" in classes(element)
