"""Beyond one machine: the same polls, run by workers on several hosts under procrastinate on PostgreSQL.

The unit of distribution is the poll of one outlet. The service (``zaesur run --postgres``) keeps the records: it hands out
polls, at most one an outlet at a time, and records what comes back, alone and in order. Workers (``zaesur worker``) have no
database of their own: they ask the outlet and hand every look on as it came, byte for byte. PostgreSQL holds only what is
under way, and how outlets stand with all of them together (``scheduler.sharing``). A worker that dies loses nothing: its poll
is taken up by another when its heartbeat stays out.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from msgspec.structs import asdict
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from crawler import crawling, politeness
from crawler.pipelines import keep
from scheduler.budgets import names, slowest
from scheduler.configuration import Configuration
from scheduler.health import LEFT_ALONE
from scheduler.jobs import Counts, due_within_budget, follow_up, wait
from scheduler.sharing import TABLES, Shared, sharing
from storage import Store
from storage.errors import StoreError, UserError
from storage.types import Article, Look

LEASE = 1800.0  # seconds, beside the longest delay, after which an outlet is handed out again though its poll was not heard of
HEARTBEAT = 10.0  # seconds between two signs of life of a worker
DEAD = 30.0  # seconds without one after which its polls are another's
AGAIN = 5  # seconds until something is tried again that PostgreSQL, or the database, would not take
_POLLS, _RECORDS = "polls", "records"
_TABLES = 0x5A534552  # the number of our lock in PostgreSQL


def connect(dsn: str) -> App:
    """The tasks of both sides, not yet connected."""
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=1, max_size=8))

    @app.task(name="poll", queue=_POLLS, retry=RetryStrategy(max_attempts=5, wait=AGAIN))
    async def poll(
        outlet: str, articles: list[dict[str, Any]], validators: dict[str, dict[str, str]], asking: dict[str, Any]
    ) -> None:
        wanted = [msgspec.convert(article, Article) for article in articles]
        politeness.learn(asking["contact"], msgspec.convert(asking["paces"], dict[str, politeness.Pace]))
        for look in await crawling.collect(wanted, validators):
            await _hand(app, "record", outlet, look=encode(look))
        await _hand(app, "finish", outlet)

    @app.periodic(cron="* * * * *")
    @app.task(name="take_over", queue=_POLLS, queueing_lock="take_over")
    async def take_over(timestamp: int) -> None:
        await retry_stalled(app)

    return app


@contextlib.asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[tuple[App, Shared]]:
    """The tasks of both sides on this PostgreSQL (``dsn`` as libpq takes it), and how outlets stand with all that use it.

    Tables are made where they are missing. Raises UserError when PostgreSQL cannot be asked.
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
            await asked.execute(TABLES)
        async with sharing(dsn) as keeper:
            yield app, keeper


async def lasting(work: Callable[[], Awaitable[None]], trouble: Callable[[str], None]) -> None:
    """Go on with a side's work until cancelled, also when PostgreSQL was away; ``trouble`` is told why it had stopped.

    What is under way when it is cancelled is finished first, within ten seconds.
    """
    while True:
        why = "the connection was lost"  # a listener that lost it ends the work without a word
        try:
            await work()
        except (ConnectorException, psycopg.Error, OSError) as error:
            why = _line(error)
        trouble(f"PostgreSQL cannot be asked ({why}); tried again in {AGAIN} s")
        await asyncio.sleep(AGAIN)


async def until_told(work: Awaitable[None], stop: asyncio.Event) -> None:
    """Work until ``stop`` is set (as ``service.stop_when_told`` does)."""
    working, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait([working])
    if not working.cancelled():
        working.result()


async def retry_stalled(app: App, seconds: float = DEAD) -> int:
    """Give the jobs of workers whose heartbeat stayed out for so long to others; how many there were."""
    given = 0
    for job in list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds)):
        # another process may have done so a moment before
        with contextlib.suppress(ConnectorException):
            try:
                await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
            except UniqueViolation:
                # a service started anew has handed the same outlet out again; that poll waits until this one is off its lock
                await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
            given += 1
    return given


async def work(app: App, *, concurrency: int = 4) -> None:
    """Poll outlets, so many at a time, until cancelled."""
    await app.run_worker_async(
        queues=[_POLLS],
        concurrency=concurrency,
        delete_jobs="successful",
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=3 * HEARTBEAT,
        fetch_job_polling_interval=1.0,
        shutdown_graceful_timeout=10.0,
        install_signal_handlers=False,
    )


class Desk:
    """The side that keeps the records: what is handed out, and what comes back."""

    def __init__(self, store: Store, app: App, keeper: Shared, configuration: Configuration | None = None) -> None:
        self._store, self._app, self._keeper = store, app, keeper
        self._configuration = configuration or Configuration()
        self._lease = LEASE + slowest(self._configuration)
        self._out: dict[str, float] = {}  # outlets under way, and since when
        self.counts: Counts = Counter()
        lasting = RetryStrategy(wait=AGAIN, retry_exceptions=[StoreError])  # a locked database takes it later
        app.task(name="record", queue=_RECORDS, lock=_RECORDS, retry=lasting)(self.record)
        app.task(name="finish", queue=_RECORDS, lock=_RECORDS, retry=lasting)(self._finish)

    async def hand_out(self) -> Counts:
        """Hand out one poll for each outlet that has articles due and none under way, as far as its budget goes."""
        now = time.monotonic()
        self._out = {outlet: since for outlet, since in self._out.items() if now - since < self._lease}
        await retry_stalled(self._app)
        await self._take_counts()
        handed: Counts = Counter()
        for outlet in names(self._configuration, self._store.outlets_due(datetime.now(UTC))):
            if outlet in self._out:
                wait(self._store, self._configuration, outlet)
                continue
            if articles := due_within_budget(self._store, self._configuration, outlet):
                handed["handed out"] += await self._defer(outlet, articles)
                self._out[outlet] = now
        return +handed

    async def _take_counts(self) -> None:
        """What the workers asked, into the ledger; and which outlets they were told to leave alone."""
        await self._keeper.take(self._store)
        self._store.remember(LEFT_ALONE, politeness.left_alone())

    async def _defer(self, outlet: str, articles: list[Article]) -> int:
        job = self._app.configure_task("poll", queue=_POLLS, lock=outlet, queueing_lock=outlet)
        paces = politeness.paces_of(article.url for article in articles)
        try:
            await job.defer_async(
                outlet=outlet,
                articles=msgspec.to_builtins(articles),
                validators=msgspec.to_builtins(self._store.validators([each.id for each in articles])),
                asking={"contact": politeness.contact(), "paces": {n: asdict(pace) for n, pace in paces.items()}},
            )
        except AlreadyEnqueued:  # handed out before this service was started again, and still waiting
            return 0
        return len(articles)

    async def take_in(self) -> None:
        """Record what the workers bring, one look after the other, until cancelled."""
        await self._app.run_worker_async(
            queues=[_RECORDS],
            concurrency=1,
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
        await self._take_counts()  # before the outlet is handed out again: its budget is by what was really asked
        self._out.pop(outlet, None)


def encode(look: Look) -> str:
    """A look as it travels: JSON, the body in base64, byte for byte."""
    return msgspec.json.encode(look).decode()


async def _hand(app: App, task: str, outlet: str, **arguments: Any) -> None:
    await app.configure_task(task, queue=_RECORDS, lock=_RECORDS).defer_async(outlet=outlet, **arguments)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
