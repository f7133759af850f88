"""Versions: read only; captures make them, a re-extraction may read them anew, the seed is number 0."""

from __future__ import annotations

from datetime import datetime

from storage.base import Base, Row, instant, now, text
from storage.content import decode, digest, encode
from storage.types import Content, Origin, Version

_SELECT = """
SELECT v.article, v.number, v.origin, v.capture, c.body_sha256,
       COALESCE(r.content, v.content) AS content, COALESCE(r.fingerprint, v.fingerprint) AS fingerprint,
       COALESCE(r.digest, v.digest) AS digest,
       (SELECT MIN(answered) FROM captures x WHERE x.article = v.article AND x.version = v.number) AS first_seen,
       (SELECT MAX(answered) FROM captures x WHERE x.article = v.article AND x.version = v.number) AS last_seen
FROM versions v JOIN captures c ON c.id = v.capture
LEFT JOIN reextractions r ON r.id = (
    SELECT MAX(id) FROM reextractions x WHERE x.article = v.article AND x.number = v.number)
"""

_SEED = """
SELECT l.article, 0 AS number, s.content, s.fingerprint, s.taken_at FROM seed_links l JOIN seeds s ON s.number = l.seed
WHERE l.article = ?
"""


class Versions(Base):
    """What articles said, and between which looks."""

    def version(self, article: str, number: int) -> Version | None:
        """One version; number 0 is the linked seed."""
        if number == 0:
            return self.seed_of(article)
        row = self._row(f"{_SELECT} WHERE v.article = ? AND v.number = ?", [article, number])
        return _version(row) if row else None

    def latest(self, article: str) -> Version | None:
        """The newest version that was crawled."""
        row = self._row(f"{_SELECT} WHERE v.article = ? ORDER BY v.number DESC LIMIT 1", [article])
        return _version(row) if row else None

    def versions(self, article: str) -> list[Version]:
        """All versions in order, the linked seed first."""
        seed = self.seed_of(article)
        rows = self._rows(f"{_SELECT} WHERE v.article = ? ORDER BY v.number", [article])
        return [*([seed] if seed else []), *(_version(row) for row in rows)]

    def digests(self, article: str) -> dict[int, str]:
        """The digest of each crawled version's text, as read last."""
        rows = self._rows(f"SELECT number, digest FROM ({_SELECT} WHERE v.article = ?)", [article])
        return {row["number"]: row["digest"] for row in rows}

    def last_seen(self, article: str, number: int) -> datetime | None:
        """When a look last showed this version."""
        sql = "SELECT MAX(answered) FROM captures WHERE article = ? AND version = ?"
        return instant(self._value(sql, [article, number]))

    def seed_of(self, article: str) -> Version | None:
        """The baseline linked to the article, as version 0."""
        row = self._row(_SEED, [article])
        if row is None:
            return None
        taken = instant(row["taken_at"])
        return Version(
            article=row["article"],
            number=0,
            origin=Origin.SEED,
            content=decode(row["content"], Content),
            fingerprint=row["fingerprint"],
            first_seen=taken,
            last_seen=taken,
        )

    def reextracted(self, article: str, number: int, content: Content, fingerprint: str) -> None:
        """Record that another extractor read the stored page of a version: a re-baselining, never an edit."""
        row = {
            "article": article,
            "number": number,
            "digest": digest(content),
            "content": encode(content),
            "fingerprint": fingerprint,
            "at": text(now()),
        }
        with self._write() as db:
            db.table("reextractions").insert(row, ignore=True)

    def readings(self, article: str, number: int) -> list[tuple[str, str]]:
        """What was read from a version's page (JSON as stored) and by which extractor: as recorded first, then each time anew."""
        return [
            (row["content"], row["fingerprint"])
            for table in ("versions", "reextractions")
            for row in self._rows(
                f"SELECT * FROM {table} WHERE article = ? AND number = ? ORDER BY id", [article, number]
            )
        ]

    def _latest_row(self, article: str) -> Row | None:
        sql = f"SELECT number, digest FROM ({_SELECT} WHERE v.article = ? ORDER BY v.number DESC LIMIT 1)"
        return self._row(sql, [article])


def _version(row: Row) -> Version:
    return Version(
        article=row["article"],
        number=row["number"],
        origin=Origin(row["origin"]),
        content=decode(row["content"], Content),
        fingerprint=row["fingerprint"],
        first_seen=instant(row["first_seen"]),
        last_seen=instant(row["last_seen"]),
        capture=row["capture"],
        body_sha256=row["body_sha256"],
    )
