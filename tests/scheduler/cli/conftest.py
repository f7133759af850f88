"""The command as a person runs it: a real process, a real database, the local site over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.copies import read_copy
from crawler.localsite import Site
from scheduler.timeline import NUMBER, SLUG, Step, timeline

ROOT = Path(__file__).parents[3]
SEED = ROOT / "seeds" / "000_9a4a2732b8d94b39.txt"


@dataclass
class Newsroom:
    """A local site with the seed's article, and the command beside it."""

    site: Site
    base_url: str
    folder: Path
    steps: list[Step]

    @property
    def url(self) -> str:
        """The article's address."""
        return f"{self.base_url}{self.site.revise(NUMBER, self._content(), touch=False)}"

    def _content(self) -> Any:
        return self.site.truth[-1][2] or self.steps[0].content

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``zaesur`` with these arguments; its database is in the folder."""
        allowed = {
            "ZAESUR_ALLOW_HOSTS": self.base_url.removeprefix("http://"),
            "ZAESUR_DELAY": "0",
            "ZAESUR_DB": "zaesur.db",
        }
        return subprocess.run(
            [sys.executable, "-m", "scheduler", *arguments],
            cwd=self.folder,
            env={**os.environ, **allowed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows that ``--json`` prints."""
        return [json.loads(line) for line in self.run(*arguments, "--json").stdout.splitlines()]


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    steps = timeline(read_copy(SEED.name, SEED.read_bytes())[0].content)
    site = Site(seed=7)
    site.publish(steps[0].content, number=NUMBER, slug=SLUG)
    with site.serving() as base_url:
        yield Newsroom(site=site, base_url=base_url, folder=tmp_path, steps=steps)


@pytest.fixture
def followed(newsroom: Newsroom) -> Newsroom:
    """The seed imported, linked, and its article looked at once."""
    assert newsroom.run("seeds", "import", str(SEED)).returncode == 0
    assert newsroom.run("seeds", "link", "1", newsroom.url).returncode == 0
    assert [row["outcome"] for row in newsroom.rows("crawl")] == ["new"]
    return newsroom
