"""The long-running service: one process, one loop; discover, revisit, compare, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler import politeness
from scheduler.anchoring import stamp_daily
from scheduler.budgets import names, slowest
from scheduler.configuration import Configuration
from scheduler.jobs import Counts, discover_sources, look_at_due, look_at_outlet, plan_anew, tell, wait
from scheduler.maintenance import daily, maintain
from scheduler.preparing import languages, prepare, slot
from storage import Store
from storage.errors import TakenAway, ZaesurError

log = logging.getLogger("zaesur")
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # it warns at each tick that a longer poll goes over

TICK = 15.0  # seconds between two questions "what is due?"; far below the shortest revisit interval
DISCOVER = 600.0  # seconds between two readings of the sources; DW's feeds say "hourly, 4 times"
TELL = 30.0  # seconds between two looks for changes to tell people of
UPKEEP = 3600.0  # seconds between two questions whether what is done daily was done today; so also until what failed is tried again
CATCHING_UP = 600.0  # seconds after its start in which upkeep waits: there are looks to make up for
PATIENCE = 10.0  # seconds that what is in flight may take when the service is told to stop
STALLED = 60.0  # seconds without a tick after which the scheduling is started again
HANGING = 1800.0  # seconds without a request after which a poll is given up, beside the longest delay configured


class Service:
    """The jobs of one database, driven by APScheduler.

    Due times live in the database, so a restart needs nothing; APScheduler is only the clock. ``report`` gets one line of talk for
    each job that did something. ``revisit`` has what is due looked at: by a job for each outlet, or by others.
    """

    def __init__(
        self,
        store: Store,
        report: Callable[[str], None],
        configuration: Configuration | None = None,
        revisit: Callable[[Store], Awaitable[Counts]] | None = None,
    ) -> None:
        self._store = store
        self._revisit = revisit or self._poll_outlets
        self._configuration = configuration or Configuration()
        prepare(store, self._configuration)
        self._hanging = HANGING + slowest(self._configuration)
        self._report = report
        self._stopping = asyncio.Event()
        self._over: TakenAway | None = None
        self._running: dict[str, tuple[asyncio.Future[Counts], float]] = {}  # by job, what it does and since when
        self._last_tick, self._last_wall = time.monotonic(), time.time()
        self._troubles: deque[tuple[str, str]] = deque(maxlen=100)  # not written down yet
        self._scheduler = self._new_scheduler()

    async def once(self) -> Counts:
        """Do what is due and end: read the sources, look at each article once, compare, tell; what is done daily, if nobody did today."""
        done, looked = await self._discover(self._store), Counts()
        followed = len(self._store.followed())
        while looked.total() < followed and (counts := await look_at_due(self._store, self._configuration)):
            looked += counts
        done += looked + await self._tell(self._store)
        for name, work in self._upkeep().items():
            try:
                done += await work(self._store)
            except ZaesurError as error:
                self._trouble("job", f"{name}: {error}")
        return done

    async def forever(self, greeting: str = "") -> None:
        """Work until SIGTERM or SIGINT; what is in flight is finished first.

        ``greeting`` is reported once a signal ends it in order. Raises TakenAway when the database's files are gone.
        """
        stop_when_told(self._stopping)
        if greeting:
            self._report(greeting)
        if self._store.service() != "stopped":
            self._trouble("ended", "the service had ended without being stopped; it goes on where it was")
        await self._beat()
        self._scheduler.start()
        watchdog = asyncio.create_task(self._watch())
        await self._stopping.wait()
        self._report("Stopping; finishing what is in flight")
        watchdog.cancel()
        self._scheduler.pause()
        # the scheduler's own shutdown cancels what runs, whatever it is asked to wait for
        if self._running:
            await asyncio.wait([task for task, _ in self._running.values()], timeout=PATIENCE)
        self._scheduler.shutdown(wait=False)
        if self._over:
            raise self._over
        self._store.rest()

    def noted(self, detail: str) -> None:
        """Write down a trouble of what works beside the jobs."""
        self._trouble("postgres", detail)

    def _new_scheduler(self) -> AsyncIOScheduler:
        # no job store of its own (one "database is locked" would end it silently), late runs are made up for once
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        now = datetime.now(UTC)
        # a job of its own, so that a long poll does not look like a standstill
        scheduler.add_job(self._beat, "interval", seconds=TICK, next_run_time=now, id="heartbeat")
        scheduler.add_job(
            self._job("discover", self._discover), "interval", seconds=DISCOVER, next_run_time=now, id="discover"
        )
        soon, later = now + timedelta(seconds=1), now + timedelta(seconds=CATCHING_UP)
        scheduler.add_job(
            self._job("revisit", self._revisit), "interval", seconds=TICK, next_run_time=soon, id="revisit"
        )
        scheduler.add_job(self._job("notify", self._tell), "interval", seconds=TELL, next_run_time=soon, id="notify")
        for name, work in self._upkeep().items():
            scheduler.add_job(self._job(name, work), "interval", seconds=UPKEEP, next_run_time=later, id=name)
        scheduler.add_listener(self._failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    def _job(
        self, name: str, work: Callable[[Store], Awaitable[Counts]], *, again: bool = False
    ) -> Callable[[], Awaitable[None]]:
        """A job of this name; ``again``: as long as it finds something to do, without waiting for the next tick."""

        async def run() -> None:
            while counts := await self._step(name, work):
                self._report(f"{name}: {describe(counts)}")
                if not again or self._stopping.is_set():
                    break

        return run

    async def _step(self, name: str, work: Callable[[Store], Awaitable[Counts]]) -> Counts:
        if name in self._running:  # given up when the scheduling was started again, and not yet at its end
            await asyncio.wait([self._running[name][0]], timeout=2 * PATIENCE)
        task, job = asyncio.ensure_future(work(self._store)), asyncio.current_task()
        self._running[name] = mine = task, time.monotonic()
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and not (job and job.cancelling()):
                raise RuntimeError(f"nothing came of it for {HANGING:.0f} s; it was given up and begins anew") from None
            raise
        finally:
            if self._running.get(name) is mine:
                del self._running[name]

    async def _discover(self, store: Store) -> Counts:
        return await discover_sources(store, languages(self._configuration))

    async def _poll_outlets(self, store: Store) -> Counts:
        """See to it that each outlet is polled, by a job of its own: none waits for another that is slow."""
        for outlet in names(self._configuration, store.outlets_due(datetime.now(UTC))):
            name = f"revisit {outlet}"
            if name in self._running:
                wait(store, self._configuration, outlet)
            if not self._scheduler.get_job(name):
                work = partial(look_at_outlet, configuration=self._configuration, outlet=outlet)
                self._scheduler.add_job(
                    self._job(name, work, again=True),
                    "interval",
                    seconds=TICK,
                    next_run_time=datetime.now(UTC),
                    id=name,
                )
        return Counts()

    def _upkeep(self) -> dict[str, Callable[[Store], Awaitable[Counts]]]:
        """What is done once a day, whoever is asked first."""
        configuration, authority = self._configuration, self._configuration.maintenance.authority
        jobs: dict[str, Callable[[Store], Awaitable[Counts]]] = {
            "plan": lambda store: daily(store, "plan", plan_anew),
            "maintain": lambda store: daily(store, "maintain", partial(maintain, configuration=configuration)),
        }
        return jobs | ({"anchor": lambda store: stamp_daily(store, authority)} if authority else {})

    async def _tell(self, store: Store) -> Counts:
        return await tell(store, self._configuration)

    async def _beat(self) -> None:
        # a coroutine: a plain function would run in a thread, and the database belongs to this one
        stood, passed = time.monotonic() - self._last_tick, time.time() - self._last_wall
        self._last_tick, self._last_wall = time.monotonic(), time.time()
        if stood > 2 * TICK:
            self._trouble("blocked", "nothing ran for longer than two ticks; what was due meanwhile is made up for")
        elif abs(passed - stood) > STALLED:
            self._trouble(
                "clock", "the machine was suspended, or its clock was set; due times are by the clock as it is now"
            )
        self._store.beat()
        self._write_down()

    def _failed(self, event: JobEvent) -> None:
        problem = getattr(event, "exception", None)
        if isinstance(problem, TakenAway):  # nothing that is seen from now on would be kept
            self._over = problem
            self._stopping.set()
            return
        if isinstance(problem, asyncio.CancelledError):  # by a stop or by the watchdog, which says so
            return
        if event.code == EVENT_JOB_MAX_INSTANCES:  # a poll longer than a tick is nothing unusual, one that hangs is
            task, since = self._running.get(event.job_id, (None, 0.0))
            if task and time.monotonic() - self._came(event.job_id, since) > self._hanging:
                task.cancel()  # its end is told as that of any job that failed
            return
        self._trouble("job", f"{event.job_id}: {problem or 'it was late'}")

    def _came(self, job: str, since: float) -> float:
        """When something last came of a job that runs since then: when the outlets that it waits for were asked."""
        began = datetime.now(UTC) - timedelta(seconds=time.monotonic() - since)
        slots = {slot(job.removeprefix("revisit "))}
        if job == "discover":
            sources = self._store.feeds()
            unread = [each.url for each in sources if not each.polled or datetime.fromisoformat(each.polled) < began]
            slots = set(map(politeness.outlet_slot, unread))
        return min((max(since, self._store.asked_last(each)) for each in slots), default=since)

    def _trouble(self, kind: str, detail: str) -> None:
        """Say what went wrong and write it down; while the database takes nothing, it is kept for the next beat."""
        log.error("%s: %s", kind, detail)
        self._report(detail)
        self._troubles.append((kind, detail))
        self._write_down()

    def _write_down(self) -> None:
        with contextlib.suppress(ZaesurError):
            while self._troubles:
                self._store.note_incident(*self._troubles[0])
                self._troubles.popleft()

    async def _watch(self) -> None:
        """Start the scheduling again when no job has run for too long (a dead scheduler still says it runs)."""
        while True:
            await asyncio.sleep(TICK)
            last = self._last_tick
            if time.monotonic() - last <= STALLED:
                continue
            await asyncio.sleep(TICK)  # if all stood still, the heartbeat has not had its turn yet
            if self._last_tick == last:
                self._trouble("stalled", "the scheduling had stopped; it was started again")
                self._last_tick, self._last_wall = time.monotonic(), time.time()
                self._scheduler.shutdown(wait=False)
                self._scheduler = self._new_scheduler()
                self._scheduler.start()


def stop_when_told(stop: asyncio.Event) -> None:
    """Have SIGTERM and SIGINT set ``stop`` from now on; what is said before that, a signal may cut off."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def describe(counts: Counter[str]) -> str:
    """Counts as talk: ``2 changed, 14 unchanged``."""
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


def serve_beside(path: Path, port: int) -> Any:
    """Serve the reports in a daemon thread beside the service; returns the thread."""
    import threading

    from reports.web import serve
    from scheduler.showing import reading

    thread = threading.Thread(target=serve, args=(path, port, reading()), name="reports", daemon=True)
    thread.start()
    return thread
