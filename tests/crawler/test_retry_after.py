"""How long a server asks to be left alone, whatever it writes there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.middlewares.retryafter import seconds_asked

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = 30 * 86400.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("9" * 5000, MONTH),
        ("Sun, 01 Mar 2026 00:10:00 GMT", 600.0),
        ("Sun, 01 Mar 2020 00:10:00 GMT", 0.0),
        ("²", None),
        ("Mon, 99999999999 Jan 2020 00:00:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_what_cannot_be_read_asks_for_nothing_and_costs_no_look(told: str, seconds: float | None) -> None:
    assert seconds_asked(told, NOW) == seconds
