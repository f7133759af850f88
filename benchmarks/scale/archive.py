"""A database as years of watching leave it, made in minutes: some sixty histories are recorded by the product itself, and then copied.

A copy is an article of its own: its own number, looks in the one chain, versions, changes, lists, index and seals, in the product's
own formats, byte for byte what it would have written. Shared are the pages as served (they are kept by their content), so a copy
proves everything but its extraction; drawn are the times and the words of changes, so that lists and searches have something to do:
those words are all that ``verify_chain`` names.
"""

from __future__ import annotations

import json
import random
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from pysqlite3 import dbapi2 as sqlite3

from benchmarks.cost.pages import FIRST
from benchmarks.size import looks
from crawler.apart import read_apart
from crawler.reading import open_page
from scheduler.comparing import compare_owed
from scheduler.plan import Followed
from storage import Store
from storage.base import text
from storage.chain import GENESIS
from storage.records import chain
from storage.seals import GENESIS as FIRST_SEAL
from storage.seals import link, row_digest
from storage.texts import unpacked

VERSIONS = 5
HISTORIES = 60
NUMBER = 10_000_000  # of the first copy
_BATCH = 2000
_LATE = 1 / 500  # of the articles are due now
Row = dict[str, Any]


@dataclass
class History:
    """An article's rows as the product wrote them: packed as in the file, and as they say."""

    name: str
    tables: dict[str, list[Row]] = field(default_factory=dict)
    says: dict[str, list[Row]] = field(default_factory=dict)
    digests: list[list[str]] = field(default_factory=list)
    newest: tuple[str, str] = ("", "")


def build(path: Path, count: int) -> None:
    """A database of so many articles with their versions."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.db"
        record(small, HISTORIES)
        histories = _histories(small)
        Store.open(path).close()
        db = sqlite3.connect(str(path))
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "foreign_keys = OFF"):
            db.execute(f"PRAGMA {pragma}")
        _Copying(db, histories, random.Random(count)).run(small, count)
        db.close()


def record(path: Path, articles: int, first: int = FIRST) -> None:
    """Articles read, recorded, compared and packed by the product, each in all its versions."""
    with Store.open(path) as store:
        for look in looks(articles, VERSIONS, first):
            seen, page = open_page(replace(look, content=None))
            if not store.record(read_apart(seen, page, None)).created:
                raise SystemExit(f"a page that should bring a version did not: {look.requested_url}")
        compare_owed(store)
        sum(store.pack_pages())


def _histories(small: Path) -> list[History]:
    found = []
    with Store.open(small, write=False) as store:
        for article in store.articles():
            history = History(article.id)
            for table in ("articles", "article_urls", "captures", "versions", "changes", "comparisons"):
                key = "id" if table == "articles" else "article"
                rows = store._rows(f"SELECT * FROM {table} WHERE {key} = ? ORDER BY rowid", [article.id])
                history.tables[table], history.says[table] = rows, [unpacked(store._db, table, row) for row in rows]
            for change in history.tables["changes"]:
                rows = store._rows("SELECT digest FROM change_edits WHERE change = ?", [change["id"]])
                history.digests.append([row["digest"] for row in rows])
            (row,) = store._rows("SELECT headline, text FROM newest_texts WHERE article = ?", [article.id])
            history.newest = (row["headline"], row["text"])
            found.append(history)
    return found


class _Copying:
    """The copies, in batches; numbers and hashes go on from one to the next."""

    def __init__(self, db: sqlite3.Connection, histories: list[History], draw: random.Random) -> None:
        self._db, self._histories, self._draw = db, histories, draw
        self._now = datetime.now(UTC)
        self._vocabulary = [
            "".join(draw.choices("abcdefghiklmnoprstuwz", k=draw.randint(3, 12))) for _ in range(20_000)
        ]
        self._ids = dict.fromkeys(("article_urls", "captures", "versions", "changes"), 0)
        self._hash = GENESIS
        self._seal, self._seal_hash = 0, FIRST_SEAL
        self._rows: dict[str, list[Row]] = {}

    def run(self, small: Path, count: int) -> None:
        """Copy the pages, then articles, as many as wanted."""
        self._pages(small)
        numbers = iter(range(count))
        while batch := list(islice(numbers, _BATCH)):
            for number in batch:
                self._article(self._histories[number % len(self._histories)], NUMBER + number)
            self._write()
        self._db.execute(
            "INSERT OR REPLACE INTO memory VALUES ('compared', ?)", [json.dumps({"to": self._ids["versions"]})]
        )
        self._db.commit()
        self._db.execute("ANALYZE")

    def _pages(self, small: Path) -> None:
        with Store.open(small, write=False) as store:
            for row in store._rows("SELECT * FROM bodies ORDER BY rowid"):
                self._add("bodies", row, row, row["sha256"])
        self._write()

    def _article(self, history: History, number: int) -> None:
        name, old = f"a-{number}", history.name
        (article,), (url,) = history.says["articles"], history.says["article_urls"][:1]
        self._add("articles", {**article, "id": name}, {**article, "id": name}, name)
        renamed = {**url, "id": self._next("article_urls"), "article": name, "url": url["url"].replace(old, name)}
        self._add("article_urls", renamed, renamed, str(renamed["id"]))
        looks = self._looks(history, name)
        first = self._versions(history, name, looks)
        self._changes(history, name)
        self._rows.setdefault("texts", []).append(
            {"rowid": first + len(looks) - 1, "headline": history.newest[0], "text": history.newest[1]}
        )
        self._rows.setdefault("schedule", []).append(self._plan(name))

    def _looks(self, history: History, name: str) -> dict[int, int]:
        """The looks in the one chain; the new number of each."""
        numbers = {}
        for row in history.tables["captures"]:
            record = row["record"].replace(history.name, name)
            self._hash = chain(self._hash, record)
            urls = {key: row[key].replace(history.name, name) for key in ("requested_url", "final_url")}
            numbers[row["id"]] = new = self._next("captures")
            copied = {**row, **urls, "id": new, "article": name, "record": record, "hash": self._hash}
            self._add("captures", copied, copied, str(new))
        return numbers

    def _versions(self, history: History, name: str, looks: dict[int, int]) -> int:
        numbers: dict[int, int] = {}
        for row, says in zip(history.tables["versions"], history.says["versions"], strict=True):
            numbers[row["id"]] = new = self._next("versions")
            own = {"id": new, "article": name, "capture": looks[row["capture"]]}
            copied = {**row, **own, "base": row["base"] and numbers[row["base"]]}
            self._add("versions", copied, {**says, **own}, str(new))
        return min(numbers.values())

    def _changes(self, history: History, name: str) -> None:
        numbers = {}
        for row, says, digests in zip(history.tables["changes"], history.says["changes"], history.digests, strict=True):
            numbers[row["id"]] = new = self._next("changes")
            at = self._now - timedelta(seconds=self._draw.uniform(0, 365 * 86400))
            own = {
                "id": new, "article": name, "words": self._words(new),
                "observed_after": text(at - timedelta(hours=1)), "observed_by": text(at),
            }  # fmt: skip
            self._add("changes", {**row, **own}, {**says, **own}, str(new))
            self._rows.setdefault("change_edits", []).extend({"change": new, "digest": digest} for digest in digests)
        for row in history.tables["comparisons"]:
            copied = {**row, "article": name, "change": row["change"] and numbers[row["change"]]}
            key = f"{name} {row['baseline']} {row['from_version']} {row['to_version']}"
            self._add("comparisons", copied, copied, key)

    def _words(self, number: int) -> str:
        words = self._draw.choices(self._vocabulary, k=10)
        return " ".join(
            [*words, "seltenwort"] if number % 10_000 == 0 else [*words, "hafen"] if number % 10 == 0 else words
        )

    def _plan(self, name: str) -> Row:
        draw, now = self._draw, self._now
        born = now - timedelta(seconds=draw.uniform(3600, 365 * 86400))
        last = now - timedelta(seconds=draw.uniform(600, 20 * 86400))
        state = Followed(
            first_seen=born.timestamp(),
            published=born.timestamp(),
            last_look=max(born, last).timestamp(),
            beta=draw.uniform(0.5, 2.0),
            stamps={"title": "Ein Artikel", "address": f"https://www.dw.com/de/ein-artikel/{name}"},
            group="de",
        )
        late = draw.random() < _LATE
        due = now + timedelta(seconds=draw.uniform(-600, 0) if late else draw.uniform(600, 30 * 86400))
        says = {**state.to_json(), "policy": "learned", "missed_since": None}
        return {"article": name, "due": text(due), "state": json.dumps(says)}

    def _next(self, table: str) -> int:
        self._ids[table] += 1
        return self._ids[table]

    def _add(self, table: str, row: Row, says: Row, key: str) -> None:
        self._rows.setdefault(table, []).append(row)
        digest = row_digest(says)
        self._seal, self._seal_hash = self._seal + 1, link(self._seal_hash, table, key, digest)
        seal = {"id": self._seal, "of": table, "key": key, "digest": digest, "hash": self._seal_hash}
        self._rows.setdefault("seals", []).append(seal)

    def _write(self) -> None:
        order = ("bodies", "articles", "article_urls", "captures", "versions", "changes", "comparisons", "change_edits")
        for table in (*order, "texts", "schedule", "seals"):
            if rows := self._rows.pop(table, []):
                names = list(rows[0])
                sql = f"INSERT INTO {table}({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
                self._db.executemany(sql, ([row[name] for name in names] for row in rows))
        self._db.commit()
