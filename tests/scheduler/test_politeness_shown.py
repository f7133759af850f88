"""What was asked of an outlet is counted request by request, as its own log has it; an outlet in trouble is left alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.urls import identify
from scheduler.budgets import left
from scheduler.configuration import Configuration, Outlet
from scheduler.following import follow
from scheduler.health import figures, lines
from scheduler.jobs import discover_sources, due_within_budget, look_at, look_at_due
from storage import Store
from storage.types import Article, Block, BlockKind, Content

BLOCKS = tuple(Block(kind=BlockKind.PARAGRAPH, text=f"Satz {n} über den Hafen.") for n in range(4))
NUMBERS = range(70000001, 70000009)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site(seed=5, validators=True)
    for number in NUMBERS:
        site.publish(Content(headline=f"Nummer {number}", language="de", blocks=BLOCKS), number=number, slug="x")
    with site.serving() as base_url:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base_url.removeprefix("http://"))
        monkeypatch.setenv("ZAESUR_DELAY", "0")
        politeness.forget()
        yield site
    politeness.forget()


def articles(site: Site) -> list[Article]:
    return [
        Article(id=f"a-{number}", outlet="dw", url=f"{site.base_url}/de/x/a-{number}", language="de")
        for number in NUMBERS
    ]


def slot(site: Site) -> str:
    return site.base_url.removeprefix("http://")


def log_of(site: Site) -> Counter[str]:
    return Counter(str(asked.status) for asked in site.requests)


def test_the_ledger_agrees_with_the_servers_own_log(tmp_path: Path, site: Site) -> None:
    with Store.open(tmp_path / "z.db") as store:
        store.add_feed(f"{site.base_url}/rdf/rss-de-all", "feed")
        store.add_feed(f"{site.base_url}/nothing", "feed")
        crawling.run(discover_sources(store))
        site.misbehave(NUMBERS[0], "status-500")
        site.remove(NUMBERS[1])
        site.revise(NUMBERS[2], Content(headline="Anders", language="de", blocks=BLOCKS), slug="anders")
        for _ in range(3):
            crawling.run(look_at(store, articles(site), job="crawl"))
        counted = Counter({row["answer"]: row["requests"] for row in store.asked()})
        assert counted == log_of(site)
        assert set(counted) >= {"200", "301", "304", "404", "500"}
        assert {row["outlet"] for row in store.asked()} == {slot(site)}
        told = figures(store)
        assert sum(told["asked_today"][slot(site)].values()) == len(site.requests)
        assert any(f"{len(site.requests)} requests" in line for line in lines(told))


def test_an_outlet_that_fails_again_and_again_is_left_alone_and_a_restart_remembers(tmp_path: Path, site: Site) -> None:
    for number in NUMBERS:
        site.misbehave(number, "status-503")
    with Store.open(tmp_path / "z.db") as store:
        rows = crawling.run(look_at(store, articles(site), job="crawl"))
        asked = [request for request in site.requests if request.path != "/robots.txt"]
        # one more may have been on its way
        assert politeness.TRIPS <= len(asked) <= politeness.TRIPS + 1
        assert sum("left alone until" in str(row["reason"]) for row in rows) == len(NUMBERS) - len(asked)
        assert "5 errors in a row, the last 503" in figures(store)["left_alone"][slot(site)]["why"]
    politeness.forget()  # another process
    for number in NUMBERS:
        site.misbehave(number, None)
    with Store.open(tmp_path / "z.db") as store:
        crawling.run(look_at(store, articles(site), job="crawl"))
    assert [request for request in site.requests if request.path != "/robots.txt"] == asked


def test_after_the_rest_one_error_is_enough_and_one_good_answer_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    politeness.forget()
    url, clock = "https://www.dw.com/de/x/a-1", [1000.0]
    monkeypatch.setattr("crawler.politeness.time.monotonic", lambda: clock[0])

    def answered(status: int) -> None:
        asyncio.run(politeness.answered(url, status))

    def rest() -> float:
        told = politeness.left_alone().get("dw.com")
        return (datetime.fromisoformat(told["until"]) - datetime.now(UTC)).total_seconds() if told else 0.0

    for status in (503, 429, 500, 404, 502, 500, 503, 429):
        answered(status)
    assert rest() == 0, "a good answer in between begins the count anew"
    answered(503)
    assert rest() == pytest.approx(300, abs=2)
    for expected in (600, 1200, 2400):
        clock[0] += expected
        assert rest() == 0
        answered(503)
        assert rest() == pytest.approx(expected, abs=2)
    clock[0] += 2400
    answered(200)
    answered(503)
    assert rest() == 0
    politeness.forget()


def test_a_budget_is_let_out_evenly_by_what_was_really_asked(tmp_path: Path) -> None:
    configuration = Configuration(outlets={"dw": Outlet(budget=240)})
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with Store.open(tmp_path / "z.db") as store:
        assert left(store, configuration, "dw", now) == 10, "an hour's share to begin with"
        for _ in range(12):
            store.count_request("dw.com", "200")
        assert left(store, configuration, "dw", now) == 0
        assert left(store, configuration, "dw", now + timedelta(minutes=12)) == 0, "what was overdrawn is paid back"
        assert left(store, configuration, "dw", now + timedelta(minutes=24)) == 2
        assert left(store, configuration, "dw", now + timedelta(days=9)) == 10, "a pause is not made up for"
        spent = left(store, configuration, "dw", now - timedelta(days=1))
        assert spent == 10, "a clock set back gives nothing"
        assert left(store, configuration, "example.org", now) is None, "no budget, no bound"


def test_no_more_than_the_budget_is_looked_at(tmp_path: Path, site: Site) -> None:
    configuration = Configuration(outlets={"dw": Outlet(budget=72), "elsewhere": Outlet()})
    with Store.open(tmp_path / "z.db") as store:
        for article in articles(site):
            follow(store, article)
        counts = crawling.run(look_at_due(store, configuration))
        assert counts == {"new": 3}


def test_an_outlet_of_several_hosts_has_one_budget(tmp_path: Path) -> None:
    """Articles are named by their hosts; the budget is that of the outlet to which the configuration says they belong."""
    told = Outlet(budget=48, hosts=("example.org", "www.example.org"))
    configuration = Configuration(outlets={"example.org": told})
    followed = [identify(f"https://{host}/story-{n}") for n in range(3) for host in told.hosts]
    with Store.open(tmp_path / "z.db") as store:
        for article in followed:
            follow(store, article)
        for host in told.hosts:
            assert len(due_within_budget(store, configuration, host)) == 2, "an hour's share"
        for _ in range(2):
            store.count_request("example.org", "200")
        for host in told.hosts:
            assert due_within_budget(store, configuration, host) == []
