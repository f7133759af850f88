"""A command loads what it needs: whoever lists changes does not wait for what crawls, extracts, compares or draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# what takes long to load, and no list asks for
HEAVY = {
    "apscheduler", "babel.dates", "babel.messages", "babel.support", "feedparser", "jinja2", "lxml", "numpy", "pandas",
    "rich.markdown", "scrapy", "starlette", "trafilatura", "twisted", "warcio",
    "crawler.body", "reports.diff", "reports.site", "reports.web", "scheduler.comparing",
}  # fmt: skip
_LOADED = """
import sys
from scheduler.cli import cli
try:
    cli.main(sys.argv[1:], standalone_mode=False)
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["changes"], ["changes", "--json"], ["watch", "list"], ["status"], ["--help"]])
def test_a_command_that_lists_loads_nothing_heavy(demo_database: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, "--db", str(demo_database), *words], capture_output=True, text=True, check=True
    )
    assert done.stdout
    assert HEAVY & set(done.stderr.split()) == set()


def test_sqlite_utils_without_numpy_leaves_numpy_to_others() -> None:
    pytest.importorskip("numpy")
    told = "import storage.database, sys; held = 'numpy' in sys.modules; import numpy; print(held)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
