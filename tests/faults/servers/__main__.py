"""Faults of servers over real HTTP and HTTPS on loopback: each is set aside or failed for the right reason, and no version comes of it.

``python -m tests.faults.servers --size 60`` meets every fault in 60 histories of its own: at the first look, at one in the
middle and at the last one in turn, with another article, another edit and other random places each. ``--size 1``: in the middle, once.
What each round found is said on stderr when it ends. ``--every 4 --seed 0``, ``1``, ``2``, ``3``: the whole in four parts.
"""

from __future__ import annotations

import os
import resource
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.faults import scene
from tests.faults.servers import said
from tests.faults.servers.histories import Found, chosen, meet


def run(size: int, seed: int, jobs: int, every: int) -> int:
    """Meet every fault in ``size`` histories, ``jobs`` rounds at a time; the number of the exit."""
    kinds, all_found = chosen(every, seed), Found()
    each, oddities = len(kinds), sum(kind in said.HARMLESS for kind in kinds)
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        rounds = [pool.submit(meet, n, seed, every) for n in range(size)]
        for done, future in enumerate(as_completed(rounds), 1):
            found = future.result()
            all_found.findings += found.findings
            all_found.untold |= found.untold
            for finding in found.findings:
                print(f"WRONG: {finding}", flush=True)
            print(
                f"{done} of {size} rounds, {done * each} histories: {len(all_found.findings)} wrong; "
                f"{_minutes():.1f} min of processor time",
                file=sys.stderr,
                flush=True,
            )
    if all_found.untold:
        names = ", ".join(sorted(all_found.untold))
        print(f"cannot be told at a first look, and are read as they come: {names}")
    print(
        f"faults of servers: {len(all_found.findings)} wrong in {size * each} histories of {each - oddities} kinds "
        f"and {oddities} harmless oddities, {_minutes():.1f} min of processor time; target 0"
    )
    return 1 if all_found.findings else 0


def _minutes() -> float:
    """Of processor time in the rounds that are over, their readers included."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (spent.ru_utime + spent.ru_stime) / 60


if __name__ == "__main__":
    scene.command("servers", run, 1, jobs=os.cpu_count() or 1, every=1)
