"""``python -m benchmarks.cost [ARTICLES [ROUNDS]]``: prints the table and exits 1 when a target is missed.

Every tool looks at the same pages of one local site, in a process of its own, in turns: all for the first time, then rounds
over a quarter of the articles, all of them edited, and rounds without edits, once answered in full and once with "not modified".
"""

from __future__ import annotations

import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.cost.pages import FIRST, HeavySite, article, edit, publish
from benchmarks.cost.running import started

NAMES = ("plain", "whole", "zaesur")
UNCHANGED, NOT_MODIFIED, CHANGED = 1.3, 0.5, 0.6


def main() -> int:
    """Run everything; the number of the exit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    site, draw = HeavySite(seed=3), random.Random(7)
    paths = publish(site, count)
    contents = {FIRST + n: article(FIRST + n) for n in range(count)}
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in NAMES}
    missed = false = 0
    memory: dict[str, float] = {}
    with ExitStack() as stack:
        base = stack.enter_context(site.serving())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        command = [sys.executable, "-m", "benchmarks.cost.tools"]
        tools = {
            name: stack.enter_context(started([*command, name, str(folder / f"{name}.db")], base)) for name in NAMES
        }
        urls = [base + path for path in paths]

        def turn(what: str, wanted: list[str], truth: set[str] | None = None) -> None:
            nonlocal missed, false
            for name in draw.sample(NAMES, len(NAMES)):
                if name != "zaesur" or not site.validators:  # the others ask for the whole page each time
                    site.prepare(url.removeprefix(base) for url in wanted)
                answer = tools[name](wanted)
                figures[name].setdefault(what, []).append(answer["cpu"] / len(wanted) * 1000)
                figures[name].setdefault(f"{what} wall", []).append(answer["wall"] / len(wanted) * 1000)
                memory[name] = answer["memory"]
                if name == "zaesur" and truth is not None:
                    missed += len(truth - set(answer["changed"]))
                    false += len(set(answer["changed"]) - truth)

        turn("first", urls)
        for _ in range(rounds):
            turn("unchanged", urls, set())
            numbers = draw.sample(sorted(contents), max(count // 4, 1))
            edit(site, contents, numbers, draw)
            turn("changed", [urls[number - FIRST] for number in numbers], {urls[number - FIRST] for number in numbers})
        site.validators = True
        turn("given validators", urls, set())
        for _ in range(rounds):
            turn("not modified", urls, set())
    return _report(figures, memory, missed, false, count, rounds)


def _report(
    figures: dict[str, dict[str, list[float]]],
    memory: dict[str, float],
    missed: int,
    false: int,
    count: int,
    rounds: int,
) -> int:
    print(f"{count} articles, {rounds} rounds, medians; milliseconds of CPU a look (of wall in brackets)")
    kinds = ("first", "unchanged", "changed", "not modified")
    print(f"{'':<34}{''.join(f'{kind:>18}' for kind in kinds)}{'MiB':>7}")
    labels = {"plain": "Scrapy alone", "whole": "Scrapy + trafilatura, whole page", "zaesur": "Zäsur"}
    for name, own in figures.items():
        cells = "".join(f"{median(own[kind]):>9.1f} ({median(own[f'{kind} wall']):>5.1f})" for kind in kinds)
        print(f"{labels[name]:<34}{cells}{memory[name]:>9.0f}")
    ratios = (
        ("unchanged / Scrapy alone", _ratio(figures, "unchanged", "plain"), UNCHANGED),
        ("not modified / Scrapy alone with full answers", _ratio(figures, "not modified", "plain"), NOT_MODIFIED),
        ("changed / Scrapy + trafilatura", _ratio(figures, "changed", "whole"), CHANGED),
        ("edits missed", missed, 0),
        ("false alarms", false, 0),
    )
    for what, figure, target in ratios:
        print(f"  {'met   ' if figure <= target else 'MISSED'}  {what:<48}{figure:>8.2f}  (target {target:g})")
    return 0 if all(figure <= target for _, figure, target in ratios) else 1


def _ratio(figures: dict[str, dict[str, list[float]]], kind: str, baseline: str) -> float:
    """Paired by round: both tools met the same pages within seconds of one another."""
    pairs = zip(figures["zaesur"][kind], figures[baseline][kind], strict=True)
    return median(ours / theirs for ours, theirs in pairs)


if __name__ == "__main__":
    sys.exit(main())
