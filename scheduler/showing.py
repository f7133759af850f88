"""What the report pages need of those who read pages: any two versions compared, the stored page as text, other editions."""

from __future__ import annotations

from crawler.decoding import BrokenBody, decode
from crawler.page import language_editions, parse
from reports.site.documents import Reading
from scheduler.comparing import on_demand, pair
from storage import Store
from storage.errors import Altered, OtherZlib
from storage.types import Article, Change, Version


def reading() -> Reading:
    """Handed to the reports, which do not know the crawler."""
    return Reading(compare=_compare, page=_page, editions=_editions)


def _compare(store: Store, article: Article, old: str, new: str) -> tuple[Change, Version, Version]:
    change = on_demand(store, article, old, new)
    return change, *pair(store, article.id, change.from_version, change.to_version)


def _page(store: Store, capture: int) -> str | None:
    found = store.capture(capture)
    try:
        body = store.body(found.body_sha256) if found and found.body_sha256 else None
    except (Altered, OtherZlib) as error:  # no reason to show nothing of the article at all
        return f"({error})\n"
    if found is None or body is None:
        return None
    try:
        return decode(body, found.headers).text
    except BrokenBody as error:
        return f"(this page cannot be decoded: {error})\n"


def _editions(store: Store, article: str) -> list[tuple[str, str]]:
    """Language and address of the editions that the article's newest stored page links to."""
    latest = store.latest(article)
    page = _page(store, latest.capture) if latest and latest.capture else None
    if page is None or "hreflang" not in page:
        return []
    return language_editions(parse(page), latest.content.language if latest else "")
