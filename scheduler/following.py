"""Which articles are followed, from which sources new ones come, and when each is due next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crawler.urls import canonical, identify, is_usable
from scheduler.plan import policy
from storage import Store
from storage.errors import UserError
from storage.types import Article


def follow(store: Store, article: Article, by: str = "learned") -> bool:
    """Follow an article: known to the store and due at once. Returns False when it was followed already, or was taken down.

    ``by`` names the revisit policy (``learned``, ``ages``, ``fixed:SECONDS``).
    """
    followed = store.is_followed(article.id)
    if not followed and store.barred(article.id):
        return False
    store.add_article(article)
    if followed:
        return False
    store.follow_again(article.id)
    store.set_due(article.id, datetime.now(UTC), {"policy": policy(by).name})
    return True


def follow_found(store: Store, article: Article) -> bool:
    """Follow an article that a source names, unless somebody asked that it is followed no longer."""
    return not store.was_left(article.id) and follow(store, article)


def require(store: Store, name: str) -> Article:
    """The article of that id, number or URL; raises UserError when it is not known."""
    article = store.find_article(name) or _addressed(store, name)
    if article is None:
        raise UserError(f"no article {name!r} is known; see: zaesur watch list")
    return article


def _addressed(store: Store, url: str) -> Article | None:
    """The known article at an address that is written otherwise than any it was seen under."""
    try:
        return store.article(identify(url).id)
    except UserError:
        return None


def add_url(store: Store, url: str, by: str = "learned") -> dict[str, Any]:
    """Follow the article at ``url``; the row that ``watch add --json`` prints."""
    try:
        article = identify(url)
    except UserError as error:
        return _row(url, None, "refused", str(error))
    if removal := store.barred(article.id):
        why = f"its content was removed on {removal.at:%Y-%m-%d} because: {removal.reason}; it is not followed"
        return _row(url, article.id, "refused", why)
    status = "added" if follow(store, article, by) else "known"
    return _row(url, article.id, status, None)


def add_source(store: Store, url: str, kind: str) -> dict[str, Any]:
    """Read a feed, sitemap or section page for new articles from now on."""
    if not is_usable(url):
        return _row(url, None, "refused", f"{url!r} is not an http(s) URL; nothing was added")
    added = store.add_feed(canonical(url) if kind == "section" else url, kind)
    return _row(url, None, "added" if added else "known", None)


def _row(url: str, article: str | None, status: str, reason: str | None) -> dict[str, Any]:
    return {"url": url, "article": article, "status": status, "reason": reason}


def rows(store: Store) -> list[dict[str, Any]]:
    """Everything that is followed, sources first, as ``watch list --json`` prints it."""
    sources = [
        {
            "article": None,
            "kind": feed.kind,
            "url": feed.url,
            "headline": None,
            "next_due": None,
            "last_look": feed.polled,
        }
        for feed in store.feeds()
    ]
    return sources + [_followed(store, article_id) for article_id in sorted(store.followed())]


def _followed(store: Store, article_id: str) -> dict[str, Any]:
    article = store.article(article_id)
    due = store.schedule(article_id)
    last = store.last_answered(article_id)
    return {
        "article": article_id,
        "kind": "article",
        "url": article.url if article else "",
        "headline": article.headline if article else None,
        "next_due": due.due_at.isoformat() if due and due.due_at else None,
        "last_look": last.isoformat() if last else None,
    }


def explain(store: Store, article: Article) -> list[str]:
    """Why the article is due when it is, in sentences."""
    from scheduler.revisiting import reasons

    return reasons(store, article)
