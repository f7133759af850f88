"""Articles and the URLs under which they were seen."""

from __future__ import annotations

from typing import Any

from storage.base import Row, instant, now, text
from storage.events import Events
from storage.types import Article, EventKind

_SELECT = """
SELECT a.*, (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.id DESC LIMIT 1) AS url
FROM articles a
"""


class Articles(Events):
    """The stories that are known."""

    def add_article(self, article: Article) -> bool:
        """Make an article known; a URL that is new for it is noted. Returns False when it was known already."""
        with self._write() as db:
            urls = self._urls(article.id)  # an article has one from the beginning
            if not urls:
                row = {
                    "id": article.id,
                    "outlet": article.outlet,
                    "language": article.language,
                    "headline": article.headline,
                    "first_seen": text(article.first_seen or now()),
                }
                db.table("articles").insert(row)
            if article.url not in urls:
                self.set_url(article.id, article.url)
        return not urls

    def article(self, id: str) -> Article | None:
        """The article with this id."""
        row = self._row(f"{_SELECT} WHERE a.id = ?", [id])
        return _article(row) if row else None

    def articles(self) -> list[Article]:
        """All known articles, in the order they became known."""
        return [_article(row) for row in self._rows(f"{_SELECT} ORDER BY a.first_seen, a.id")]

    def find_article(self, name: str) -> Article | None:
        """The article named by its id, its number, or any URL it was ever seen under."""
        row = self._row(
            f"{_SELECT} WHERE a.id = ? OR a.id = (SELECT article FROM article_urls WHERE url = ?)", [name, name]
        )
        if row is None and name.isdigit():
            row = self._row(f"{_SELECT} WHERE a.id GLOB ? AND instr(a.id, '/') = 0", [f"*-{name}"])
        return _article(row) if row else None

    def set_url(self, id: str, url: str, *, shown: bool = False) -> None:
        """Note another URL of a known article, such as a changed slug; the earlier ones stay.

        A URL it had before is noted again only when a look has ``shown`` that it is the article's address again.
        """
        with self._write() as db:
            urls = self._urls(id)
            if url in urls[-1:] or (url in urls and not shown):
                return
            at = now()
            db.table("article_urls").insert({"article": id, "url": url, "seen": text(at)})
            if urls:
                facts: dict[str, Any] = {"from": urls[-1], "to": url}
                self.note_event(EventKind.ADDRESS, article=id, at=at, **facts)

    def _urls(self, id: str) -> list[str]:
        return [row["url"] for row in self._rows("SELECT url FROM article_urls WHERE article = ? ORDER BY id", [id])]


def _article(row: Row) -> Article:
    return Article(
        id=row["id"],
        outlet=row["outlet"],
        url=row["url"],
        language=row["language"],
        headline=row["headline"],
        first_seen=instant(row["first_seen"]),
    )
