"""Whoever asks an outlet waits for its turn as long as the outlet's pace makes it wait; only what would wait longer is put off."""

from __future__ import annotations

import pytest

from crawler.standing import Postponed, Standing


def asked(askers: int, delay: float, least: float, each: int = 20) -> int:
    """How many requests are made by so many askers beside one another, each of which waits for one turn at a time."""
    standing, made = Standing(), 0
    free = [(0.0, asker) for asker in range(askers)]
    left = [each] * askers
    while free:
        free.sort()
        now, asker = free.pop(0)
        if not left[asker]:
            continue
        left[asker] -= 1
        try:
            wait = standing.turn(now, delay, least)
        except Postponed:
            free.append((now, asker))
        else:
            made += 1
            free.append((now + wait + 1.0, asker))
    return made


@pytest.mark.parametrize("delay", [2.0, 41.0, 61.0, 120.0, 3600.0])
def test_a_poll_and_a_reading_of_sources_beside_it_are_never_put_off_by_the_delay_that_was_configured(
    delay: float,
) -> None:
    assert asked(2, delay, 0.0) == 40


@pytest.mark.parametrize("least", [41.0, 61.0, 600.0])
def test_nor_by_a_crawl_delay(least: float) -> None:
    assert asked(2, 2.0, least) == 40


def test_a_crawl_delay_of_an_hour_makes_no_request_wait_for_it() -> None:
    standing = Standing()
    standing.turn(0.0, 2.0, 3600.0)
    with pytest.raises(Postponed, match="another 3600 s"):
        standing.turn(0.0, 2.0, 3600.0)
