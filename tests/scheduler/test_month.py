"""A short month of the service on a simulated clock keeps every promise of the long one (``python -m benchmarks.month``)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.month.running import run
from benchmarks.month.world import Span, Troubles


@pytest.mark.timeout(180)
@pytest.mark.parametrize("start", [datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2027, 3, 27, 12, tzinfo=UTC)])
def test_outages_storms_closed_doors_and_wrong_clocks_break_no_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: datetime
) -> None:
    """A day around the night on which clocks are put back, and one around that on which they are put forward."""
    for name in ("ZAESUR_ALLOW_HOSTS", "ZAESUR_DELAY"):
        monkeypatch.setenv(name, "")
    report = run(tmp_path / "month.db", articles=8, days=1, start=start)
    assert {name: number for name, number in report.broken.items() if number} == {}
    assert int(report.figures["looks"].replace(",", "")) > 100


@pytest.mark.timeout(180)
def test_nobody_asks_while_a_429_asks_for_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which three answers in ten are a 429, whose silence is longer than a poll."""
    for name in ("ZAESUR_ALLOW_HOSTS", "ZAESUR_DELAY"):
        monkeypatch.setenv(name, "")
    storm = replace(Troubles.of(1), storms=(Span(0, 24),))
    report = run(tmp_path / "month.db", articles=60, days=1, troubles=storm)
    assert int(report.figures["  answered 429"]) > 20
    assert report.broken["requests before Retry-After was over"] == 0
    assert report.broken["requests less than two seconds after the one before"] == 0
