"""``python -m benchmarks.scale [ARTICLES [FILE]]``: a million followed articles (or so many) with five versions each, and what they cost.

The database is built first (see ``archive``), in FILE where one is named, and found there the next time; it takes about 7 KB a version,
and as much again while it is copied. Choosing what is due, the inbox, searches and commands are medians held against their targets; exits 1 when one is missed.
Then a day's looks are recorded by the product and verified as ``zaesur verify --new`` does; what takes hours at this size (everything
verified, a backup verified, a migration) is timed on a small database and multiplied, and said so.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.scale import archive
from scheduler.proving import prove, prove_since
from scheduler.revisiting import choose_due, replan
from storage import Store
from storage.listing import Wanted
from storage.opening import copy
from storage.seals import agreeing
from storage.types import Disclosure, Kind

CHOOSING_MS = 20.0
LISTING_MS = 150.0
SEARCHING_MS = 300.0
HELP_MS = 100.0
ROUNDS = 9
_COMMANDS = {
    "--help": HELP_MS,
    "changes --limit 50": LISTING_MS,
    "changes --limit 50 --json": LISTING_MS,
    "changes --limit 50 --search seltenwort": SEARCHING_MS,
}
_DAY = 40  # articles recorded in the day that is verified, each in all its versions
_OLDER = 20.0  # seconds for the older records


def main() -> int:
    """Build, measure, judge; the number of the exit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "scale.db"
        if not path.exists():
            began = time.perf_counter()
            archive.build(path, count)
            print(f"built in {time.perf_counter() - began:.0f} s, {time.process_time():.0f} s of the processor")
        met = _reading(path, Path(folder))
        _verifying(path)
        _whole(path, Path(folder))
    return 0 if met else 1


def _reading(path: Path, folder: Path) -> bool:
    with Store.open(path) as store:
        there = store.status()
        told = ", ".join(f"{there[name]:,} {name}" for name in ("articles", "captures", "versions", "changes"))
        print(f"{told}; {path.stat().st_size / 2**30:.1f} GiB", flush=True)
        choosing = [_took(lambda: choose_due(store, "dw", 20)) for _ in range(ROUNDS)]
        met = _said("choosing 20 of what is due", choosing, CHOOSING_MS)
    with Store.open(path, write=False) as store:
        for name, work in _readings(store).items():
            target = SEARCHING_MS if name.startswith("searching") else LISTING_MS
            met &= _said(name, [_took(work) for _ in range(ROUNDS)], target)
    for words in _COMMANDS:
        _command(words.split(), path, folder)  # the first start compiles, as an installation does
        times = [_took(partial(_command, words.split(), path, folder)) for _ in range(ROUNDS)]
        met &= _said(f"zaesur {words}", times, _COMMANDS[words])
    return met


def _verifying(path: Path) -> None:
    """A day's records verified, and a share of the older ones."""
    with Store.open(path, write=False) as store:
        passed = store.passed_now()
    recording = _took(lambda: archive.record(path, _DAY, first=72_000_000 + passed.look))
    with Store.open(path, write=False) as store:
        fresh = _took(lambda: print(_verdict(prove_since(store, passed, 0).problems)))
        began = time.process_time()
        _, after = store.verify_older(passed, passed, _OLDER)
        each = (time.process_time() - began) / ((after.walked or passed.seal) - passed.walked)
    print(
        f"a day of {_DAY * archive.VERSIONS} versions: recorded in {recording.processor:.1f} s of the processor, verified in"
    )
    print(
        f"    {fresh.processor:.1f} s ({fresh.wall:.1f} s by the clock), of which a part for what {passed.seal:,} seals cost to count"
    )
    days = passed.seal * each / 300
    print(
        f"older rows compared with their seals: {each * 1e6:.0f} µs each; all of them in {days:.1f} days of five minutes"
    )


def _verdict(problems: tuple[str, ...]) -> str:
    return f"verify --new: {len(problems)} problems {problems[:1] or ''}"


def _whole(path: Path, folder: Path) -> None:
    """What goes through everything: copied here; the rest by the rates of a small database."""
    small = folder / "small.db"
    archive.record(small, 40)
    with Store.open(small, write=False) as store:
        versions, passed = store.status()["versions"], store.passed_now()
        rates = {
            "zaesur verify, everything made again": _took(lambda: prove(store)).processor,
            "a backup's verification, none having passed": _took(lambda: list(store.verify_chain())).processor,
            "a backup's verification": _took(lambda: list(store.verify_copy(passed))).processor,
            "a migration's seals, twice": 2 * _took(lambda: agreeing(store._db)).processor,
        }
    with Store.open(path, write=False) as store:
        whole = store.status()["versions"]
        print(
            f"copying it while in use, as a backup does first: {_took(lambda: copy(store._db, folder / 'copy.db')).wall:.0f} s"
        )
    (folder / "copy.db").unlink()
    for name, seconds in rates.items():
        each = seconds / versions
        print(
            f"{name}: {each * 1000:.1f} ms of the processor a version (of {versions:,}); {each * whole / 3600:.1f} h of all here"
        )
    with Store.open(path) as store:
        planning = _took(lambda: sum(replan(store)))
        print(
            f"planning all anew, nightly: {planning.processor:.0f} s of the processor, {planning.wall:.0f} s by the clock"
        )


def _command(words: list[str], path: Path, folder: Path) -> None:
    """A command as a user starts it, from nothing but an installation, which has compiled its modules."""
    program = str(Path(sys.executable).with_name("zaesur"))
    environment = {**os.environ, "ZAESUR_DB": str(path), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # set where files should not be littered, and every start compiles anew
    subprocess.run([program, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


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
    """What a reader asks for, by name."""
    middle = f"a-{archive.NUMBER + store.status()['articles'] // 2}"
    return {
        "the first 50 changes": lambda: store.listed(Wanted(), limit=50),
        "50 changes of one kind, without a note": lambda: store.listed(
            Wanted(kind=Kind.NUMBER, disclosure=Disclosure.SILENT), limit=50
        ),
        "how many there are, by weight": lambda: store.tally(Wanted()),
        "searching a word that one in 10,000 has": lambda: store.listed(Wanted(search="seltenwort"), limit=50),
        "searching a word that nobody wrote": lambda: store.listed(Wanted(search="nirgendwort"), limit=50),
        "an article's versions, changes, coverage": lambda: (
            store.versions(middle),
            store.changes(article=middle),
            store.coverage(middle),
            store.stretches(middle),
        ),
        "searching a word that one in ten has": lambda: store.listed(Wanted(search="hafen"), limit=50),
    }


def _took(work: Callable[[], object]) -> _Took:
    began, spent = time.perf_counter(), _processor()
    work()
    return _Took(time.perf_counter() - began, _processor() - spent)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.exit(main())
