"""Hosts of one outlet share its budget and its pace: they are polled one at a time, each in its turn, and a slow pace is no trouble."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.urls import identify
from scheduler import service
from scheduler.budgets import left
from scheduler.configuration import Configuration, Outlet
from scheduler.following import follow
from scheduler.jobs import due_within_budget, look_at_due
from scheduler.preparing import pace
from scheduler.service import Service
from storage import Store
from storage.types import Block, BlockKind, Content

BLOCKS = tuple(Block(kind=BlockKind.PARAGRAPH, text=f"Satz {n} über den Hafen.") for n in range(4))
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")  # of one outlet; nobody answers there
GROUP = Configuration(outlets={"group": Outlet(budget=48, hosts=tuple(f"{host}:9" for host in HOSTS))})


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    politeness.forget()
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", ",".join(f"{host}:9" for host in HOSTS))
    with Store.open(tmp_path / "z.db") as opened:
        yield opened
    politeness.forget()


def follow_at(store: Store, hosts: tuple[str, ...], number: int) -> None:
    for host in hosts:
        for n in range(number):
            follow(store, identify(f"http://{host}:9/story-{n}"))


def test_hosts_of_one_outlet_together_take_no_more_than_its_budget(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    pace(GROUP)
    follow_at(store, HOSTS, 5)
    assert left(store, GROUP, HOSTS[0]) == 2, "an hour's share"
    counts = crawling.run(look_at_due(store, GROUP))
    assert counts.total() == 2


def test_the_service_polls_the_hosts_of_one_outlet_by_one_job(store: Store) -> None:
    follow_at(store, (*HOSTS, "elsewhere.example"), 1)
    working = Service(store, lambda told: None, GROUP)
    asyncio.run(working._poll_outlets(store))
    jobs = [job.id for job in working._scheduler.get_jobs() if job.id.startswith("revisit ")]
    assert sorted(jobs) == ["revisit elsewhere.example", "revisit group"]


def test_what_is_left_of_a_budget_is_offered_to_each_host_in_its_turn(store: Store) -> None:
    """However many are due at the first."""
    follow_at(store, HOSTS[:1], 30)
    follow_at(store, HOSTS[1:], 5)
    taken: Counter[str] = Counter()
    for _ in range(6):
        taken.update(article.outlet for article in due_within_budget(store, GROUP, "group"))
    assert taken == dict.fromkeys(HOSTS, 4)


@pytest.mark.parametrize("name", ["deutsche-welle", "dw"])
def test_dws_articles_are_asked_within_its_budget_whatever_the_configuration_calls_it(store: Store, name: str) -> None:
    configuration = Configuration(outlets={name: Outlet(budget=48, hosts=("www.dw.com",))})
    pace(configuration)
    for n in range(5):
        follow(store, identify(f"https://www.dw.com/de/x/a-7170328{n}"))
    assert len(due_within_budget(store, configuration, "dw")) == 2
    assert len(due_within_budget(store, configuration, name)) == 2
    asyncio.run(politeness.bar("https://www.dw.com/de/x/a-71703280", 600.0, "rate limited"))
    assert due_within_budget(store, configuration, name) == [], "it is left alone"


@pytest.mark.parametrize(("delay", "looks"), [(2.0, 20), (60.0, 10), (3600.0, 1)])
def test_a_poll_is_no_longer_than_ten_minutes_by_the_pace_that_was_configured(
    store: Store, delay: float, looks: int
) -> None:
    configuration = Configuration(outlets={"example.org": Outlet(delay=delay)})
    pace(configuration)
    for n in range(30):
        follow(store, identify(f"https://example.org/story-{n}"))
    assert len(due_within_budget(store, configuration, "example.org")) == looks


def test_a_poll_that_goes_on_asking_is_never_given_up_however_long_it_takes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "TICK", 0.05)
    monkeypatch.setattr(service, "HANGING", 1.6)
    site = Site(seed=5)
    numbers = range(70000001, 70000009)
    paths = [
        site.publish(Content(headline=f"Nummer {n}", language="de", blocks=BLOCKS), number=n, slug="x") for n in numbers
    ]
    with site.serving() as base:
        host = base.removeprefix("http://")
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", host)
        for path in paths:
            follow(store, identify(base + path))
        working = Service(store, lambda told: None, Configuration(outlets={"dw": Outlet(delay=0.4, hosts=(host,))}))

        async def main() -> None:
            running = asyncio.create_task(working.forever())
            while len(store.captures()) < len(paths):
                await asyncio.sleep(0.05)
            working._stopping.set()
            await running

        crawling.run(asyncio.wait_for(main(), timeout=60))
    assert not [incident for incident in store.incidents() if "given up" in incident.detail]
    assert len([asked for asked in site.requests if asked.path != "/robots.txt"]) == len(paths), "none is asked twice"
