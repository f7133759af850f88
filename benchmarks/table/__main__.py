"""``python -m benchmarks.table [ARTICLES [ROUNDS [TOOL…]]]``: one table of all tools, exits 1 when a target is missed.

All look at the same pages of one local site in turns: first at everything, then in rounds in which one article in twenty was
edited and every page has other noise, at last once without any edit and once with one in every article; the pages of a turn
are made before it, so that no tool waits for the site. Trackers
are installed into ``.bench/``, each into an environment of its own, in the versions of ``pins.txt``; one that cannot be
installed is skipped by name. What each turn measured is said as it ends (on the error channel): a run cut short has its figures.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.cost.pages import FIRST, HeavySite, article, edit, publish
from benchmarks.cost.running import Tool, started

LABELS = {
    "zaesur": "Zäsur",
    "plain": "Scrapy alone",
    "whole": "Scrapy + trafilatura",
    "whole-expert": "Scrapy + trafilatura, date left out",
    "urlwatch": "urlwatch",
    "urlwatch-expert": "urlwatch, elements named",
    "webchanges": "webchanges",
    "webchanges-expert": "webchanges, elements named",
    "changedetection.io": "changedetection.io",
    "changedetection.io-expert": "changedetection.io, elements named",
}
OURS = ("zaesur", "plain", "whole", "whole-expert")
FASTER = {"urlwatch-expert": 1.5, "webchanges-expert": 3.0, "changedetection.io-expert": 15.0}
CHEAPER = (("unchanged", "plain", 1.3), ("changed", "whole", 0.6))
FIRST_LOOK, ROUND = "first look", "round"
KINDS = (FIRST_LOOK, ROUND, "unchanged", "changed")
_PINS = dict(line.split("==") for line in Path(__file__).with_name("pins.txt").read_text().split())
_EDITED = 20  # one article in so many


@dataclass
class Figures:
    """What was measured of a tool: milliseconds of CPU a page by kind of turn, pages a second of each round, edits found, alarms without an edit."""

    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    speed: list[float] = field(default_factory=list)
    found: int = 0
    false: int = 0
    memory: float = 0.0
    disk: float = 0.0


def main() -> int:
    """Run everything; the number of the exit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    wanted = sys.argv[3:] or list(LABELS)
    site, draw = HeavySite(seed=3), random.Random(7)
    paths = publish(site, count)
    contents = {FIRST + n: article(FIRST + n) for n in range(count)}
    figures: dict[str, Figures] = {}
    edits = 0
    with ExitStack() as stack:
        base = stack.enter_context(site.serving())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = [base + path for path in paths]
        tools: dict[str, Tool] = {}
        for name in wanted:
            if command := _command(name):
                tools[name] = stack.enter_context(started([*command, name, str(folder / f"{name}.db")], base))
                figures[name] = Figures()

        def turn(kind: str, numbers: Sequence[int] = ()) -> None:
            nonlocal edits
            edit(site, contents, numbers, draw)
            truth = {urls[number - FIRST] for number in numbers}
            edits += len(truth)
            for name in draw.sample(list(tools), len(tools)):
                site.prepare(paths)
                answer, own = tools[name](urls), figures[name]
                own.cpu[kind].append(answer["cpu"] / count * 1000)
                own.memory = answer["memory"]
                speed = count / answer["wall"]
                if kind == ROUND:
                    own.speed.append(speed)
                if kind != FIRST_LOOK:
                    own.found += len(truth & set(answer["changed"]))
                    own.false += len(set(answer["changed"]) - truth)
                told = f"{own.cpu[kind][-1]:.1f} ms and {speed:.1f} pages a second, {own.found} of {edits} found"
                print(f"{kind}: {LABELS[name]}, {told}", file=sys.stderr, flush=True)

        turn(FIRST_LOOK)
        for _ in range(rounds):
            turn(ROUND, draw.sample(sorted(contents), max(count // _EDITED, 1)))
        turn("unchanged")
        turn("changed", sorted(contents))
        for name, own in figures.items():
            own.disk = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and _of(f, folder, name)) / 1024
    return _report(figures, count, rounds, edits)


def _of(file: Path, folder: Path, name: str) -> bool:
    top = file.relative_to(folder).parts[0]
    return top.startswith((f"{name}.db", f"{name}.data"))


def _command(name: str) -> list[str] | None:
    """What starts a tool; ``None``, and said by name, where it cannot be installed."""
    if name in OURS:
        return [sys.executable, "-m", "benchmarks.cost.tools"]
    tracker = name.removesuffix("-expert")
    python = Path(".bench") / tracker / "bin" / "python"
    if not python.exists():
        venv.create(python.parent.parent, with_pip=True)
    wanted = f"{tracker}=={_PINS[tracker]}"
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", wanted, "lxml", "cssselect"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"skipped: {LABELS[name]} ({wanted} cannot be installed here)")
        return None
    os.environ["TRACKER"] = str(python.absolute())
    return [sys.executable, "-m", "benchmarks.table.tracker"]


def _report(figures: dict[str, Figures], count: int, rounds: int, edits: int) -> int:
    print(
        f"{count} articles, {rounds} rounds with one in {_EDITED} edited, a turn without edits, one with {count}; medians; CPU in milliseconds a page"
    )
    print(
        f"{'':<36}{'first':>8}{'round':>8}{'unchanged':>11}{'changed':>9}{'pages/s':>9}{'MiB':>7}{'KiB/page':>10}{'found':>11}{'false':>7}"
    )
    for name, own in figures.items():
        first, later, unchanged, changed = (median(own.cpu[kind]) for kind in KINDS)
        found = "" if name == "plain" else f"{own.found}/{edits}"
        false = "" if name == "plain" else f"{own.false}"
        print(
            f"{LABELS[name]:<36}{first:>8.1f}{later:>8.1f}{unchanged:>11.1f}{changed:>9.1f}{median(own.speed):>9.0f}{own.memory:>7.0f}"
            f"{own.disk / count:>10.1f}{found:>11}{false:>7}"
        )
    met = True
    ours = figures.get("zaesur")
    if ours is None:
        return 0
    for name, least in FASTER.items():
        if name in figures:
            ratio = median(a / b for a, b in zip(ours.speed, figures[name].speed, strict=True))
            met &= _said(f"times the pages a second of {LABELS[name]}", ratio, least, ratio >= least)
    for kind, name, most in CHEAPER:
        if name in figures:
            ratio = median(ours.cpu[kind]) / median(figures[name].cpu[kind])
            met &= _said(f"times the CPU of {LABELS[name]}, pages {kind}", ratio, most, ratio <= most)
    met &= _said("edits missed", edits - ours.found, 0, ours.found == edits)
    met &= _said("false alarms", ours.false, 0, ours.false == 0)
    return 0 if met else 1


def _said(what: str, figure: float, target: float, met: bool) -> bool:
    print(f"  {'met   ' if met else 'MISSED'}  {what:<64}{figure:>8.2f}  (target {target:g})")
    return met


if __name__ == "__main__":
    sys.exit(main())
