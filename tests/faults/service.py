"""The service as a process, in real time, through six troubles: ``python -m tests.faults.service``; some twenty minutes, 1 on a miss.

After each it must have noticed (an incident, or looks that say so), and new looks must have been recorded without a hand.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3

from crawler.localsite import Site
from storage import Store
from storage.types import Block, BlockKind, Content

ARTICLES, EVERY = 12, 60  # each looked at every so many seconds
SUSPENDED, LOCKED = 40.0, 60.0  # seconds
PATIENCE = (
    900.0  # seconds within which what is waited for must have come; a look that failed is made again after ten minutes
)


@dataclass
class Scene:
    """A site, the database, and the service that watches."""

    site: Site
    path: Path
    server: contextlib.ExitStack
    process: subprocess.Popen[bytes]
    verdicts: list[tuple[str, bool]] = field(default_factory=list)

    def looks(self, outcome: str = "") -> int:
        """Looks recorded so far, of one outcome or all."""
        with Store.open(self.path, write=False) as store:
            return sum(not outcome or capture.outcome.value == outcome for capture in store.captures())

    def troubles(self) -> str:
        """What the service wrote down of its own troubles."""
        with Store.open(self.path, write=False) as store:
            return "\n".join(f"{incident.kind}: {incident.detail}" for incident in store.incidents(100))

    def judge(self, name: str, *, noticed: Callable[[], bool]) -> None:
        """Whether the trouble was noticed, and the service looks again."""
        before = self.looks("unchanged")
        ended = _within(PATIENCE, lambda: noticed() and self.looks("unchanged") > before + ARTICLES)
        self.verdicts.append((name, ended))
        print(f"{'kept  ' if ended else 'BROKEN'}  {name}", flush=True)

    def start(self) -> None:
        """Start the service anew."""
        self.process = _service(self.path)


def main() -> int:
    """Play it; the number of the exit."""
    with _scene() as scene:
        _within(PATIENCE, lambda: scene.looks() >= ARTICLES)
        for trouble in (_suspended, _reader_killed, _network_gone, _locked, _killed, _stopped):
            trouble(scene)
        with Store.open(scene.path, write=False) as store:
            problems = list(store.verify_chain())
    print(f"{len(problems)} problems in the chain of records")
    return 0 if not problems and all(kept for _, kept in scene.verdicts) else 1


def _suspended(scene: Scene) -> None:
    scene.process.send_signal(signal.SIGSTOP)
    time.sleep(SUSPENDED)
    scene.process.send_signal(signal.SIGCONT)
    scene.judge(
        f"suspended for {SUSPENDED:.0f} s, which is also a loop blocked that long",
        noticed=lambda: "blocked: " in scene.troubles(),
    )


def _reader_killed(scene: Scene) -> None:
    changed = scene.looks("changed")
    for child in _children(scene.process.pid, "crawler.reader"):
        os.kill(child, signal.SIGKILL)
    _edit(scene.site)
    scene.judge("the extractor killed", noticed=lambda: scene.looks("changed") > changed)


def _network_gone(scene: Scene) -> None:
    port = int(scene.site.base_url.rpartition(":")[2])
    scene.server.close()
    _within(PATIENCE, lambda: scene.looks("fetch-failed") > 0)  # not before a look fell upon it
    scene.server.enter_context(scene.site.serving(port))
    scene.judge("the network gone until looks had failed", noticed=lambda: scene.looks("fetch-failed") > 0)


def _locked(scene: Scene) -> None:
    other = sqlite3.connect(scene.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(LOCKED)
    other.execute("ROLLBACK")
    other.close()
    scene.judge(
        f"the database locked for {LOCKED:.0f} s", noticed=lambda: "in use by another program" in scene.troubles()
    )


def _killed(scene: Scene) -> None:
    scene.process.kill()
    scene.process.wait()
    scene.start()
    scene.judge(
        "kill -9, and started again",
        noticed=lambda: "ended: the service had ended without being stopped" in scene.troubles(),
    )


def _stopped(scene: Scene) -> None:
    began = time.monotonic()
    scene.process.send_signal(signal.SIGTERM)
    code = scene.process.wait(60)
    took = time.monotonic() - began
    with Store.open(scene.path, write=False) as store:
        scene.verdicts.append(("stopped in order", code == 0 and took < 20 and store.service() == "stopped"))
    print(f"{'kept  ' if scene.verdicts[-1][1] else 'BROKEN'}  SIGTERM: ended with {code} after {took:.1f} s")


@contextlib.contextmanager
def _scene() -> Iterator[Scene]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as server:
        site, path = Site(seed=3), Path(folder) / "service.db"
        paths = [
            site.publish(_content(number), number=number, slug="bericht")
            for number in range(74_000_000, 74_000_000 + ARTICLES)
        ]
        base = server.enter_context(site.serving())
        os.environ |= {"ZAESUR_ALLOW_HOSTS": base.removeprefix("http://"), "ZAESUR_DELAY": "0"}
        adding = [*_PROGRAM, "watch", "add", "--db", str(path), "--policy", f"fixed:{EVERY}", "-f", "-"]
        urls = "\n".join(base + each for each in paths)
        subprocess.run(adding, input=urls, text=True, check=True, stdout=subprocess.DEVNULL)
        scene = Scene(site, path, server, _service(path))
        try:
            yield scene
        finally:
            scene.process.kill()
            scene.process.wait()


_PROGRAM = (sys.executable, "-m", "scheduler")


def _service(path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*_PROGRAM, "run", "--db", str(path)], stderr=subprocess.DEVNULL)


def _children(pid: int, name: str) -> list[int]:
    found = [int(p) for task in Path(f"/proc/{pid}/task").glob("*/children") for p in task.read_text().split()]
    return [child for child in found if name.encode() in Path(f"/proc/{child}/cmdline").read_bytes()]


def _content(number: int, more: str = "") -> Content:
    blocks = [
        Block(kind=BlockKind.PARAGRAPH, text=f"Absatz {n} von {number} sagt etwas Eigenes über die Küste.{more}")
        for n in range(6)
    ]
    return Content(headline=f"Bericht {number}", teaser="Was geschah.", language="de", blocks=tuple(blocks))


def _edit(site: Site) -> None:
    site.revise(74_000_000, _content(74_000_000, " Der Hafen ist geschlossen."))


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold in that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.5)
    return False


if __name__ == "__main__":
    sys.exit(main())
