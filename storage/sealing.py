"""Check every row of evidence against its seal, and the tables against the schema they were made by."""

from __future__ import annotations

from collections.abc import Iterator

from storage.base import Base
from storage.opening import made_anew
from storage.seals import (
    GENESIS,
    GONE,
    Rows,
    head_name,
    key_of,
    link,
    primary_key,
    read_head,
    says_digest,
    sealed_tables,
)


class Sealed(Base):
    """What the seals prove."""

    def seal_problems(self) -> Iterator[str]:
        """The chain of seals, every row against its seal, and the end that was told beside the database."""
        told = read_head(head_name(self.path))  # read first: what is committed meanwhile only adds
        newest: Rows = {}
        previous, expected = GENESIS, 1
        for row in self._db.query("SELECT * FROM seals ORDER BY id"):
            if row["id"] != expected:
                yield f"seal {expected}: missing"
            if link(previous, row["of"], row["key"], row["digest"]) != row["hash"]:
                yield f"seal {row['id']} of {row['of']} {row['key']}: it and the chain of seals disagree"
            if told and told[0] == row["id"] and told[1] != row["hash"]:
                yield f"seal {row['id']}: it is not the one that was told when it was recorded"
            previous, expected = row["hash"], row["id"] + 1
            newest[row["of"], row["key"]] = row["digest"]
        if told and told[0] >= expected:
            yield f"seal {expected} to {told[0]}: recorded once, and lost since; see docs/operation.md"
        for table in sealed_tables():
            yield from self._rows_against_seals(table, newest)
        yield from (f"{of} {key}: missing" for (of, key), digest in newest.items() if digest != GONE)

    def _rows_against_seals(self, table: str, newest: Rows) -> Iterator[str]:
        keys = primary_key(self._db, table)
        for row in self._db.query(f"SELECT * FROM {table}"):
            key = key_of(row, keys)
            seal = newest.pop((table, key), None)
            if seal is None:
                yield f"{table} {key}: recorded by no zaesur; it has no seal"
            elif seal != says_digest(self._db, table, row):
                yield f"{table} {key}: altered; it and its seal disagree"

    def schema_problems(self) -> Iterator[str]:
        """Tables, indexes, views and triggers that are not as the migrations make them."""
        found = {row["name"]: row["sql"] for row in self._rows("SELECT name, sql FROM sqlite_master")}
        for name, (kind, sql) in made_anew().items():
            if name not in found:
                yield f"{kind} {name}: missing" + ("; the table could be altered" if kind == "trigger" else "")
            elif found[name] != sql:
                yield f"{kind} {name}: altered; it is not as zaesur makes it"
