"""Check the records against their digests and against each other; each problem is one line naming the record."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator

from storage.accounting import Accounting
from storage.assessments import read
from storage.base import Row
from storage.captures import Captures
from storage.chain import GENESIS
from storage.changes import words
from storage.content import decode, digest
from storage.errors import UNREADABLE, OtherZlib, StoreError
from storage.history import BLANK
from storage.opening import sqlite_errors
from storage.records import chain
from storage.sealing import FIRST, Sealed
from storage.texts import head_of
from storage.texttables import HEAD
from storage.types import Content, Origin

_COLUMNS = (
    "article requested_url final_url started answered status outcome reason version body_sha256 modified origin".split()  # noqa: SIM905 - reads as the list it is
)
# the capture that brought a version must have its page, and a look that showed a version needs that version
# of rows behind those numbers
MISSING = """
SELECT 'version ' || v.number || ' of ' || v.article || ': its page as served is missing'
FROM versions v JOIN captures c ON c.id = v.capture LEFT JOIN bodies b ON b.sha256 = c.body_sha256
WHERE v.id > :versions AND c.body_sha256 IS NOT NULL AND b.sha256 IS NULL
AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.kind = 'body' AND r.key = c.body_sha256)
UNION ALL
SELECT 'capture ' || c.id || ': the page that was set aside is missing'
FROM captures c LEFT JOIN bodies b ON b.sha256 = c.body_sha256
WHERE c.id > :captures AND c.body_sha256 IS NOT NULL AND b.sha256 IS NULL AND c.outcome NOT IN ('new', 'changed', 'unchanged', 'not-modified')
AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.kind = 'body' AND r.key = c.body_sha256)
UNION ALL
SELECT 'capture ' || c.id || ': version ' || c.version || ' of ' || c.article || ', which it showed, is missing'
FROM captures c LEFT JOIN versions v ON v.article = c.article AND v.number = c.version
WHERE c.id > :captures AND c.version IS NOT NULL AND v.id IS NULL
UNION ALL
SELECT 'change ' || c.id || ': the comparison that found it is missing'
FROM changes c LEFT JOIN comparisons p ON p.article = c.article AND p.baseline = c.baseline
    AND p.from_version = c.from_version AND p.to_version = c.to_version
WHERE c.id > :changes AND p.change IS NOT c.id
"""


class Verifying(Captures, Accounting, Sealed):
    """The proof that nothing was altered."""

    def verify_chain(self) -> Iterator[str]:
        """Check chain, digests and missing rows; a damaged database is a finding, not an error."""
        with self._of_one_moment():
            yield from self._readable("schema", self.schema_problems())
            yield from self._chained()
            for table, problems in self._proofs().items():
                yield from self._each(table, self._rowids(table), problems)
            yield from self._readable("events", self.account())
            yield from self._readable("seals", self.seal_problems())
            yield from self._missing()

    def _proofs(self) -> dict[str, Callable[[int], Iterator[str]]]:
        """What a row says against its own digest, by table; rows by their numbers."""
        return {
            "bodies": self._body_problems,
            "versions": self._version_problems,
            "reextractions": self._reextraction_problems,
            "seeds": self._seed_problems,
            "changes": self._change_problems,
        }

    @contextlib.contextmanager
    def _of_one_moment(self) -> Iterator[None]:
        """What is read meanwhile is of one moment, whatever is recorded beside it."""
        if self._db.conn.in_transaction:
            yield
            return
        with sqlite_errors(self.path):
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            with sqlite_errors(self.path):
                self._db.rollback()

    def _rowids(self, table: str, after: int = FIRST) -> Iterator[int]:
        """The numbers of a table's rows."""
        return (place for place, _ in self._paged(f"SELECT rowid AS place_ FROM {table} WHERE rowid > ?", after))

    def _readable(self, what: str, problems: Iterator[str]) -> Iterator[str]:
        try:
            with sqlite_errors(self.path):
                yield from problems
        except (StoreError, *UNREADABLE) as error:
            yield f"{what}: cannot be read any more ({error})"

    def _each(self, table: str, keys: Iterable[int], problems: Callable[[int], Iterator[str]]) -> Iterator[str]:
        try:
            for key in keys:
                try:
                    yield from problems(key)
                except StoreError as error:  # a disk in trouble alters nothing by itself
                    yield f"{table.removesuffix('s')} {key}: it cannot be read any more ({error})"
                except UNREADABLE:  # where it was readable
                    yield f"{table.removesuffix('s')} {key}: altered; it cannot be read any more"
        except StoreError as error:
            yield f"table {table}: {error}"

    def _chained(self, after: int = 0, last: str = GENESIS) -> Iterator[str]:
        link = [last, after + 1]

        def check(id: int) -> Iterator[str]:
            previous, expected = link
            link[:] = ["", id + 1]
            if id != expected:
                yield f"capture {expected}: missing"
            row = self._required_row("SELECT * FROM captures WHERE id = ?", id)
            link[0] = row["hash"]
            if chain(str(previous), row["record"]) != row["hash"]:
                yield f"capture {id}: its record and the hash chain disagree"
            record = json.loads(row["record"])
            record.setdefault("origin", Origin.CRAWL.value)  # of looks made before archives could be read
            for name in _COLUMNS:
                if row[name] != record[name]:
                    yield f"capture {id}: its column {name} and its record disagree"

        yield from self._each("captures", self._rowids("captures", after or FIRST), check)

    def _body_problems(self, rowid: int) -> Iterator[str]:
        sha256 = self._required_row("SELECT sha256 FROM bodies WHERE rowid = ?", rowid)["sha256"]
        try:
            self.body(sha256)
        except OtherZlib as error:
            yield f"body {sha256[:12]}: cannot be made again here ({error})"
        except Exception as error:  # any failure to unpack is the finding
            yield f"body {sha256[:12]}: altered; its bytes and its digest disagree ({error})"

    def _version_problems(self, id: int) -> Iterator[str]:
        row = self._required_row(
            "SELECT v.*, c.record ->> '$.content_digest' AS seen, c.version AS shown, c.article AS of, "
            "c.record ->> '$.fingerprint' AS maker, c.record ->> '$.content_sha256' AS whole, c.origin AS brought, "
            f"{HEAD.format(v='v')} AS told FROM versions v LEFT JOIN captures c ON c.id = v.capture "
            "WHERE v.id = ?",
            id,
        )
        name = f"version {row['number']} of {row['article']}"
        head, packed, row = row["told"], row["packed"] is not None, self._unpacked("versions", row)
        if row["content"] == BLANK and self.removal("version", id):
            if row["digest"] != row["seen"]:
                yield f"{name}: altered; the digest of what was taken down and its capture disagree"
        elif digest(decode(row["content"], Content)) != row["digest"] or row["digest"] != row["seen"]:
            yield f"{name}: altered; its text and the digest in its capture disagree"
        elif hashlib.sha256(row["content"].encode()).hexdigest() != row["whole"] or row["origin"] != row["brought"]:
            yield f"{name}: altered; what surrounds its text and its capture disagree"
        if packed and head != head_of(row["content"]):
            yield f"{name}: altered; what lists show of it and its text disagree"
        if (row["number"], row["article"], row["fingerprint"]) != (row["shown"], row["of"], row["maker"]):
            yield f"{name}: altered; it and its capture {row['capture']} disagree"

    def _reextraction_problems(self, id: int) -> Iterator[str]:
        row = self._unpacked("reextractions", self._required_row("SELECT * FROM reextractions WHERE id = ?", id))
        taken = row["content"] == BLANK and self.removal("reextraction", id)
        if not taken and digest(decode(row["content"], Content)) != row["digest"]:
            yield f"reextraction {id} of {row['article']}: altered; its text and its digest disagree"

    def _seed_problems(self, number: int) -> Iterator[str]:
        row = self._required_row("SELECT data, sha256, content FROM seeds WHERE number = ?", number)
        decode(row["content"], Content)
        if row["content"] == BLANK and self.removal("seed", number):
            return
        if hashlib.sha256(row["data"]).hexdigest() != row["sha256"]:
            yield f"seed {number}: altered; its bytes and its digest disagree"

    def _change_problems(self, id: int) -> Iterator[str]:
        row = self._unpacked("changes", self._required_row("SELECT * FROM changes WHERE id = ?", id))
        found = read(row["assessment"])
        says = (row["weight"], json.loads(row["kinds"]), row["disclosure"], row["words"])
        if says != (int(found.weight), [kind.value for kind in found.kinds], found.disclosure.value, words(found)):
            yield f"change {id}: altered; its columns and its assessment disagree"

    def _missing(self) -> Iterator[str]:
        try:
            yield from (
                str(next(iter(row.values())))
                for row in self._rows(MISSING, dict.fromkeys(("versions", "captures", "changes"), FIRST))
            )
            for row in self._rows("PRAGMA foreign_key_check"):
                yield f"{row['table']} row {row['rowid']}: the row of {row['parent']} it belongs to is missing"
            for row in self._rows("PRAGMA integrity_check(1)"):
                if row["integrity_check"] != "ok":
                    yield f"database file: {' '.join(row['integrity_check'].split())}"
        except StoreError as error:
            yield f"database file: {error}"

    def _required_row(self, sql: str, key: int) -> Row:
        row = self._row(sql, [key])
        if row is None:
            raise KeyError(key)
        return row
