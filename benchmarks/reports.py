"""How fast the report pages answer over a large database, asked over HTTP on loopback.

``python -m benchmarks.reports`` makes a database of 100,000 changes in 20,000 invented articles (about a minute; ``--folder`` keeps it for
the next run, ``--changes`` sets the size), starts ``zaesur serve`` and asks for every page and filter. Targets: first page under 100 ms, every
filter under 300 ms (95th percentile), the diff page of a live blog of 50,000 words under 1 s. Exits 1 when one is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

from msgspec.structs import replace

from reports.diff import FINGERPRINT, assess
from reports.summary import summarise
from storage import Store
from storage.base import text
from storage.changes import words
from storage.content import digest, encode
from storage.reviews import record_mark
from storage.types import Assessment, Block, BlockKind, Content, Verdict

_FIRST, _FILTER, _DIFF = 100.0, 300.0, 1000.0  # milliseconds
_START = datetime(2024, 1, 1, tzinfo=UTC)
_LANGUAGES = ("de", "en", "es", "ar", "fa", "ru", "zh", "hi", "pt", "tr", "uk", "am")
_SECTIONS = ("Politik", "Wirtschaft", "Kultur", "Sport", "Wissen", "Gesellschaft", "Umwelt", "Reise")
_SYLLABLES = [
    "ta",
    "ren",
    "mol",
    "vi",
    "sa",
    "ko",
    "lu",
    "be",
    "nor",
    "di",
    "pel",
    "gra",
    "no",
    "mi",
    "fu",
    "zen",
    "ar",
    "el",
    "os",
]
_BLOG = "live-1"
_SETTINGS = ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -200000")

_ASKED = {
    "first page": ("/", _FIRST),
    "first page, German": ("/de/", _FIRST),
    "substantive, no note": ("/lists/substantive-silent.html", _FILTER),
    "everything": ("/lists/everything.html", _FILTER),
    "cosmetic": ("/lists/cosmetic.html", _FILTER),
    "weight": ("/search.html?weight=substantive", _FILTER),
    "kind, frequent": ("/search.html?kind=number", _FILTER),
    "kind, never": ("/search.html?kind=image", _FILTER),
    "note found": ("/search.html?disclosure=noted", _FILTER),
    "outlet": ("/search.html?outlet=dw", _FILTER),
    "language": ("/search.html?language=am", _FILTER),
    "section": ("/search.html?section=Reise", _FILTER),
    "baseline, never": ("/search.html?baseline=seed", _FILTER),
    "period": ("/search.html?since=2024-03-01&until=2024-03-07", _FILTER),
    "period, never": ("/search.html?since=2034-03-01", _FILTER),
    "article": ("/search.html?article=a-1000007", _FILTER),
    "search, frequent": ("/search.html?search=11", _FILTER),
    "search, rare": ("/search.html?search=wirtin", _FILTER),
    "search, never": ("/search.html?search=q%C3%BCx", _FILTER),
    "review": ("/search.html?review=confirmed", _FILTER),
    "not reviewed": ("/search.html?review=open", _FILTER),
    "new since I looked": ("/search.html?new=1", _FILTER),
    "six filters at once": ("/search.html?weight=substantive&kind=number&language=de&section=Sport&search=1&since=2024-02-01", _FILTER),
    "a late page": ("/lists/everything-after-{late}.html", _FILTER),
    "API, 100 rows": ("/api/changes", _FILTER),
    "feed": ("/feeds/everything.atom", _FILTER),
    "feed of a language": ("/feeds/language-am.atom", _FILTER),
    "status": ("/status.html", _FILTER),
    "article page": ("/articles/a-1000007.html", _FILTER),
    "diff of 50,000 words": ("/changes/{blog}.html", _DIFF),
}  # fmt: skip


def main() -> int:
    """Make the database, ask, print a row for each page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--folder", type=Path, help="keep the database here")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"reports-{chosen.changes}.db"
        if not path.exists():
            _make(path, chosen.changes)
        port = stack.enter_context(_serving(path))
        missed = _ask(path, port, chosen.rounds)
    return 1 if missed else 0


def _ask(path: Path, port: int, rounds: int) -> list[str]:
    with Store.open(path, write=False) as store:
        blog = store.changes(article=_BLOG)[0].id
        late = store.newest_change() // 2
    print(
        f"{'page':<24}{'median':>9}{'p95':>9}{'target':>9}  (milliseconds, {rounds} rounds, {_changes(path):,} changes)"
    )
    missed = []
    for name, (address, target) in _ASKED.items():
        times = sorted(_timed(port, address.format(blog=blog, late=late)) for _ in range(rounds))
        median, p95 = times[len(times) // 2], times[ceil(len(times) * 0.95) - 1]
        good = p95 < target
        missed += [] if good else [name]
        print(f"{name:<24}{median:>9.1f}{p95:>9.1f}{target:>9.0f}  {'' if good else 'MISSED'}")
    return missed


def _changes(path: Path) -> int:
    with Store.open(path, write=False) as store:
        return int(store.status()["changes"])


def _timed(port: int, address: str) -> float:
    """One request on a connection of its own, in milliseconds; the cookie says that half the changes have been seen."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    start = time.perf_counter()
    connection.request("GET", address, headers={"Cookie": f"zaesur-visit=50000.1700000000.50000.{int(time.time())}"})
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - start) * 1000
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{address}: HTTP {answer.status}")
    return took


@contextlib.contextmanager
def _serving(path: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "scheduler", "--db", str(path), "serve", "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as server:
        try:
            assert server.stderr is not None
            told = server.stderr.readline()
            found = re.search(r":(\d+)/", told)
            if not found:
                raise SystemExit(f"the server did not start: {told}")
            yield int(found[1])
        finally:
            server.terminate()


def _make(path: Path, changes: int) -> None:
    """Articles of six versions each; the texts are drawn from a few hundred real comparisons, the rest is varied."""
    chance = random.Random(1789)
    pairs = [_pair(chance, language) for language in _LANGUAGES for _ in range(20)]
    part = path.with_name(f"{path.name}.part")
    with Store.open(part) as store:
        for setting in _SETTINGS:  # it is thrown away when this is killed
            store._db.execute(f"PRAGMA {setting}")
        with store._write() as db:
            _blog(store, chance)
            number = 0
            while number < changes:
                article = 1_000_000 + number // 5
                pair = pairs[chance.randrange(len(pairs))]
                _article(db, chance, f"a-{article}", pair, min(5, changes - number))
                number += 5
    part.replace(path)
    for leftover in path.parent.glob(f"{part.name}*"):
        leftover.unlink()
    for id in range(1, changes, max(1, changes // 200)):
        record_mark(path, id, Verdict.CONFIRMED if id % 2 else Verdict.REVIEWED, "Benchmark")


def _pair(chance: random.Random, language: str) -> tuple[Content, Content, Assessment]:
    paragraphs = [_sentence(chance, 35) for _ in range(18)]
    old = Content(
        headline=_sentence(chance, 7),
        kicker=f"{chance.choice(_SECTIONS)} | Welt",
        teaser=_sentence(chance, 20),
        published="2024-01-01T06:00:00Z",
        language=language,
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=paragraph) for paragraph in paragraphs),
        layout="dw-2026",
    )
    edited = list(paragraphs)
    for at in chance.sample(range(len(edited)), chance.randint(1, 4)):
        edited[at] = chance.choice((_renumbered, _reworded, _typeset))(chance, edited[at])
    if chance.random() < 0.2:
        edited.append(
            "Anmerkung der Redaktion: In einer früheren Version stand eine falsche Zahl. Wir haben das korrigiert."
        )
    new = replace(old, blocks=tuple(Block(kind=_kind(paragraph), text=paragraph) for paragraph in edited))
    return old, new, assess(old, new)


def _kind(paragraph: str) -> BlockKind:
    return BlockKind.NOTE if paragraph.startswith("Anmerkung der") else BlockKind.PARAGRAPH


def _sentence(chance: random.Random, length: int) -> str:
    drawn = ("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(length))
    return " ".join([*drawn, str(chance.randint(10, 9999))]).capitalize() + "."


def _renumbered(chance: random.Random, paragraph: str) -> str:
    return re.sub(r"\d+", lambda _: str(chance.randint(10, 9999)), paragraph)


def _reworded(chance: random.Random, paragraph: str) -> str:
    return paragraph.replace(
        paragraph.split()[3], "wirtin" if chance.random() < 0.05 else "".join(chance.choices(_SYLLABLES, k=3))
    )


def _typeset(_: random.Random, paragraph: str) -> str:
    return paragraph.replace(" ", "\u00a0", 1)


def _article(db, chance: random.Random, id: str, pair: tuple[Content, Content, Assessment], changes: int) -> None:  # type: ignore[no-untyped-def]
    old, new, assessment = pair
    first = _START + timedelta(minutes=chance.randint(0, 500_000))
    db.execute("INSERT INTO articles VALUES (?, 'dw', ?, ?, ?)", [id, old.language, old.headline, text(first)])
    db.execute(
        "INSERT INTO article_urls(article, url, seen) VALUES (?, ?, ?)",
        [id, f"https://www.dw.com/{old.language}/x/{id}", text(first)],
    )
    for number in range(1, changes + 2):
        at = first + timedelta(hours=number * chance.randint(1, 9))
        content = new if number % 2 == 0 else old
        digest_hex = hashlib.sha256(f"{id}-{number}".encode()).hexdigest()
        capture = db.execute(
            "INSERT INTO captures(article, requested_url, started, answered, status, outcome, version, body_sha256, record, hash) "
            "VALUES (?, ?, ?, ?, 200, ?, ?, ?, '{\"headers\":[]}', ?)",
            [id, f"https://www.dw.com/x/{id}", text(at), text(at), "new" if number == 1 else "changed", number, digest_hex, digest_hex],
        ).lastrowid  # fmt: skip
        db.execute(
            "INSERT INTO versions(article, number, origin, digest, content, fingerprint, capture) VALUES (?, ?, 'crawl', ?, ?, 'made', ?)",
            [id, number, digest(content), encode(content), capture],
        )
        if number > 1:
            _change(db, id, number, assessment, first, at, content.headline or "")


def _change(db, id: str, number: int, assessment: Assessment, after: datetime, by: datetime, headline: str) -> None:  # type: ignore[no-untyped-def]
    pair = [id, number - 1, number]
    made = db.execute(
        "INSERT INTO changes(article, baseline, from_version, to_version, observed_after, observed_by, weight, kinds, disclosure, "
        "summary, headline, words, assessment, differ) VALUES (?, 'previous', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *pair,
            text(after),
            text(by),
            int(assessment.weight),
            json.dumps([kind.value for kind in assessment.kinds]),
            assessment.disclosure.value,
            summarise(assessment),
            headline,
            words(assessment),
            encode(assessment),
            FINGERPRINT,
        ],
    ).lastrowid
    db.execute("INSERT INTO comparisons VALUES (?, 'previous', ?, ?, ?, ?, ?)", [*pair, made, FINGERPRINT, text(by)])


def _blog(store: Store, chance: random.Random) -> None:
    """A live blog of 50,000 words, of which a hundred posts were edited."""
    posts = [_sentence(chance, 49) for _ in range(1000)]
    old = Content(
        headline=_sentence(chance, 6), language="de", kicker="Live", teaser="", layout="dw-2026", blocks=_posts(posts)
    )
    edited = [_renumbered(chance, post) if index % 10 == 0 else post for index, post in enumerate(posts)]
    new = replace(old, blocks=_posts(edited))
    _article(store._db, chance, _BLOG, (old, new, assess(old, new)), 1)


def _posts(posts: list[str]) -> tuple[Block, ...]:
    return tuple(Block(kind=BlockKind.POST, text=post) for post in posts)


if __name__ == "__main__":
    sys.exit(main())
