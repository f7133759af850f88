"""``python -m benchmarks.month [ARTICLES [DAYS]]``: a month on a simulated clock; exits 1 when a promise was broken.

The service's own jobs run against a real site over HTTP with a real database; only the clock is turned by hand. The month holds the
night on which clocks are put back in Berlin, a day of it the one on which they are put forward; see ``world.Troubles`` for the rest.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.month.running import run


def main() -> int:
    """Run it and print what came of it; the number of the exit."""
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    days = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder) / "month.db", articles, days)
    took = time.perf_counter() - began
    print(f"{articles} articles, {days:g} days in {took:.0f} s")
    for name, figure in report.figures.items():
        print(f"  {name:<58}{figure:>10}")
    print("Broken promises" if any(report.broken.values()) else "No promise was broken")
    for name, number in report.broken.items():
        print(f"  {'BROKEN' if number else 'kept  '}  {name:<58}{number:>8}")
    return 1 if any(report.broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
