"""What one worker is told of an outlet holds for all; what they asked is counted once, and nothing is forgotten with a worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from psycopg_pool import AsyncConnectionPool

from crawler import politeness
from crawler.standing import Postponed
from scheduler import distributed
from scheduler.health import figures, lines
from scheduler.sharing import Shared
from storage import Store

URL = "https://www.dw.com/de/x/a-71000000"


@contextlib.asynccontextmanager
async def another(dsn: str) -> AsyncIterator[Shared]:
    """A second process's keeper."""
    async with AsyncConnectionPool(dsn, min_size=1, open=False) as pool:
        yield Shared(pool)


def together(dsn: str, play: Callable[[Shared, Shared], Awaitable[None]]) -> None:
    """Two workers that know nothing of each other but what PostgreSQL holds."""

    async def main() -> None:
        async with distributed.opened(dsn) as (_, first), another(dsn) as second:
            await play(first, second)

    politeness.forget()
    asyncio.run(main())


def test_a_turn_taken_by_one_worker_is_waited_for_by_the_other(postgres: str) -> None:
    async def play(first: Shared, second: Shared) -> None:
        waits = []
        for keeper in (first, second, first):
            async with keeper.standing("dw.com") as (standing, now):
                waits.append(standing.turn(now, 30.0, 0.0))
        assert waits[0] == 0
        assert waits[1:] == pytest.approx([30, 60], abs=5)

    together(postgres, play)


def test_a_retry_after_told_to_one_worker_is_kept_by_all_and_shown(postgres: str, tmp_path: Path) -> None:
    async def play(first: Shared, second: Shared) -> None:
        politeness.share(first)
        await politeness.bar(URL, 1800, "rate limited until noon")
        politeness.share(second)
        with pytest.raises(Postponed, match="rate limited until noon"):
            await politeness.turn(URL)
        with Store.open(tmp_path / "z.db") as store:
            await second.take(store)
            assert politeness.left_alone()["dw.com"]["why"] == "rate limited until noon"
            store.remember("left alone", politeness.left_alone())
            assert "dw.com is rate limited until noon" in list(lines(figures(store)))

    together(postgres, play)


def test_a_short_retry_after_told_to_one_worker_holds_back_the_turn_another_has(postgres: str) -> None:
    async def play(first: Shared, second: Shared) -> None:
        async with second.standing("dw.com") as (standing, now):
            standing.turn(now, 2.0, 0.0)
        politeness.share(first)
        await politeness.hold(URL, 60)
        async with second.standing("dw.com") as (standing, now):
            assert not standing.may_leave(now)

    together(postgres, play)


def test_errors_in_a_row_are_counted_over_all_workers(postgres: str) -> None:
    async def play(first: Shared, second: Shared) -> None:
        for keeper in (first, second, first, second):
            politeness.share(keeper)
            await politeness.answered(URL, 503)
        await politeness.turn(URL)
        await politeness.answered(URL, 503)
        politeness.share(first)
        with pytest.raises(Postponed, match=r"left alone until .*: 5 errors in a row, the last 503"):
            await politeness.turn(URL)

    together(postgres, play)


def test_each_request_comes_into_the_ledger_once_whoever_asked_and_whoever_died(postgres: str, tmp_path: Path) -> None:
    async def play(first: Shared, second: Shared) -> None:
        with Store.open(tmp_path / "z.db") as store:
            for keeper, answer in ((first, "200"), (second, "304"), (first, "200"), (second, None)):
                await keeper.came("dw.com", await keeper.leaving("dw.com"), answer)
            day = await second.leaving("dw.com")  # and then it was killed
            for keeper in (first, first, second):
                await keeper.take(store)
            told = {row["answer"]: row["requests"] for row in store.asked(day)}
            assert told == {"200": 2, "304": 1, "none": 1}
            assert store.requests_of("dw.com") == 4

    together(postgres, play)


def test_a_postgresql_made_anew_counts_from_the_beginning_and_takes_nothing_back(postgres: str, tmp_path: Path) -> None:
    async def play(first: Shared, second: Shared) -> None:
        with Store.open(tmp_path / "z.db") as store:
            for _ in range(3):
                await first.came("dw.com", await first.leaving("dw.com"), "200")
            await first.take(store)
            async with first._pool.connection() as connection:
                await connection.execute("TRUNCATE zaesur_asked; UPDATE zaesur_ledger SET id = gen_random_uuid()")
            await first.came("dw.com", await first.leaving("dw.com"), "200")
            await first.take(store)
            assert store.requests_of("dw.com") == 4

    together(postgres, play)
