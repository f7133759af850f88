"""The service meets trouble: it notices, writes it down, and runs again without a hand."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3  # the same library: locks of one process are its own affair

from scheduler import service
from scheduler.service import Service
from storage import Store
from storage.errors import StoreError

Work = Callable[[Store], Awaitable[Counter[str]]]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "TICK", 0.05)
    monkeypatch.setattr(service, "STALLED", 0.4)
    monkeypatch.setattr(service, "HANGING", 0.3)
    monkeypatch.setattr("storage.opening._PATIENCE", 0.05)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "z.db"


@pytest.fixture
def store(path: Path, _fast: None) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def run(store: Store, turns: list[Callable[[Service], None]]) -> list[str]:
    """Run the service; at each look at what is due the next turn happens, after the last it is stopped. What it said."""
    said: list[str] = []

    async def revisit(store: Store) -> Counter[str]:
        if turns:
            turns.pop(0)(working)
        else:
            working._stopping.set()
        return Counter()

    working = Service(store, said.append, revisit=revisit)
    asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
    return said


def kinds(store: Store) -> list[str]:
    return [incident.kind for incident in store.incidents()]


def nothing(working: Service) -> None:
    pass


def raising(working: Service) -> None:
    raise RuntimeError("a fault of ours")


def test_a_job_that_raises_is_written_down_once_with_its_count_and_runs_again(store: Store) -> None:
    said = run(store, [raising, raising, nothing])
    (incident,) = [incident for incident in store.incidents() if incident.kind == "job"]
    assert (incident.times, incident.detail) == (2, "revisit: a fault of ours")
    assert "revisit: a fault of ours" in said
    assert store.service() == "stopped"


def test_while_the_database_is_locked_troubles_are_kept_and_written_down_afterwards(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)

    def lock(working: Service) -> None:
        other.execute("BEGIN IMMEDIATE")

    def write(working: Service) -> None:
        working._store.remember("x", {})

    def unlock(working: Service) -> None:
        other.execute("ROLLBACK")

    said = run(store, [lock, write, write, unlock, nothing, nothing])
    other.close()
    assert any("in use by another program" in line for line in said)
    assert any("in use by another program" in incident.detail for incident in store.incidents())


def test_a_scheduler_that_died_silently_is_started_again(store: Store) -> None:
    run(store, [lambda working: working._scheduler.pause(), nothing])
    assert "stalled" in kinds(store)


def test_a_blocked_loop_is_noticed(store: Store) -> None:
    run(store, [lambda working: time.sleep(0.3), nothing, nothing])
    assert "blocked" in kinds(store)


def test_a_loop_that_was_blocked_for_long_is_not_taken_for_a_dead_scheduler(store: Store) -> None:
    given_up: list[str] = []

    async def hint(store: Store) -> Counter[str]:
        try:
            await working._stopping.wait()  # a poll in the middle of its looks
        except asyncio.CancelledError:
            given_up.append("a poll")
            raise
        return Counter()

    async def revisit(store: Store) -> Counter[str]:
        if len(blocked) == 3:
            working._stopping.set()
        elif poll in working._running:
            blocked.append(poll)
            time.sleep(0.6)
        else:
            working._scheduler.add_job(working._job(poll, hint), id=poll)
        return Counter()

    poll, blocked = "revisit an outlet", list[str]()
    working = Service(store, lambda told: None, revisit=revisit)
    asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
    assert not given_up
    assert set(kinds(store)) == {"blocked"}


def test_a_poll_given_up_with_a_dead_scheduler_ends_before_the_next_begins(store: Store) -> None:
    at_work: list[int] = []

    async def revisit(store: Store) -> Counter[str]:
        at_work.append(len(at_work) + 1)
        if len(at_work) > 1:
            working._stopping.set()
            return Counter()
        working._scheduler.pause()
        try:
            await asyncio.Event().wait()
        finally:
            again = working._scheduler.get_job("revisit").next_run_time
            while working._scheduler.get_job("revisit").next_run_time == again:  # until the next is to begin
                await asyncio.sleep(0.01)
            for _ in range(20):  # what was asked is answered first
                await asyncio.sleep(0)
            ended.append(f"before {len(at_work)} more" if len(at_work) > 1 else "alone")
        return Counter()

    ended: list[str] = []
    working = Service(store, lambda told: None, revisit=revisit)
    asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
    assert ended == ["alone"]
    assert set(kinds(store)) >= {"stalled"}
    assert "job" not in kinds(store)


def test_a_suspended_machine_or_a_clock_that_was_set_is_noticed(store: Store) -> None:
    def step(working: Service) -> None:
        working._last_wall -= 3600  # as if an hour had passed by the wall clock alone

    run(store, [step, nothing, nothing])
    assert "clock" in kinds(store)


def test_a_killed_service_is_noticed_at_the_next_start_and_goes_on(store: Store) -> None:
    store.beat()  # the sign of life that a kill leaves behind
    run(store, [nothing])
    assert "ended" in kinds(store)
    assert store.service() == "stopped"


def test_a_database_that_cannot_be_written_does_not_stop_the_service(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    def fill(working: Service) -> None:
        monkeypatch.setattr(store, "beat", full)

    run(store, [fill, nothing, nothing, lambda working: monkeypatch.undo(), nothing])
    assert any("the disk is full" in incident.detail for incident in store.incidents())


def test_what_is_in_flight_is_finished_when_the_service_is_told_to_stop(store: Store) -> None:
    finished: list[str] = []

    async def revisit(store: Store) -> Counter[str]:
        working._stopping.set()
        await asyncio.sleep(0.3)  # the answer of an outlet that takes its time
        finished.append("recorded")
        return Counter()

    working = Service(store, finished.append, revisit=revisit)
    asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
    assert "recorded" in finished
    assert store.service() == "stopped"


def test_work_that_hangs_is_given_up_written_down_and_begins_anew(store: Store) -> None:
    begun: list[str] = []

    async def revisit(store: Store) -> Counter[str]:
        begun.append("a poll")
        if len(begun) > 1:
            working._stopping.set()
            return Counter()
        await asyncio.Event().wait()  # an answer that never comes, and no limit that ends the waiting
        return Counter()

    working = Service(store, lambda told: None, revisit=revisit)
    asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
    told = [incident.detail for incident in store.incidents() if incident.kind == "job"]
    assert told == ["revisit: nothing came of it for 0 s; it was given up and begins anew"]


def test_a_poll_that_takes_longer_than_a_tick_is_no_trouble(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    async def revisit(store: Store) -> Counter[str]:
        await asyncio.sleep(0.2)  # twenty articles, two seconds each
        working._stopping.set()
        return Counter()

    working = Service(store, lambda told: None, revisit=revisit)
    asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
    assert "job" not in kinds(store)
    assert caplog.get_records("call") == [record for record in caplog.get_records("call") if record.name == "zaesur"]
