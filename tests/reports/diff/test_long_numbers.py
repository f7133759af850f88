"""Numbers without end are cut in linear time, and ordinary ones whole."""

from __future__ import annotations

import time

import pytest

from reports.diff.tokens import Words


@pytest.mark.parametrize("run", ["1.2,3.4:5", "1 234 234 ", "-1", "12'345’", "5%"])
@pytest.mark.parametrize("end", ["", "x"])
def test_a_long_number_takes_no_long_time(run: str, end: str) -> None:
    for text in (run * (100_000 // len(run)), (run * (100_000 // len(run)))[::-1].strip() + end):
        started = time.process_time()
        found = Words(text)
        assert time.process_time() - started < 2  # it took minutes when a letter followed
        assert found.lead + "".join(map("".join, zip(found.cores, found.gaps, strict=True))) == text


def test_numbers_with_signs_groups_and_units_stay_whole() -> None:
    found = Words("Um 14.30 Uhr fehlten 1.250,50 Euro, -5 % und 12 345 678 Stimmen beim 3:4.").cores
    assert {"14.30", "1.250,50", "-5 %", "12 345 678", "3:4"} <= set(found)
