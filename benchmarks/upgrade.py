"""An upgrade of the extractor is no edit: pages recorded with an older trafilatura, looked at again with today's.

``ZAESUR_TEST_DATA=… python -m benchmarks.upgrade [VERSION]`` installs that version (2.0.0) into a temporary folder, records every page at hand
with it, then looks at the same pages with the pinned one. Prints how many texts are read differently and how many changes came of it;
exits 1 when there is any.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from msgspec.structs import replace

from crawler.reading import read, refresh
from scheduler.comparing import compare_owed
from storage import Store
from storage.content import digest
from storage.types import Outcome
from tests.faults.pages import invented, look, real


def main() -> int:
    """Both halves, each in a process of its own; the number of the exit."""
    older = sys.argv[1] if len(sys.argv) > 1 else "2.0.0"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            folder,
            f"trafilatura=={older}",
        ]
        subprocess.run(command, check=True)
        path = str(Path(folder) / "upgrade.db")
        before = {**os.environ, "PYTHONPATH": os.pathsep.join([folder, str(Path.cwd())])}
        subprocess.run([sys.executable, "-m", "benchmarks.upgrade", "--record", path], check=True, env=before)
        return record(path)


def record(path: str) -> int:
    """Look at every page once, as this process reads it, and say what became of it."""
    changed = differently = count = 0
    with Store.open(Path(path)) as store:
        later = timedelta(days=len(store.captures()))
        # one page an article: a relaunch in another layout is another matter
        for sample in [*real(), *(page for page in invented() if page.name.endswith("dw-2026"))]:
            plain = look(sample, sample.page.encode("utf-8", "surrogatepass"))
            plain = replace(plain, started=plain.started + later, answered=plain.started + later)
            latest = store.latest(plain.article.id) if plain.article else None
            again = refresh(store, latest) if latest else None
            differently += bool(latest and again and digest(latest.content) != digest(again.content))
            seen = store.record(read(plain, again.content if again else None))
            # "new" beside an earlier text: a page that could not be read again
            changed += seen.capture.outcome is not (Outcome.UNCHANGED if latest else Outcome.NEW)
            count += 1
        changes = len(compare_owed(store))
    told = f"trafilatura {version('trafilatura')}: {count} pages, {differently} read differently than before"
    print(f"{told}, {changed} set aside or changed, {changes} changes reported; target 0")
    return 1 if changes or changed else 0


if __name__ == "__main__":
    sys.exit(record(sys.argv[2]) if sys.argv[1:2] == ["--record"] else main())
