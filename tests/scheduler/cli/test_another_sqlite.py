"""The whole job with the SQLite that Python brings, whatever it is: often one from before the WAL-reset fault was mended."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.scheduler.cli.conftest import ROOT

COMMAND = (
    "import sys, sqlite3; sys.modules['pysqlite3'] = sqlite3; sys.modules['pysqlite3.dbapi2'] = sqlite3.dbapi2; "
    "from scheduler.cli import main; main()"
)


def zaesur(folder: Path, *arguments: str) -> str:
    """What the command prints, with Python's own SQLite in place of the newer one."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, "ZAESUR_DB": "zaesur.db", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_whole_job_is_done_and_proved_with_the_sqlite_of_python(tmp_path: Path) -> None:
    zaesur(tmp_path, "demo", "--folder", str(tmp_path))
    doctor = zaesur(tmp_path, "doctor")
    assert f"SQLite: {sqlite3.sqlite_version}" in doctor
    assert "BAD" not in doctor
    if sqlite3.sqlite_version_info < (3, 51, 3):
        assert "databases use TRUNCATE, which it does not touch" in doctor
        assert "journal_mode=truncate (of who writes)" in doctor
    assert "PASS" in zaesur(tmp_path, "verify")
    assert "substantive" in zaesur(tmp_path, "changes")
    zaesur(tmp_path, "storage", "--pack")
    zaesur(tmp_path, "export", "dataset", str(tmp_path / "data"))
    zaesur(tmp_path, "backup", str(tmp_path / "copy.db"))
    assert "PASS" in zaesur(tmp_path, "verify")
