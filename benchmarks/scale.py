"""What an outlet's whole archive costs: choosing what to look at among a million followed articles.

``python -m benchmarks.scale [ARTICLES]`` builds a database of that many (a million by default) with their states as the
service keeps them, one in five hundred of them due, and prints the medians; exits 1 when a target is missed.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from scheduler.plan import Followed
from scheduler.revisiting import choose_due, replan
from storage import Store

CHOOSING_MS = 20.0
ROUNDS = 9


def main() -> int:
    """Build, measure, judge; the number of the exit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scale.db"
        began = time.perf_counter()
        build(path, count)
        print(f"{count:,} followed articles, built in {time.perf_counter() - began:.0f} s, {_mib(path):.0f} MiB")
        with Store.open(path) as store:
            choosing = [_took(lambda: choose_due(store, 20)) * 1000 for _ in range(ROUNDS)]
            nightly = _took(lambda: replan(store))
    met = median(choosing) <= CHOOSING_MS
    print(f"choosing 20 of what is due   median {median(choosing):6.1f} ms, worst {max(choosing):.1f} ms", end="")
    print(f"   (target {CHOOSING_MS:g} ms: {'met' if met else 'MISSED'})")
    print(f"planning all anew, nightly   {nightly:.0f} s, {nightly / count * 1e6:.0f} µs an article")
    return 0 if met else 1


def build(path: Path, count: int) -> None:
    """A database of followed articles up to a year old, each looked at once or more, a five-hundredth of them due."""
    draw, now = random.Random(count), datetime.now(UTC)
    with Store.open(path) as store, store._write() as db:
        for sql, rows in (
            ("INSERT INTO articles VALUES (?, 'dw', 'de', 'Ein Artikel', ?)", _articles(count, now)),
            ("INSERT INTO article_urls(article, url, seen) VALUES (?, ?, ?)", _addresses(count, now)),
            ("INSERT INTO schedule(article, due, state) VALUES (?, ?, ?)", _plans(count, now, draw)),
        ):
            db.conn.executemany(sql, rows)


def _articles(count: int, now: datetime) -> Iterator[tuple[str, str]]:
    return ((f"a-{number}", _text(now)) for number in range(10_000_000, 10_000_000 + count))


def _addresses(count: int, now: datetime) -> Iterator[tuple[str, str, str]]:
    return (
        (f"a-{number}", f"https://www.dw.com/de/ein-artikel/a-{number}", _text(now))
        for number in range(10_000_000, 10_000_000 + count)
    )


def _plans(count: int, now: datetime, draw: random.Random) -> Iterator[tuple[str, str, str]]:
    for number in range(10_000_000, 10_000_000 + count):
        born = now - timedelta(seconds=draw.uniform(3600, 365 * 86400))
        last = now - timedelta(seconds=draw.uniform(600, 20 * 86400))
        state = Followed(
            first_seen=born.timestamp(),
            published=born.timestamp(),
            last_look=max(born, last).timestamp(),
            beta=draw.uniform(0.5, 2.0),
            stamps={"title": "Ein Artikel", "address": f"https://www.dw.com/de/ein-artikel/a-{number}"},
            group="de",
        )
        late = draw.random() < 0.002
        due = now + timedelta(seconds=draw.uniform(-600, 0) if late else draw.uniform(600, 30 * 86400))
        yield f"a-{number}", _text(due), json.dumps({**state.to_json(), "policy": "learned", "missed_since": None})


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _mib(path: Path) -> float:
    return path.stat().st_size / 2**20


if __name__ == "__main__":
    sys.exit(main())
