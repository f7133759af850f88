"""From a decoded page to what the article says. Pure; layouts are recognised from the page, never from the host."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from crawler.body import OPTIONS
from crawler.layouts import dw_classic, dw_react, generic
from crawler.page import parse
from crawler.urls import article_id
from storage.types import Content

RULES = 1  # raised whenever a rule of ours changes what is read from the same page
_MAX_DEPTH = 400


class Unreadable(Exception):
    """The page holds no article that can be read; the message says why."""


@cache
def fingerprint() -> str:
    """What made a text: our rules, the libraries' versions and the options they are called with."""
    libraries = " ".join(f"{name}/{version(name)}" for name in ("trafilatura", "lxml"))
    options = ",".join(f"{name}={value}" for name, value in sorted(OPTIONS.items()))
    return f"zaesur-extract/{RULES} {libraries} {options}"


def extract(page: str, url: str) -> Content:
    """What the article on this page says. Raises Unreadable when the page holds none."""
    try:
        root = parse(page)
    except (ValueError, AssertionError, LookupError) as error:
        raise Unreadable(f"not an HTML page: {error}") from None
    number = (article_id(url) or "").partition("-")[2]
    for layout in (dw_react, dw_classic):
        if layout.matches(root):
            return _checked(layout.read(root, page, number))
    if number:
        raise Unreadable("the page is in none of the known article layouts")
    return _checked(generic.read(root, page))


def _checked(content: Content) -> Content:
    if not content.headline:
        raise Unreadable("no headline found")
    if not content.blocks:
        raise Unreadable("no text found")
    return content
