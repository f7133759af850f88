"""The chain of records, read in order: what exports and outside verifiers need, a row at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from storage.base import Base, text
from storage.merkle import Tree

GENESIS = "0" * 64
_PAGE = 500  # rows read at once


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One look in the chain: ``hash`` is SHA-256 over ``previous`` and ``record`` (canonical JSON), as text."""

    id: int
    article: str | None
    previous: str
    record: str
    hash: str


class Chain(Base):
    """The records as they were hashed."""

    def links(
        self, *, article: str | None = None, since: datetime | None = None, after: int = 0, until: int | None = None
    ) -> Iterator[Link]:
        """Links in order: of one article, of looks begun at ``since`` or later, behind link ``after`` up to ``until``."""
        wanted: dict[str, Any] = {"c.article = ?": article, "c.started >= ?": text(since), "c.id <= ?": until}
        given = {condition: value for condition, value in wanted.items() if value is not None}
        where = " AND ".join(["c.id > ?", *given])
        sql = (
            "SELECT c.id, c.article, c.record, c.hash, p.hash AS previous FROM captures c "
            f"LEFT JOIN captures p ON p.id = c.id - 1 WHERE {where} ORDER BY c.id LIMIT {_PAGE}"
        )
        # in pages, not with one open cursor: a long export must not keep the WAL from being reset
        while rows := self._rows(sql, [after, *given.values()]):
            for row in rows:
                yield Link(**{**row, "previous": row["previous"] or GENESIS})
            after = rows[-1]["id"]

    def tree(self, size: int | None = None) -> Tree:
        """The Merkle tree over the first ``size`` links (else all)."""
        rows = self._rows("SELECT hash FROM captures ORDER BY id LIMIT ?", [-1 if size is None else size])
        return Tree(row["hash"] for row in rows)

    def head(self) -> Link | None:
        """The newest link."""
        newest = self._value("SELECT MAX(id) FROM captures")
        return next(self.links(after=newest - 1), None) if newest else None
