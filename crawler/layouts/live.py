"""The posts of a DW live blog: from the page's own data, else from JSON-LD, else from the page's text containers.

Field names as public readers of DW's data use them (``posts``: ``title``, ``text`` as HTML); no live blog page was at hand to measure.
Clock times and authors of posts are left out: they are shown relative to now and change on every request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import lxml.html

from crawler.body import read_body
from crawler.page import fold
from storage.types import Block, BlockKind


def posts(article: Mapping[str, Any], linked: Mapping[str, Any], store: Mapping[str, Any]) -> list[Block]:
    """The posts in page order, each a POST block with its title, then its text; ``store`` resolves Apollo's references."""
    told = [_resolved(item, store) for item in _items(article.get("posts"))]
    if told:
        return [block for post in told for block in _post(post.get("title"), post.get("text"))]
    updates = _items(linked.get("liveBlogUpdate"))
    return [block for update in updates for block in _post(update.get("headline"), update.get("articleBody"))]


def _items(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _resolved(item: dict[str, Any], store: Mapping[str, Any]) -> dict[str, Any]:
    found = store.get(str(item.get("__ref", "")))
    return found if isinstance(found, dict) else item


def _post(title: Any, text: Any) -> Iterator[Block]:
    if isinstance(title, str) and fold(title):
        yield Block(kind=BlockKind.POST, text=fold(title), links=())
    if isinstance(text, str) and fold(text):
        yield from read_body(lxml.html.fragment_fromstring(text, create_parent="div"))
