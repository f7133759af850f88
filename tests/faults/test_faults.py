"""The suites at the size for every commit; larger ones by the same commands (see docs/operation.md)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("suite", "size"),
    [("kill", 300), ("bitflips", 500)],
)
def test_nothing_acknowledged_is_lost_and_nothing_altered_goes_unnoticed(suite: str, size: int) -> None:
    command = [sys.executable, "-m", f"tests.faults.{suite}", "--size", str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
