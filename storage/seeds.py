"""Seeds: the user's baselines, kept byte for byte; a link says which article one is a copy of."""

from __future__ import annotations

import hashlib
from datetime import datetime

from storage.articles import Articles
from storage.base import Row, as_written, instant, now, text
from storage.content import decode, encode
from storage.errors import UserError
from storage.removing import Removing
from storage.types import Article, Content, Seed

_SELECT = "SELECT s.*, l.article FROM seeds s LEFT JOIN seed_links l ON l.seed = s.number"


class Seeds(Removing, Articles):
    """Baselines."""

    def add_seed(
        self,
        name: str,
        data: bytes,
        content: Content,
        *,
        outlet: str,
        language: str,
        fingerprint: str,
        url: str | None = None,
        taken_at: datetime | None = None,
    ) -> tuple[Seed, bool]:
        """Keep a copy; the same bytes a second time give the seed that is there already, and False."""
        sha256 = hashlib.sha256(data).hexdigest()
        known = self._row(f"{_SELECT} WHERE s.sha256 = ?", [sha256])
        if known:
            return _seed(known), False
        row = {
            "name": name,
            "sha256": sha256,
            "data": data,
            "content": encode(content),
            "fingerprint": fingerprint,
            "outlet": outlet,
            "language": language,
            "url": url,
            "taken_at": text(taken_at),
            "imported": text(now()),
        }
        with self._write() as db:
            db.table("seeds").insert(row)
        return self._required(sha256), True

    def _required(self, sha256: str) -> Seed:
        row = self._row(f"{_SELECT} WHERE s.sha256 = ?", [sha256])
        if row is None:
            raise LookupError(f"no seed with sha256 {sha256}")
        return _seed(row)

    def seeds(self) -> list[Seed]:
        """All baselines, in the order they were imported."""
        return [_seed(row) for row in self._rows(f"{_SELECT} ORDER BY s.number")]

    def find_seed(self, name: str) -> Seed | None:
        """The seed with this number, else with this file name. Raises UserError when several files have it."""
        rows = self._rows(f"{_SELECT} WHERE CAST(s.number AS TEXT) = ?", [name])
        rows = rows or self._rows(f"{_SELECT} WHERE s.name = ? ORDER BY s.number", [name])
        if len(rows) > 1:
            numbers = ", ".join(str(row["number"]) for row in rows)
            raise UserError(f"seeds {numbers} come from files named {name!r}: say which by its number")
        return _seed(rows[0]) if rows else None

    def seed_data(self, number: int) -> bytes:
        """The copy as it was imported, byte for byte."""
        return bytes(self._value("SELECT data FROM seeds WHERE number = ?", [number]))

    def link_seed(self, number: int, article: Article) -> None:
        """Make a seed the baseline of an article; refused when either is linked to something else already, or the article was taken down."""
        with self._write() as db:
            self.refuse_barred(article.id)
            self.add_article(article)
            language = self._value("SELECT language FROM seeds WHERE number = ?", [number])
            if language and article.language and language != article.language:
                raise UserError(
                    f"seed {number} is in {language!r}, {article.id} in {article.language!r}: "
                    "another language edition; nothing was linked"
                )
            taken = self._row(
                "SELECT seed, article FROM seed_links WHERE seed = ? OR article = ?", [number, article.id]
            )
            if taken and (taken["seed"], taken["article"]) == (number, article.id):
                return
            if taken and taken["seed"] == number:
                raise UserError(f"seed {number} is already the baseline of {taken['article']}; nothing was linked")
            if taken:
                raise UserError(f"{article.id} already has seed {taken['seed']} as its baseline; nothing was linked")
            db.table("seed_links").insert({"seed": number, "article": article.id, "linked": text(now())})
            self._compare_anew()


@as_written("seed", "number")
def _seed(row: Row) -> Seed:
    return Seed(
        number=row["number"],
        name=row["name"],
        sha256=row["sha256"],
        outlet=row["outlet"],
        language=row["language"],
        content=decode(row["content"], Content),
        url=row["url"],
        article=row["article"],
        taken_at=instant(row["taken_at"]),
    )
