"""What takes the space: the pages of every table and index, counted by walking their b-trees in the file.

SQLite tells this by its ``dbstat`` table, which not every build has; the file format is stable and documented
(https://www.sqlite.org/fileformat2.html, sections 1.5 and 1.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from storage.base import Base
from storage.errors import StoreError
from storage.opening import reconnect, sqlite_errors
from storage.place import beside

_INTERIOR = {2: "index", 5: "table"}
_LEAF = {10: "index", 13: "table"}
# table -> what it holds, as a reader thinks of it; of a full-text index all its parts
FAMILIES = {
    "bodies": "pages",
    "captures": "looks",
    "versions": "texts",
    "reextractions": "texts",
    "seeds": "texts",
    "texts": "index",
    "listing_words": "index",
    "listing_index": "index",
    "changes": "changes",
    "former_changes": "changes",
    "comparisons": "changes",
    "change_edits": "changes",
    "listing": "changes",
    "seals": "seals",
}


# a page is kept for the best reason there is; 1 version, 2 set-aside, 3 unchanged
_KEPT = """
SELECT k.why, COUNT(*) AS pages, SUM(length(b.zstd)) AS bytes FROM bodies b JOIN (
    SELECT body_sha256, MIN(CASE WHEN outcome IN ('new', 'changed') THEN 1 WHEN outcome = 'unchanged' THEN 3 ELSE 2 END) AS why
    FROM captures WHERE body_sha256 IS NOT NULL GROUP BY body_sha256) k ON k.body_sha256 = b.sha256
GROUP BY k.why ORDER BY k.why
"""
_WHY = {1: "version", 2: "set-aside", 3: "unchanged"}


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A table or an index: the table it belongs to, and the pages it fills, in bytes."""

    name: str
    table: str
    bytes: int

    @property
    def family(self) -> str:
        """What it holds: pages, looks, texts, index, changes, seals or other."""
        parts = (self.table, self.table.rpartition("_")[0])
        return next((FAMILIES[part] for part in parts if part in FAMILIES), "other")


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file: its tables and indexes, largest first, and its pages that nothing uses (SQLite fills them again)."""

    trees: tuple[Tree, ...]
    free: int
    total: int

    @property
    def families(self) -> dict[str, int]:
        """Bytes by what they hold, most first."""
        found: dict[str, int] = {}
        for tree in self.trees:
            found[tree.family] = found.get(tree.family, 0) + tree.bytes
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


class Spaces(Base):
    """How large everything is."""

    def usage(self) -> Usage:
        """What takes the space, as of now; reads the whole file once. Raises StoreError while the file cannot be read as one."""
        with sqlite_errors(self.path):
            self._db.execute("BEGIN")  # while this reads, nothing newer gets into the file
            try:
                return self._walked()
            except (IndexError, RecursionError) as error:
                raise StoreError(f"{self.path}: the tables could not be counted ({error!r}); try again") from error
            finally:
                self._db.rollback()

    def pages_kept(self) -> dict[str, dict[str, int]]:
        """Why pages as served are kept (version, set-aside, unchanged): how many, and their packed bytes."""
        rows = self._rows(_KEPT)
        return {_WHY[row["why"]]: {"pages": row["pages"], "bytes": row["bytes"]} for row in rows}

    def _walked(self) -> Usage:
        rows = self._db.execute("SELECT name, tbl_name, rootpage FROM sqlite_master WHERE rootpage > 0").fetchall()
        size, free = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "freelist_count"))
        total = self._db.execute("PRAGMA page_count").fetchone()[0]
        if not self._db.execute("PRAGMA database_list").fetchone()[2]:
            raise StoreError(
                f"{self.path}: it is read from a temporary copy, whose size says nothing; bring it up to date first"
            )
        self._settle()
        with self.path.open("rb") as file:
            trees = [
                Tree(name=name, table=table, bytes=size * sum(_pages(file, size, root, total)))
                for name, table, root in [("sqlite_schema", "sqlite_schema", 1), *rows]
            ]
        return Usage(trees=tuple(sorted(trees, key=lambda tree: -tree.bytes)), free=free * size, total=total * size)

    def _settle(self) -> None:
        """Have the newest commits moved from the log into the file; on a disk that cannot be written there is no log."""
        log = beside(self.path, "-wal")
        if log.exists() and log.stat().st_size:
            other = reconnect(self.path)
            other.execute("PRAGMA wal_checkpoint(PASSIVE)")
            other.close()


def _pages(file: BinaryIO, size: int, root: int, most: int) -> Iterator[int]:
    """The pages of one b-tree: 1 for each page of it, and for each cell those it overflows into."""
    waiting, seen = [root], 0
    while waiting:
        seen += 1
        if seen > most:
            raise IndexError("a tree that never ends")
        number = waiting.pop()
        file.seek((number - 1) * size)
        page = file.read(size)
        start = 100 if number == 1 else 0
        kind = page[start]
        if kind not in _INTERIOR and kind not in _LEAF:
            raise IndexError(f"page {number} is of no tree")
        yield 1
        inner = kind in _INTERIOR
        if inner:
            waiting.append(int.from_bytes(page[start + 8 : start + 12], "big"))
        first = start + (12 if inner else 8)
        for at in range(first, first + 2 * int.from_bytes(page[start + 3 : start + 5], "big"), 2):
            cell = int.from_bytes(page[at : at + 2], "big")
            if inner:
                waiting.append(int.from_bytes(page[cell : cell + 4], "big"))
            if kind != 5:  # only the inside of a table holds no rows
                payload = _varint(page, cell + 4 if inner else cell)
                if payload > size // 8:  # whatever is smaller never overflows
                    yield _overflow(payload, size, table=kind == 13)


def _overflow(payload: int, size: int, *, table: bool) -> int:
    """How many pages hold what of a row does not fit into its place in the tree."""
    most = size - 35 if table else (size - 12) * 64 // 255 - 23
    if payload <= most:
        return 0
    least = (size - 12) * 32 // 255 - 23
    local = least + (payload - least) % (size - 4)
    return -(-(payload - (local if local <= most else least)) // (size - 4))


def _varint(page: bytes, at: int) -> int:
    value = 0
    for byte in page[at : at + 9]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value
