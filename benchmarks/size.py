"""What storing costs: bytes a version and a page as served, beside plain rows.

``python -m benchmarks.size [ARTICLES [VERSIONS]]`` builds a database of that many articles (300) with that many versions each (10),
every version one scripted edit away from the one before, with its page as served: 190 KB with the noise of each request, coded with
gzip. It prints the bytes of every table with its indexes, as they stand in the file after everything was recorded and compared.

What counts as what: *texts* are the versions and second readings with all their indexes; *changes* are what was found between them,
the list beside them and the comparisons made; *index* is the full-text index; *pages* are the bodies; *seals* are what proves all
of them. Beside it stand plain rows: one table of article, number, time and the content as JSON, with an index over article and
number, and one of pages as served. Exits 1 when a target is missed.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from benchmarks.cost.pages import FIRST, HeavySite, article
from crawler.extraction import fingerprint
from crawler.localsite.edits import scripted
from scheduler.comparing import compare_owed
from storage import Store
from storage.content import encode
from storage.types import Article, BlockKind, Content, Look
from storage.usage import Usage

TEXT, PAGE, INDEX = (
    800,
    12 * 1024,
    1.0,
)  # bytes a version, bytes a page that nearly equals another, index over all but pages
PARAGRAPHS = (3, 8)  # of an article, drawn: 5 KB of text on average


def main() -> int:
    """Build, measure, judge; the number of the exit."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    versions = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder) / "size.db", Path(folder) / "plain.db"
        made = list(looks(articles, versions))
        began = time.process_time()
        with Store.open(path) as store:
            for look in made:
                store.record(look)
            recorded = time.process_time() - began
            compare_owed(store)
            began = time.process_time()
            packed = sum(store.pack_pages())
            packing = (time.process_time() - began) / packed
        with Store.open(path, write=False) as store:
            usage, changes = store.usage(), store.status()["changes"]
        texts, pages = _plain_rows(plain, made)
    return _judge(usage, len(made), articles, changes, texts, pages, (recorded / len(made), packing))


def looks(articles: int, versions: int, first: int = FIRST) -> Iterator[Look]:
    """Looks as a crawl makes them, all articles in turns, so that versions of one do not lie side by side."""
    site, made_by, draw = HeavySite(seed=3), fingerprint(), random.Random(7)
    contents = {}
    for number in range(first, first + articles):
        whole = article(number)
        paragraphs = [block for block in whole.blocks if block.kind is BlockKind.PARAGRAPH]
        others = [block for block in whole.blocks if block.kind is not BlockKind.PARAGRAPH]
        contents[number] = replace(whole, blocks=(*others, *paragraphs[: draw.randint(*PARAGRAPHS)]))
        site.publish(contents[number], number=number, slug="hafen")
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for turn in range(versions):
        for number in contents:
            if turn:
                contents[number] = _another(contents[number], draw)
                site.revise(number, contents[number])
            at += timedelta(seconds=1)
            yield _look(site, number, contents[number], at, made_by)


def _another(content: Content, draw: random.Random) -> Content:
    while True:
        with contextlib.suppress(IndexError):  # nothing left of what this kind of edit is made to
            if (edited := scripted(content, draw).content) != content:
                return edited


def _look(site: HeavySite, number: int, content: Content, at: datetime, made_by: str) -> Look:
    answer = site.answer(f"/de/hafen/a-{number}", {})
    url = f"https://www.dw.com/de/hafen/a-{number}"
    return Look(
        requested_url=url,
        final_url=url,
        article=Article(id=f"a-{number}", outlet="dw", url=url, language="de"),
        started=at,
        answered=at,
        monotonic=at.timestamp(),
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")),
        body=gzip.compress(answer.body, 6),
        decoded_sha256=hashlib.sha256(answer.body).hexdigest(),
        decoded_length=len(answer.body),
        content=replace(content, modified=at.isoformat(), published="2026-03-01T08:00:00+00:00"),
        fingerprint=made_by,
    )


def _plain_rows(path: Path, looks: list[Look]) -> tuple[float, float]:
    """Bytes a version and a page when each is a row as it is."""
    sizes = []
    for number, statement in enumerate(("INSERT INTO texts VALUES (?, ?, ?, ?)", "INSERT INTO pages VALUES (?, ?)")):
        file = path.with_suffix(f".{number}")
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE texts (article TEXT, number INTEGER, at TEXT, content TEXT)")
        connection.execute("CREATE INDEX texts_article ON texts(article, number)")
        connection.execute("CREATE TABLE pages (sha256 TEXT PRIMARY KEY, body BLOB)")
        for at, look in enumerate(looks):
            text = (look.article and look.article.id, at, str(look.answered), encode(look.content))
            page = (hashlib.sha256(look.body or b"").hexdigest(), look.body)
            connection.execute(statement, page if number else text)
        connection.commit()
        connection.close()
        sizes.append(file.stat().st_size / len(looks))
    return sizes[0], sizes[1]


def _judge(
    usage: Usage, versions: int, articles: int, changes: int, texts: float, pages: float, seconds: tuple[float, float]
) -> int:
    families = usage.families
    print(f"{versions:,} versions of {articles:,} articles, {changes:,} changes: {usage.total / 2**20:.1f} MiB")
    print(
        f"recorded in {seconds[0] * 1000:.1f} ms of CPU a version, its page packed later in {seconds[1] * 1000:.1f} ms"
    )
    print(f"{'bytes a version':24} {'ours':>8} {'plain':>8} {'ratio':>7}")
    for name, size in families.items():
        plain = {"texts": texts, "pages": pages}.get(name)
        beside = f"{plain:8,.0f} {size / versions / plain:7.2f}" if plain else ""
        print(f"{name:24} {size / versions:8,.0f} {beside}")
        for tree in usage.trees:
            if tree.family == name and tree.bytes / versions >= 10:
                print(f"  {tree.name:22} {tree.bytes / versions:8,.0f}")
    text = families["texts"] / versions
    # the first page of an article has none that nearly equals it: what it takes is what the others' base takes
    page = families["pages"] / versions
    index = families.get("index", 0) / (usage.total - families["pages"] - families.get("index", 0))
    met = True
    for name, value, target in (
        ("bytes a text version", text, TEXT),
        ("bytes a page as served", page, PAGE),
        ("index / all that is not pages", index, INDEX),
    ):
        met &= value <= target
        print(f"{name:32} {value:10,.2f}   (at most {target:,}: {'met' if value <= target else 'MISSED'})")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
