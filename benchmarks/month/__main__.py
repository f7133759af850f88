"""``python -m benchmarks.month [ARTICLES [DAYS [BUDGET]]]``: a month on a simulated clock; exits 1 when a promise was broken.

The service's own jobs run against a real site over HTTP with a real database; only the clock is turned by hand, and waiting for a
request's turn turns it too. The machine's clocks are put forward on the second Sunday of the month and put back on the third; what
else goes wrong is in ``world.Troubles``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.month.running import BUDGET, run

_ZONE = "MEZ-1MESZ,M10.3.0/2,M10.4.0/3"  # as in Berlin, but for the dates: both changes fall in the month


def main() -> int:
    """Run it and print what came of it; the number of the exit."""
    os.environ["TZ"] = _ZONE
    time.tzset()
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    days = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
    budget = int(sys.argv[3]) if len(sys.argv) > 3 else BUDGET
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder) / "month.db", articles, days, budget=budget)
    took = time.perf_counter() - began
    print(f"{articles} articles, {days:g} days, {budget} requests a day in {took:.0f} s")
    for name, figure in report.figures.items():
        print(f"  {name:<58}{figure:>10}")
    print("Broken promises" if any(report.broken.values()) else "No promise was broken")
    for name, number in report.broken.items():
        print(f"  {'BROKEN' if number else 'kept  '}  {name:<58}{number:>8}")
    return 1 if any(report.broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
