"""How outlets stand with all workers together, and what these asked: kept in PostgreSQL, changed in transactions, by its clock.

A pace, a ``Retry-After`` or a rest holds for whoever asks next, on whatever host. A request is counted before it leaves and
once more when it is answered, so that one whose worker was killed in between is known as asked and never answered.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from crawler import politeness
from crawler.standing import Standing
from storage import Store

TABLES = """
CREATE TABLE IF NOT EXISTS zaesur_outlets (  -- times are seconds since 1970 by PostgreSQL's clock
    slot text PRIMARY KEY, next float8 NOT NULL, until float8 NOT NULL, why text NOT NULL,
    errors int NOT NULL, rests int NOT NULL);
ALTER TABLE zaesur_outlets ADD COLUMN IF NOT EXISTS held float8 NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS zaesur_asked (  -- as in the ledger; "none": not answered, or not yet
    slot text, day text, answer text, requests bigint NOT NULL, PRIMARY KEY (slot, day, answer));
CREATE TABLE IF NOT EXISTS zaesur_ledger (id uuid NOT NULL);  -- tells this ledger from one in a PostgreSQL made anew
INSERT INTO zaesur_ledger SELECT gen_random_uuid() WHERE NOT EXISTS (SELECT FROM zaesur_ledger);
"""
_NOW = "extract(epoch FROM clock_timestamp())::float8"
_TODAY = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
_COUNT = """
INSERT INTO zaesur_asked VALUES (%s, {day}, %s, %s)
ON CONFLICT (slot, day, answer) DO UPDATE SET requests = zaesur_asked.requests + excluded.requests
"""
_TAKEN = "requests taken from workers"  # under which name the ledger remembers what it has
_KEPT_DAYS = 3  # of the workers' counts; the ledger keeps all days


class Shared:
    """A keeper (``politeness.share``) for all processes that use one PostgreSQL."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self._resting: dict[str, dict[str, str]] = {}

    @contextlib.asynccontextmanager
    async def standing(self, slot: str) -> AsyncIterator[tuple[Standing, float]]:
        """How an outlet stands, and the time by PostgreSQL's clock; nobody else changes it meanwhile."""
        fresh = {"slot": slot, **asdict(Standing())}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                "INSERT INTO zaesur_outlets(slot, next, held, until, why, errors, rests) "
                "VALUES (%(slot)s, %(next)s, %(held)s, %(until)s, %(why)s, %(errors)s, %(rests)s) ON CONFLICT DO NOTHING",
                fresh,
            )
            await cursor.execute(
                "SELECT next, held, until, why, errors, rests FROM zaesur_outlets WHERE slot = %s FOR UPDATE", [slot]
            )
            found = Standing(**(await cursor.fetchone() or {}))
            await cursor.execute(f"SELECT {_NOW} AS now")  # only now: the lock may have been waited for
            yield found, (await cursor.fetchone() or {})["now"]
            await cursor.execute(
                "UPDATE zaesur_outlets SET next = %(next)s, held = %(held)s, until = %(until)s, why = %(why)s, errors = %(errors)s, "
                "rests = %(rests)s WHERE slot = %(slot)s",
                {**asdict(found), "slot": slot},
            )

    def left_alone(self) -> dict[str, dict[str, str]]:
        """The outlets that may not be asked, as of the last ``take``."""
        now = datetime.now(UTC)
        return {slot: rest for slot, rest in self._resting.items() if datetime.fromisoformat(rest["until"]) > now}

    async def leaving(self, slot: str) -> str:
        """A request is about to leave; the day under which it was counted."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_COUNT.format(day=_TODAY) + "RETURNING day", [slot, "none", 1])
            return str((await cursor.fetchone() or ("",))[0])

    async def came(self, slot: str, day: str, answer: str | None) -> None:
        """How it was answered; ``None`` when it never left."""
        if answer == "none":
            return
        async with self._pool.connection() as connection:
            await connection.execute(_COUNT.format(day="%s"), [slot, day, "none", -1])
            if answer is not None:
                await connection.execute(_COUNT.format(day="%s"), [slot, day, answer, 1])

    async def take(self, store: Store) -> None:
        """Bring the store's ledger up to what the workers counted, each request once, and learn which outlets rest."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT id::text FROM zaesur_ledger")
            name = str((await cursor.fetchone() or ("",))[0])
            cursor = await connection.execute("SELECT slot, day, answer, requests FROM zaesur_asked")
            counted = {f"{slot} {day} {answer}": (slot, day, answer, n) async for slot, day, answer, n in cursor}
            cursor = await connection.execute(
                f"SELECT slot, to_timestamp(until), why FROM zaesur_outlets WHERE until > {_NOW}"
            )
            self._resting = {
                slot: {"until": until.astimezone(UTC).isoformat(timespec="seconds"), "why": why}
                async for slot, until, why in cursor
            }
            await connection.execute(
                f"DELETE FROM zaesur_asked WHERE day < to_char(clock_timestamp() - interval '{_KEPT_DAYS} days', 'YYYY-MM-DD')"
            )
        before = store.recall(_TAKEN) or {}
        had = before["counts"] if before.get("ledger") == name else {}
        new = {key: n - had.get(key, 0) for key, (*_, n) in counted.items()}
        if any(new.values()):
            with store.together():
                for key, (slot, day, answer, _) in counted.items():
                    store.add_requests(slot, day, answer, new[key])
                store.remember(_TAKEN, {"ledger": name, "counts": {key: n for key, (*_, n) in counted.items()}})


@contextlib.asynccontextmanager
async def sharing(dsn: str) -> AsyncIterator[Shared]:
    """Keep to what all processes know together until the block ends; the tables are there."""
    async with AsyncConnectionPool(dsn, min_size=1, max_size=4, open=False) as pool:
        keeper = Shared(pool)
        politeness.share(keeper)
        try:
            yield keeper
        finally:
            politeness.share(None)
