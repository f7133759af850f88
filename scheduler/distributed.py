"""Beyond one machine: the same polls, run by workers on several hosts under procrastinate on PostgreSQL.

The unit of distribution is the poll of one outlet. The service (``zaesur run --postgres``) keeps the records: it hands out
polls, at most one an outlet at a time, and records what comes back, alone and in order. Workers (``zaesur worker``) have no
database of their own: they ask the outlet and hand every look on as it came, byte for byte. PostgreSQL holds only what is
under way. A worker that dies loses nothing: its poll is taken up by another when its heartbeat stays out.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from crawler import crawling
from crawler.pipelines import keep
from scheduler.jobs import Counts, follow_up
from scheduler.revisiting import choose_due
from storage import Store
from storage.errors import UserError
from storage.types import Article, Look

BATCH = 20  # articles a poll
LEASE = 1800.0  # seconds after which an outlet is handed out again though its poll was not heard of
HEARTBEAT = 10.0  # seconds between two signs of life of a worker
DEAD = 30.0  # seconds without one after which its polls are another's
_POLLS, _RECORDS = "polls", "records"
_TABLES = 0x5A534552  # the number of our lock in PostgreSQL


def connect(dsn: str) -> App:
    """The tasks of both sides, not yet connected."""
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=1, max_size=8))

    @app.task(name="poll", queue=_POLLS)
    async def poll(outlet: str, articles: list[dict[str, Any]], validators: dict[str, dict[str, str]]) -> None:
        wanted = [msgspec.convert(article, Article) for article in articles]
        for look in await crawling.collect(wanted, validators):
            await _hand(app, "record", outlet, look=encode(look))
        await _hand(app, "finish", outlet)

    @app.periodic(cron="* * * * *")
    @app.task(name="take_over", queue=_POLLS, queueing_lock="take_over")
    async def take_over(timestamp: int) -> None:
        await retry_stalled(app)

    return app


@contextlib.asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[App]:
    """The tasks of both sides on this PostgreSQL (``dsn`` as libpq takes it), its tables made where they are missing.

    Raises UserError when PostgreSQL cannot be asked.
    """
    try:
        # asked once by itself first: a pool would try for half a minute before it says why
        asked = await psycopg.AsyncConnection.connect(dsn, connect_timeout=5)
    except psycopg.Error as error:
        raise UserError(f"PostgreSQL cannot be asked ({_line(error)}); nothing was handed out") from None
    app = connect(dsn)
    async with app.open_async():
        async with asked:  # one at a time makes the tables, however many start together
            await asked.execute("SELECT pg_advisory_xact_lock(%s)", [_TABLES])
            if not await app.check_connection_async():
                await app.schema_manager.apply_schema_async()
        yield app


async def retry_stalled(app: App, seconds: float = DEAD) -> int:
    """Give the jobs of workers whose heartbeat stayed out for so long to others; how many there were."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for job in stalled:
        await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
    return len(stalled)


async def work(app: App, *, concurrency: int = 4, wait: bool = True, heartbeat: float = HEARTBEAT) -> None:
    """Poll outlets until told to stop (``wait=False``: until nothing is left), so many at a time."""
    await app.run_worker_async(
        queues=[_POLLS],
        concurrency=concurrency,
        wait=wait,
        delete_jobs="successful",
        update_heartbeat_interval=heartbeat,
        stalled_worker_timeout=3 * heartbeat,
        fetch_job_polling_interval=1.0,
        shutdown_graceful_timeout=10.0,
        install_signal_handlers=wait,
    )


class Desk:
    """The side that keeps the records: what is handed out, and what comes back."""

    def __init__(self, store: Store, app: App) -> None:
        self._store, self._app = store, app
        self._out: dict[str, float] = {}  # outlets under way, and since when
        self.counts: Counts = Counter()
        app.task(name="record", queue=_RECORDS, lock=_RECORDS)(self.record)
        app.task(name="finish", queue=_RECORDS, lock=_RECORDS)(self._finish)

    async def hand_out(self, budget: int = 10 * BATCH) -> Counts:
        """Hand out one poll for each outlet that has articles due and none under way."""
        now = time.monotonic()
        self._out = {outlet: since for outlet, since in self._out.items() if now - since < LEASE}
        by_outlet: dict[str, list[Article]] = {}
        for article in choose_due(self._store, budget, self._out.keys()):
            by_outlet.setdefault(article.outlet, []).append(article)
        handed: Counts = Counter()
        for outlet, articles in by_outlet.items():
            handed["handed out"] += await self._defer(outlet, articles[:BATCH])
            self._out[outlet] = now
        return +handed

    async def _defer(self, outlet: str, articles: list[Article]) -> int:
        job = self._app.configure_task("poll", queue=_POLLS, lock=outlet, queueing_lock=outlet)
        try:
            await job.defer_async(
                outlet=outlet,
                articles=msgspec.to_builtins(articles),
                validators=msgspec.to_builtins(self._store.validators([each.id for each in articles])),
            )
        except AlreadyEnqueued:  # handed out before this service was started again, and still waiting
            return 0
        return len(articles)

    async def take_in(self, *, wait: bool = True) -> None:
        """Record what the workers bring, one look after the other (``wait=False``: until nothing is left)."""
        await self._app.run_worker_async(
            queues=[_RECORDS],
            concurrency=1,
            wait=wait,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            fetch_job_polling_interval=1.0,
            install_signal_handlers=False,
        )

    async def record(self, outlet: str, look: str) -> None:
        """Record one look that a worker brought; one that was recorded already is left as it is."""
        brought = msgspec.json.decode(look, type=Look)
        if brought.article and self._known(brought, brought.article.id):
            return  # recorded before, and the news of it lost with a service that was killed
        row = await keep(self._store, brought, None)
        follow_up(self._store, [row])
        self.counts[row["outcome"]] += 1

    def _known(self, look: Look, article: str) -> bool:
        return any(capture.started == look.started for capture in self._store.captures(article, limit=50))

    async def _finish(self, outlet: str) -> None:
        self._out.pop(outlet, None)


def encode(look: Look) -> str:
    """A look as it travels: JSON, the body in base64, byte for byte."""
    return msgspec.json.encode(look).decode()


async def _hand(app: App, task: str, outlet: str, **arguments: Any) -> None:
    await app.configure_task(task, queue=_RECORDS, lock=_RECORDS).defer_async(outlet=outlet, **arguments)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
