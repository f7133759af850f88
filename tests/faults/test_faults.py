"""The suites at the size for every commit; larger ones by the same commands (see docs/operation.md)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.shim import COMPILER

ROOT = Path(__file__).parents[2]


needs_compiler = pytest.mark.skipif(
    COMPILER is None, reason="failing disks and power cuts need a C compiler (cc or gcc)"
)


@pytest.mark.parametrize(
    ("suite", "size"),
    [
        ("kill", "--size=300"),
        ("bitflips", "--size=500"),
        ("model", "--size=5000"),
        ("cuts", "--size=100"),
        ("noise", "--size=1000"),
        ("gate", "--size=1"),
        ("mutations", "--size=2000"),
        # every fault once, in two parts, so that the machine's processors share them
        ("servers", "--size=1 --every=2 --seed=0 --jobs=1"),
        ("servers", "--size=1 --every=2 --seed=1 --jobs=1"),
        ("addresses", "--generate=200"),
        pytest.param("power", "--size=800", marks=needs_compiler),
        # every call, in four parts, so that the machine's processors share them
        *[pytest.param("disk", f"--every=4 --seed={part}", marks=needs_compiler) for part in range(4)],
    ],
)
def test_nothing_acknowledged_is_lost_nothing_altered_goes_unnoticed_and_no_broken_page_is_a_version(
    suite: str, size: str
) -> None:
    command = [sys.executable, "-m", f"tests.faults.{suite}", *size.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_compiler
def test_the_power_cuts_see_what_a_careless_database_loses() -> None:
    """With synchronous=NORMAL the suite finds losses and says so; it fails when it finds none."""
    command = [sys.executable, "-m", "tests.faults.power", "--size=80", "--careless=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
