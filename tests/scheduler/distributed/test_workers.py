"""Workers on several hosts: no outlet is polled twice at a time, and nothing is lost when a worker is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.localsite.behaviours import Answer
from crawler.urls import identify
from scheduler import distributed
from scheduler.configuration import Configuration
from scheduler.configuration import Outlet as Settings
from scheduler.following import follow
from scheduler.health import figures, lines
from scheduler.preparing import pace
from storage import Store
from storage.types import Article, Block, BlockKind, Content
from tests.scheduler.distributed.conftest import Server

ROOT = Path(__file__).parents[3]
ARTICLES = 6  # of each outlet


class Outlet(Site):
    """A site that notes how many requests it answers at the same time; ``wait`` seconds for each."""

    wait = 0.0
    now = 0
    most = 0

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """As the site answers, slowly."""
        self.now += 1
        self.most = max(self.most, self.now)
        answer = super().answer(path, headers)
        self.now -= 1
        return replace(answer, wait=self.wait)


def text(number: int, words: str = "Der Hafen bleibt offen.") -> Content:
    blocks = tuple(
        Block(kind=BlockKind.PARAGRAPH, text=f"{words} Absatz {n} von {number} sagt etwas Eigenes über die Küste.")
        for n in range(6)
    )
    return Content(headline=f"Bericht {number}", teaser="Was geschah.", language="de", blocks=blocks)


@pytest.fixture
def outlets() -> Iterator[list[tuple[Outlet, list[Article]]]]:
    """Four outlets, each a host of its own."""
    with contextlib.ExitStack() as stack:
        found = []
        for n in range(4):
            site = Outlet(seed=n)
            numbers = range(72_000_000 + 100 * n, 72_000_000 + 100 * n + ARTICLES)
            paths = [site.publish(text(number), number=number, slug="bericht") for number in numbers]
            base = stack.enter_context(site.serving())
            found.append((site, [replace(identify(base + path), outlet=f"outlet-{n}") for path in paths]))
        yield found


@contextlib.contextmanager
def worker(postgres: str, hosts: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """``zaesur worker`` as a process."""
    environment = {**os.environ, "ZAESUR_POSTGRES": postgres, "ZAESUR_ALLOW_HOSTS": hosts, "ZAESUR_DELAY": "0", **more}
    command = [sys.executable, "-m", "scheduler", "worker", "--concurrency", "4"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            assert "Polling" in process.stderr.readline()
            yield process
        finally:
            process.kill()


@pytest.mark.timeout(120)
def test_a_worker_that_is_told_to_stop_ends_in_order(postgres: str) -> None:
    with worker(postgres, "") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr
        assert process.stderr.read() == "Stopped; polls that were not finished are taken up by other workers.\n"


def hosts_of(outlets: list[tuple[Outlet, list[Article]]]) -> str:
    return ",".join(site.base_url.removeprefix("http://") for site, _ in outlets)


@contextlib.asynccontextmanager
async def desk(
    store: Store, postgres: str, configuration: Configuration | None = None
) -> AsyncIterator[tuple[distributed.Desk, Any]]:
    async with distributed.opened(postgres) as (app, keeper):
        service = distributed.Desk(store, app, keeper, configuration)
        taking = asyncio.create_task(service.take_in())
        try:
            yield service, app
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)


async def until(store: Store, captures: int) -> None:
    """Wait for so many records; the test's own limit ends a wait in vain."""
    while len(store.captures()) < captures:
        await asyncio.sleep(0.05)


def slot(site: Site) -> str:
    return site.base_url.removeprefix("http://")


def asked_of(store: Store, site: Site) -> Counter[str]:
    """What the ledger says was asked of a site, by how it was answered."""
    return Counter({row["answer"]: row["requests"] for row in store.asked() if row["outlet"] == slot(site)})


def logged(site: Site) -> Counter[str]:
    """What the site's own log says."""
    return Counter(str(asked.status) for asked in site.requests)


@pytest.mark.timeout(240)
def test_two_workers_poll_four_outlets_and_one_desk_keeps_the_records(
    postgres: str, outlets: list[tuple[Outlet, list[Article]]], tmp_path: Path
) -> None:
    everything = [article for _, articles in outlets for article in articles]
    with Store.open(tmp_path / "z.db") as store:
        for article in everything:
            follow(store, article)

        async def main() -> None:
            async with desk(store, postgres) as (service, _):
                await service.hand_out()
                assert await service.hand_out() == {}, "an outlet under way is not handed out again"
                await until(store, len(everything))
                outlets[0][0].revise(int(everything[0].id[2:]), text(1, "Der Hafen ist geschlossen."))
                store.set_all_due((article.id, datetime.now(UTC)) for article in everything)
                handed = 0
                while handed < len(everything):  # an outlet is free when the desk has heard that its poll is over
                    handed += (await service.hand_out())["handed out"]
                    await asyncio.sleep(0.05)
                await until(store, 2 * len(everything))
                while service._out:  # the news of a poll's end brings the last counts
                    await asyncio.sleep(0.05)

        hosts = hosts_of(outlets)
        with worker(postgres, hosts), worker(postgres, hosts):
            crawling.run(main())
        outcomes = Counter(capture.outcome.value for capture in store.captures())
        assert outcomes == {"new": len(everything), "unchanged": len(everything) - 1, "changed": 1}
        assert [change.article for change in store.changes()] == [everything[0].id]
        assert list(store.verify_chain()) == []
        assert [asked_of(store, site) for site, _ in outlets] == [logged(site) for site, _ in outlets]
        shown = "\n".join(lines(figures(store)))
        for site, _ in outlets:
            assert f"asked of {slot(site)} today: {len(site.requests)} requests" in shown
    assert [site.most for site, _ in outlets] == [1, 1, 1, 1]


@pytest.mark.timeout(240)
def test_the_poll_of_a_killed_worker_is_taken_up_by_another(
    postgres: str, outlets: list[tuple[Outlet, list[Article]]], tmp_path: Path
) -> None:
    site, articles = outlets[0]
    site.wait = 8.0  # still under way when its worker is killed
    with Store.open(tmp_path / "z.db") as store:
        for article in articles:
            follow(store, article)

        async def main() -> None:
            async with desk(store, postgres) as (service, app):
                with worker(postgres, hosts_of(outlets)) as first:
                    await service.hand_out()
                    while not any(asked.path != "/robots.txt" for asked in site.requests):
                        await asyncio.sleep(0.02)
                    first.send_signal(signal.SIGKILL)
                    first.wait()
                site.wait = 0.0
                assert store.captures() == [], "a poll that was not finished has brought nothing"
                with worker(postgres, hosts_of(outlets)):
                    while not await distributed.retry_stalled(app, seconds=1.0):
                        await asyncio.sleep(0.2)
                    await until(store, len(articles))
                await service.hand_out()

        crawling.run(main())
        assert asked_of(store, site) == logged(site) + Counter({"none": 1}) - Counter({"200": 1}), (
            "the site answered one request whose worker was dead by then"
        )
        assert sorted(capture.article or "" for capture in store.captures()) == sorted(a.id for a in articles)
        assert site.most == 1


@pytest.mark.timeout(120)
def test_a_budget_holds_over_all_workers_and_pace_and_contact_are_the_services(
    postgres: str, outlets: list[tuple[Outlet, list[Article]]], tmp_path: Path
) -> None:
    site, articles = outlets[0]
    told = Settings(budget=72, delay=0, hosts=(slot(site),))  # three an hour
    configuration = Configuration(contact="mailto:desk@example.org", outlets={"outlet-0": told})
    with Store.open(tmp_path / "z.db") as store:
        for article in articles:
            follow(store, article)

        async def main() -> None:
            pace(configuration)
            async with desk(store, postgres, configuration) as (service, _):
                assert await service.hand_out() == {"handed out": 3}
                while service._out:
                    await asyncio.sleep(0.05)
                assert await service.hand_out() == {}, "robots.txt was asked too: one more than the budget had"

        with worker(postgres, hosts_of(outlets), ZAESUR_DELAY=""):
            try:
                crawling.run(main())
            finally:
                politeness.forget()
        assert len(store.captures()) == 3
        assert [row["requests"] for row in store.asked() if row["outlet"] == "outlet-0"] == [4]
    assert len(site.requests) == 4
    assert all("mailto:desk@example.org" in asked.headers["user-agent"] for asked in site.requests)


@pytest.mark.timeout(180)
def test_when_postgresql_was_away_both_sides_go_on(
    server: Server, postgres: str, outlets: list[tuple[Outlet, list[Article]]], tmp_path: Path
) -> None:
    _, articles = outlets[0]
    troubles: list[str] = []
    with Store.open(tmp_path / "z.db") as store:
        for article in articles:
            follow(store, article)

        async def main() -> None:
            async with distributed.opened(postgres) as (app, keeper):
                service = distributed.Desk(store, app, keeper)
                taking = asyncio.create_task(distributed.lasting(service.take_in, troubles.append))
                server.restart()
                while not service._out:
                    with contextlib.suppress(ConnectorException, psycopg.Error):
                        await service.hand_out()
                    await asyncio.sleep(0.1)
                await until(store, len(articles))
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

        with worker(postgres, hosts_of(outlets)):
            crawling.run(main())
        assert len(store.captures()) == len(articles)


@pytest.mark.timeout(60)
def test_a_poll_whose_worker_died_does_not_stand_in_the_way_of_one_handed_out_since(
    postgres: str, outlets: list[tuple[Outlet, list[Article]]], tmp_path: Path
) -> None:
    """Service and worker are killed together: the service hands the outlet out again while the dead poll holds its lock."""
    _, articles = outlets[1]
    with Store.open(tmp_path / "z.db") as store:
        for article in articles:
            follow(store, article)

        async def main() -> None:
            async with distributed.opened(postgres) as (app, keeper):
                await distributed.Desk(store, app, keeper).hand_out()
            async with distributed.opened(postgres) as (app, keeper):
                dead = await app.job_manager.register_worker()
                taken = await app.job_manager.fetch_job(queues=["polls"], worker_id=dead)
                assert taken
                assert await distributed.Desk(store, app, keeper).hand_out() == {"handed out": len(articles)}
                assert await distributed.retry_stalled(app, seconds=0.0) == 1
                free = await app.job_manager.fetch_job(queues=["polls"], worker_id=dead)
                assert free
                assert free.id != taken.id
                await app.job_manager.finish_job(free, status=Status.SUCCEEDED, delete_job=True)

        crawling.run(main())


@pytest.mark.timeout(60)
def test_a_look_that_comes_twice_is_recorded_once(postgres: str, tmp_path: Path, outlets: Any) -> None:
    """A desk that is killed between its record and the news of it is handed the same look again."""
    _, articles = outlets[0]
    with Store.open(tmp_path / "z.db") as store:
        follow(store, articles[0])

        async def main() -> None:
            (look,) = await crawling.collect(articles[:1])
            told = distributed.encode(look)
            async with desk(store, postgres) as (service, _):
                for _ in range(2):
                    await service.record("outlet-0", told)

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ZAESUR_ALLOW_HOSTS", hosts_of(outlets))
            patch.setenv("ZAESUR_DELAY", "0")
            crawling.run(main())
        assert [capture.outcome.value for capture in store.captures()] == ["new"]


def test_a_database_that_cannot_be_asked_is_one_clear_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scheduler", "worker", "--postgres", f"postgresql://zaesur@/none?host={tmp_path}"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert told.stderr.startswith("zaesur: PostgreSQL cannot be asked")
