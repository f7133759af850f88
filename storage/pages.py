"""Pages as served: kept as they come, packed later; what comes out is checked against the digest each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from storage.base import Base, Row
from storage.errors import Altered, OtherZlib, StoreError
from storage.packing import QUICK, Coded, recoded, squeeze, uncoded, unsqueeze, zlib_version

_MOST = 1 << 30  # bytes of a page without its coding; the fetcher refuses far smaller ones
_WORTH = 0.5  # of a page packed alone: a difference larger than that is no near-duplicate
_BASES = 3  # pages of an article that others are compared with: its text, a consent page, an error page

_WAITING = """
SELECT DISTINCT c.article AS article FROM captures c
WHERE c.body_sha256 IN (SELECT sha256 FROM bodies WHERE coding IS NULL)
"""
# the digest of a page without its coding stands in the record of each look that brought it
_AS_RECORDED = "SELECT 1 FROM captures WHERE body_sha256 = ? AND record ->> '$.decoded_sha256' = ?"
_OF_ARTICLE = """
SELECT b.sha256, b.coding, b.base FROM captures c JOIN bodies b ON b.sha256 = c.body_sha256
WHERE c.article IS ? GROUP BY b.sha256 ORDER BY MIN(c.id)
"""


class Pages(Base):
    """Bodies as served."""

    def body(self, sha256: str) -> bytes | None:
        """A body as served, byte for byte; ``None`` when it was not kept. Raises Altered or OtherZlib when these bytes do not come out."""
        row = self._packed(sha256)
        if row is None:
            return None
        try:
            plain = self._plain(row)
            body = recoded(plain, row["coding"] or "")
        except ValueError as error:
            raise Altered(f"page {sha256[:12]}: {error}") from None
        if hashlib.sha256(body).hexdigest() == sha256:
            return body
        if row["coding"] and self._value(_AS_RECORDED, [sha256, hashlib.sha256(plain).hexdigest()]):
            raise OtherZlib(
                f"page {sha256[:12]}: its plain bytes are as recorded, but the zlib of this machine ({zlib_version()}) does not make "
                "the gzip it was served in, or what is noted of that is altered; see: zaesur doctor"
            )
        raise Altered(f"page {sha256[:12]}: it and its digest disagree (altered)")

    def remade(self, most: int) -> tuple[int, int]:
        """Of the pages whose gzip is made again on reading, ``most`` at most: how many were tried, and how many this machine's zlib does not make."""
        rows, other = self._rows("SELECT sha256 FROM bodies WHERE coding != '' ORDER BY sha256 LIMIT ?", [most]), 0
        for row in rows:
            try:
                self.body(row["sha256"])
            except OtherZlib:
                other += 1
            except Altered:  # told by the check of the records
                continue
        return len(rows), other

    def _keep(self, body: bytes) -> None:
        values = [hashlib.sha256(body).hexdigest(), len(body), squeeze(body, level=QUICK)]
        self._db.execute("INSERT OR IGNORE INTO bodies(sha256, size, zstd) VALUES (?, ?, ?)", values)

    def pack_pages(self) -> Iterator[int]:
        """Pack all pages that still are as they were recorded, article by article; yields how many each time, so that others may go between.

        The pages of an article nearly equal each other: one is kept whole, others as what differs from it. Never from the page of
        another article, so that taking one down touches no other. Each article is one transaction.
        """
        for row in self._rows(_WAITING):
            yield self._pack(row["article"])

    def _pack(self, article: str | None) -> int:
        done, bases = 0, list[tuple[str, bytes]]()
        with self._write():
            for row in self._rows(_OF_ARTICLE, [article]):
                if row["coding"] is None:
                    coded = uncoded(self.body(row["sha256"]) or b"")
                    base = self._store(row["sha256"], coded, bases)
                    # what does not come out as it was served raises, and nothing is changed
                    if self.body(row["sha256"]) is None:
                        raise StoreError(f"page {row['sha256'][:12]}: it could not be read back")
                    bases += [] if base else [(row["sha256"], coded.plain)]
                    done += 1
                elif row["base"] is None:
                    bases.append((row["sha256"], self._plain(self._packed(row["sha256"]) or {})))
                bases = bases[-_BASES:]
        return done

    def _store(self, sha256: str, coded: Coded, bases: list[tuple[str, bytes]]) -> str | None:
        """Write a page as the smallest of what it can be, and read it back; returns the page it rests on, if any."""
        base, packed = None, squeeze(coded.plain)
        limit = len(packed) * _WORTH
        for name, plain in bases:
            if len(difference := squeeze(coded.plain, plain)) < limit:
                base, packed, limit = name, difference, len(difference)
        sql = "UPDATE bodies SET zstd = ?, base = ?, coding = ? WHERE sha256 = ?"
        self._db.execute(sql, [packed, base, coded.coding, sha256])
        if self._plain(self._packed(sha256) or {}) != coded.plain:
            raise StoreError(f"page {sha256[:12]}: it could not be read back")
        return base

    def _stand_alone(self, sha256: str) -> None:
        """Before a page goes: those that rest on it get another base, or none. Their coding stays; no zlib is needed for that."""
        bases: list[tuple[str, bytes]] = []
        rest = self._rows("SELECT sha256 FROM bodies WHERE base = ? ORDER BY rowid", [sha256])
        pages = [(row["sha256"], self._coded(row["sha256"])) for row in rest]
        for name, coded in pages:
            base = self._store(name, coded, bases)
            bases = bases if base else [(name, coded.plain)]

    def _coded(self, sha256: str) -> Coded:
        row = self._packed(sha256) or {}
        try:
            return Coded(plain=self._plain(row), coding=row["coding"] or "")
        except ValueError as error:
            raise Altered(f"page {sha256[:12]}: {error}") from None

    def _packed(self, sha256: str) -> Row | None:
        sql = "SELECT b.*, w.zstd AS whole FROM bodies b LEFT JOIN bodies w ON w.sha256 = b.base WHERE b.sha256 = ?"
        return self._row(sql, [sha256])

    def _plain(self, row: Row) -> bytes:
        """A page without its coding. The page it rests on is whole itself."""
        if row["base"] and row["whole"] is None:
            raise ValueError("the page it rests on is missing")
        base = unsqueeze(row["whole"], size=_MOST) if row["base"] else None
        return unsqueeze(row["zstd"], base, size=_MOST)

    def waiting_pages(self) -> int:
        """How many pages are not packed yet."""
        return int(self._value("SELECT COUNT(*) FROM bodies WHERE coding IS NULL"))
