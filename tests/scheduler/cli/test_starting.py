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


def loaded(path: Path, words: list[str]) -> set[str]:
    """The modules that a command, started from nothing, has loaded when it has said what it says."""
    command = [sys.executable, "-c", _LOADED, "--db", str(path), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["changes"], ["changes", "--json"], ["watch", "list"], ["status"], ["--help"]])
def test_a_command_that_lists_loads_nothing_heavy(demo_database: Path, words: list[str]) -> None:
    assert HEAVY & loaded(demo_database, words) == set()


@pytest.mark.parametrize("words", [["--help"], ["changes"], ["changes", "--json"], ["status"]])
def test_what_is_not_drawn_does_not_wait_for_what_draws(demo_database: Path, words: list[str]) -> None:
    assert {"rich", "sqlite_utils", "typing_extensions"} & loaded(demo_database, words) == set()


def test_sqlite_utils_without_numpy_leaves_numpy_to_others() -> None:
    pytest.importorskip("numpy")
    told = (
        "import sys; from storage.opening import made_anew; assert made_anew(); from sqlite_utils import Database; "
        "held = 'numpy' in sys.modules; import numpy; print(held)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
