"""What the service needs over time: ``python -m benchmarks.memory [POLLS]`` polls 20 articles so often (300), one of them edited each time.

Prints the memory of the process and of its reader after 20 polls, after 100 and so on; exits 1 when it grows or passes the target.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.cost.pages import FIRST, HeavySite, article, edit, publish

ARTICLES = 20
MOST = 200.0  # MiB, the reader included
GROWTH = 1.05  # from a third of the polls on


def main() -> int:
    """Poll, measure, judge; the number of the exit."""
    polls = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    ours, theirs = multiprocessing.Pipe()
    site = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    site.start()
    urls: list[str] = ours.recv()
    os.environ |= {"ZAESUR_ALLOW_HOSTS": urls[0].split("/")[2], "ZAESUR_DELAY": "0"}
    from benchmarks.cost.tools import zaesur
    from crawler import crawling

    seen: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        tool = zaesur(Path(folder) / "memory.db")

        async def poll() -> list[str]:
            return await tool(urls)

        found = 0
        for number in range(1, polls + 1):
            found += len(crawling.run(poll()))
            ours.send("edit")
            ours.recv()
            if number in (20, polls // 3, polls * 2 // 3, polls):
                own, reader = _memory()
                seen[number] = own + reader
                print(
                    f"after {number:>4} polls: {own + reader:6.1f} MiB, {reader:.1f} of them the reader's; {found} changes",
                    flush=True,
                )
    ours.send("")
    grown = seen[polls] / seen[polls // 3]
    met = grown <= GROWTH and seen[polls] <= MOST
    print(
        f"{'met   ' if met else 'MISSED'}  {seen[polls]:.1f} MiB (target {MOST:g}), {grown:.3f} times that of a third of the polls (target {GROWTH:g})"
    )
    return 0 if met else 1


def _memory() -> tuple[float, float]:
    """MiB that this process and the one it reads pages with hold now."""
    return held("self"), sum(map(held, readers()))


def readers() -> list[str]:
    """The processes that read pages for this one."""
    children = [pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()]
    return [pid for pid in children if b"crawler.reader" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def held(pid: str) -> float:
    """MiB that a process holds."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def _serve(pipe: Connection) -> None:
    """The site, in a process of its own; edits an article whenever it is told to."""
    site, draw = HeavySite(seed=3), random.Random(7)
    paths = publish(site, ARTICLES)
    contents = {FIRST + n: article(FIRST + n) for n in range(ARTICLES)}
    with site.serving() as base:
        pipe.send([base + path for path in paths])
        while pipe.recv():
            edit(site, contents, [draw.choice(sorted(contents))], draw)
            pipe.send("done")


if __name__ == "__main__":
    sys.exit(main())
