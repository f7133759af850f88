"""What an outlet's whole archive costs: choosing what to look at among a million followed articles, reading among a million changes.

``python -m benchmarks.scale [ARTICLES]`` builds a database of that many (a million by default) with their states as the
service keeps them, one in five hundred of them due, and one change each, and prints the medians; exits 1 when a target is missed.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from scheduler.plan import Followed
from scheduler.revisiting import choose_due, replan
from storage import Store
from storage.content import encode
from storage.listing import Wanted
from storage.opening import copy
from storage.types import Assessment, Diff, Disclosure, Kind, Weight

CHOOSING_MS = 20.0
LISTING_MS = 150.0
SEARCHING_MS = 300.0
HELP_MS = 100.0
_COMMANDS = {"--help": HELP_MS, "changes --limit 50": LISTING_MS}
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
            choosing = [_took(lambda: choose_due(store, 20)) for _ in range(ROUNDS)]
            nightly = _took(lambda: replan(store)).wall
            began = time.perf_counter()
            change(store, count)
            print(f"{count:,} changes, written in {time.perf_counter() - began:.0f} s, {_mib(path):.0f} MiB")
        with Store.open(path, write=False) as store:
            reading = {name: [_took(work) for _ in range(ROUNDS)] for name, work in _readings(store).items()}
            copying = _took(lambda: copy(store._db, Path(folder) / "copy.db")).wall
        for words in _COMMANDS:
            _command(words.split(), path)  # the first start compiles, as an installation does
        commands = {
            words: [_took(partial(_command, words.split(), path)) for _ in range(ROUNDS)] for words in _COMMANDS
        }
    met = _said("choosing 20 of what is due", choosing, CHOOSING_MS)
    for name, times in reading.items():
        met &= _said(name, times, SEARCHING_MS if name.startswith("searching") else LISTING_MS)
    for words, times in commands.items():
        met &= _said(f"zaesur {words}", times, _COMMANDS[words])
    print(f"planning all anew, nightly   {nightly:.0f} s, {nightly / count * 1e6:.0f} µs an article")
    print(f"copying it while in use, as a backup does before it verifies   {copying:.0f} s")
    return 0 if met else 1


def _command(words: list[str], path: Path) -> None:
    """A command as a user starts it, from nothing but an installation, which has compiled its modules."""
    program = str(Path(sys.executable).with_name("zaesur"))
    environment = {**os.environ, "ZAESUR_DB": str(path), "PYTHONPYCACHEPREFIX": str(path.with_name("compiled"))}
    environment.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # set where files should not be littered, and every start compiles anew
    subprocess.run([program, *words], env=environment, stdout=subprocess.DEVNULL, check=True)


class _Took(NamedTuple):
    """Seconds by the clock, and of the processor, children included: on a busy machine only these tell anything."""

    wall: float
    processor: float


def _said(name: str, times: list[_Took], target: float) -> bool:
    walls = [took.wall * 1000 for took in times]
    met = median(walls) <= target
    processor = median(took.processor for took in times) * 1000
    told = f"(processor {processor:.1f} ms; target {target:g} ms: {'met' if met else 'MISSED'})"
    print(f"{name:40} median {median(walls):7.1f} ms, worst {max(walls):7.1f} ms   {told}")
    return met


def _readings(store: Store) -> dict[str, Callable[[], object]]:
    """What a reader of the inbox asks for, by name."""
    return {
        "the first 50 changes": lambda: store.listed(Wanted(), limit=50),
        "50 changes of one kind, without a note": lambda: store.listed(
            Wanted(kind=Kind.NUMBER, disclosure=Disclosure.SILENT), limit=50
        ),
        "how many there are, by weight": lambda: store.tally(Wanted()),
        "searching a word that one in 10,000 has": lambda: store.listed(Wanted(search="seltenwort"), limit=50),
        "searching a word that nobody wrote": lambda: store.listed(Wanted(search="nirgendwort"), limit=50),
        "searching a word that one in ten has": lambda: store.listed(Wanted(search="hafen"), limit=50),
    }


def change(store: Store, count: int) -> None:
    """One change in each article, of all weights and kinds, with about ten words added or removed."""
    with store._write() as db:
        db.conn.executemany(_CHANGE, _changes(count, datetime.now(UTC), random.Random(count)))


_CHANGE = """
INSERT INTO changes(article, baseline, from_version, to_version, observed_after, observed_by, weight, kinds, disclosure, summary,
    headline, words, assessment, differ) VALUES (?, 'previous', 1, 2, ?, ?, ?, ?, ?, 'One number changed.', 'Ein Artikel', ?, ?, 'bench')
"""


def _changes(count: int, now: datetime, draw: random.Random) -> Iterator[tuple[object, ...]]:
    vocabulary = ["".join(draw.choices("abcdefghiklmnoprstuwz", k=draw.randint(3, 12))) for _ in range(20_000)]
    for number in range(10_000_000, 10_000_000 + count):
        kind, weight = draw.choice(list(Kind)), draw.choice(list(Weight))
        disclosure = draw.choice(list(Disclosure))
        words = draw.choices(vocabulary, k=10)
        words += ["seltenwort"] if number % 10_000 == 0 else ["hafen"] if number % 10 == 0 else []
        found = Assessment(diff=Diff(edits=()), kinds=(kind,), weight=weight, disclosure=disclosure, reason="")
        at = now - timedelta(seconds=draw.uniform(0, 365 * 86400))
        kinds = json.dumps([kind.value])
        yield (
            f"a-{number}", _text(at - timedelta(hours=1)), _text(at), int(weight), kinds, disclosure.value, " ".join(words), encode(found)
        )  # fmt: skip


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


def _took(work: Callable[[], object]) -> _Took:
    began, spent = time.perf_counter(), _processor()
    work()
    return _Took(time.perf_counter() - began, _processor() - spent)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _mib(path: Path) -> float:
    return path.stat().st_size / 2**20


if __name__ == "__main__":
    sys.exit(main())
