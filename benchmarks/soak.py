"""The service in real time: ``python -m benchmarks.soak [MINUTES [ARTICLES]]`` (30, 500); exits 1 when a promise was broken.

``zaesur run`` follows that many articles in a process of its own, each looked at every two minutes, while one is edited every
two seconds. Prints memory, open files and ticks over time, then holds the versions recorded against what stood on the site.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from benchmarks.cost.pages import FIRST, HeavySite, article, edit, publish
from scheduler.service import TICK
from storage import Store
from storage.content import plain_text

BETWEEN_LOOKS, BETWEEN_EDITS = 120, 2.0  # seconds
MOST = 200.0  # MiB, the reader included
GROWTH = 1.1  # from a third of the time on
_ENDING = 30.0  # seconds that the service may take to end


@dataclass
class Seen:
    """What was seen of the service at one moment."""

    minute: float
    memory: float
    files: int


@dataclass
class Soak:
    """What happened: the texts of each article with the moments from which they stood, and what was seen of the service."""

    texts: dict[int, list[tuple[datetime, str]]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    beats: set[str] = field(default_factory=set)
    edits: int = 0


def main() -> int:
    """Run it, hold it against the truth; the number of the exit."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "soak.db"
        site = HeavySite(seed=3)
        paths = publish(site, count)
        with site.serving() as base:
            os.environ |= {
                "ZAESUR_ALLOW_HOSTS": base.removeprefix("http://"), "ZAESUR_DELAY": "0", "ZAESUR_DB": str(path)
            }  # fmt: skip
            (path.parent / "zaesur.toml").write_text("[outlets.dw]\nbudget = 10000000\n")
            urls = "\n".join(base + p for p in paths)
            adding = [_program(), "watch", "add", "--policy", f"fixed:{BETWEEN_LOOKS}", "-f", "-"]
            subprocess.run(adding, input=urls, text=True, check=True, stdout=subprocess.DEVNULL)
            with _service(path.parent / "run.log") as service:
                soak = _live(site, count, minutes, service, path)
        return _judged(soak, path, minutes, service.returncode)


def _program() -> str:
    return str(Path(sys.executable).with_name("zaesur"))


@contextmanager
def _service(talk: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``zaesur run``, told to stop when the block ends."""
    with talk.open("wb") as log, subprocess.Popen([_program(), "run"], stdout=log, stderr=log) as service:
        try:
            yield service
        finally:
            service.send_signal(signal.SIGTERM)
            try:
                service.wait(_ENDING)
            except subprocess.TimeoutExpired:
                service.kill()


def _live(site: HeavySite, count: int, minutes: float, service: subprocess.Popen[bytes], path: Path) -> Soak:
    """Edit until the time is over, and see every second how the service fares."""
    draw, began = random.Random(7), time.monotonic()
    contents = {FIRST + n: article(FIRST + n) for n in range(count)}
    soak = Soak({number: [(datetime.now(UTC), plain_text(content))] for number, content in contents.items()})
    told = 0.0
    with Store.open(path, write=False) as store:
        while (passed := time.monotonic() - began) < minutes * 60 and service.poll() is None:
            if soak.edits < passed / BETWEEN_EDITS:
                number = draw.choice(sorted(contents))
                edit(site, contents, [number], draw)
                soak.texts[number].append((datetime.now(UTC), plain_text(contents[number])))
                soak.edits += 1
            if beat := store._row("SELECT at FROM heartbeat"):
                soak.beats.add(beat["at"])
            if passed >= told:
                soak.seen.append(_state(service.pid, passed / 60))
                now = soak.seen[-1]
                print(
                    f"after {now.minute:5.1f} minutes: {now.memory:6.1f} MiB, {now.files} open files, {soak.edits} edits",
                    flush=True,
                )
                told += minutes * 60 / 15
            time.sleep(0.5)
        if service.poll() is not None:
            raise SystemExit(f"the service ended by itself with {service.returncode}: {_last_words(path)}")
        soak.seen.append(_state(service.pid, minutes))
    return soak


def _last_words(path: Path) -> str:
    return path.with_name("run.log").read_text(errors="replace")[-600:]


def _state(pid: int, minute: float) -> Seen:
    """Memory and open files of the service and all that it started."""
    family = [str(pid)]
    for member in family:  # grows while it is walked
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            family += task.read_text().split()
    memory = sum(int(Path(f"/proc/{p}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024 for p in family)
    return Seen(minute, memory, sum(len(list(Path(f"/proc/{p}/fd").iterdir())) for p in family))


def _judged(soak: Soak, path: Path, minutes: float, ended: int) -> int:
    with Store.open(path, write=False) as store:
        found, overtaken, missed, false = _compared(soak, store)
        looks = store.captures()
        failed = sum(look.version is None for look in looks)
        troubles = [f"{trouble.kind}: {trouble.detail}" for trouble in store.incidents()]
        broken_chain = len(list(store.verify_chain()))
    third = next(seen for seen in soak.seen if seen.minute >= minutes / 3)
    last = soak.seen[-1]
    beats = sorted(datetime.fromisoformat(beat) for beat in soak.beats)
    longest = max(((b - a).total_seconds() for a, b in pairwise(beats)), default=minutes * 60)
    print(
        f"{len(looks)} looks; {soak.edits} edits, {found} of them recorded, {overtaken} still due or edited again before a look"
    )
    print(f"{len(beats)} ticks seen, the longest from one to the next {longest:.1f} s; ended with {ended}")
    for trouble in troubles:
        print(f"trouble noted by the service: {trouble}")
    verdicts = {
        "edits missed": (missed, missed == 0),
        "versions that never stood on the site": (false, false == 0),
        "looks that showed no text": (failed, failed == 0),
        "troubles noted by the service": (len(troubles), not troubles),
        "problems in the chain of records": (broken_chain, broken_chain == 0),
        "longest time between two ticks, in ticks": (longest / TICK, longest <= 2 * TICK),
        "memory at the end, MiB": (last.memory, last.memory <= MOST),
        "memory at the end / after a third": (last.memory / third.memory, last.memory <= GROWTH * third.memory),
        "open files at the end / after a third": (last.files / third.files, last.files <= GROWTH * third.files),
        "stopped in order": (ended, ended == 0),
    }
    for name, (figure, met) in verdicts.items():
        print(f"  {'kept  ' if met else 'BROKEN'}  {name:<48}{figure:>9.2f}")
    return 0 if all(met for _, met in verdicts.values()) else 1


def _compared(soak: Soak, store: Store) -> tuple[int, int, int, int]:
    """Edits recorded, edits no look fell upon, edits missed; and versions of texts that never stood."""
    found = overtaken = missed = false = 0
    for number, texts in soak.texts.items():
        versions = {plain_text(version.content) for version in store.versions(f"a-{number}")}
        false += len(versions - {text for _, text in texts})
        looks = [(look.started, look.answered or look.started) for look in store.captures(f"a-{number}")]
        ends = [at for at, _ in texts[1:]] + [datetime.max.replace(tzinfo=UTC)]
        for (since, text), until in list(zip(texts, ends, strict=True))[1:]:
            looked = any(since <= began and answered <= until for began, answered in looks)
            found += text in versions
            missed += looked and text not in versions
            overtaken += not looked and text not in versions
    return found, overtaken, missed, false


if __name__ == "__main__":
    sys.exit(main())
