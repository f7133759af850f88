"""Any other outlet: trafilatura for the body, JSON-LD and meta for the rest."""

from __future__ import annotations

from lxml import etree

from crawler.body import trafilatura_blocks
from crawler.page import canonical_link, declared_time, first, fold, linked_data, meta, names, text_of
from storage.types import BlockKind, Content


def read(root: etree._Element, page: str) -> Content:
    """Read an article page of an unknown outlet; fields it does not declare are absent."""
    linked = linked_data(root)
    title = first(root, "//h1")
    headline = linked.get("headline") or meta(root, "og:title") or (text_of(title) if title is not None else None)
    blocks = [block for block in trafilatura_blocks(page) if block.text != headline]
    body = tuple(block for block in blocks if block.kind is not BlockKind.CAPTION)
    return Content(
        headline=fold(str(headline)) if headline else None,
        teaser=meta(root, "og:description", "description"),
        authors=names(linked.get("author")) or None,
        published=declared_time(linked.get("datePublished") or meta(root, "article:published_time")),
        modified=declared_time(linked.get("dateModified") or meta(root, "article:modified_time")),
        language=(root.get("lang") or "").split("-")[0],
        blocks=body,
        layout="generic",
        canonical_url=canonical_link(root),
    )
