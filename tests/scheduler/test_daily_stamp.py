"""Once a day the service has the records stamped; without an authority it asks nobody, and a failing one is said and asked again."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler import anchoring, service
from scheduler.anchoring import proved
from scheduler.checkup import checks
from scheduler.configuration import Configuration, Maintenance
from storage import Store
from tests.scheduler.tsa import Authority


def test_the_records_are_stamped_once_a_day_and_only_when_there_is_something_new(
    demo_database: Path, authority: Authority
) -> None:
    with Store.open(demo_database) as store:
        day = timedelta(days=1)

        def daily(now: datetime) -> int:
            return asyncio.run(anchoring.stamp_daily(store, authority.url, now))["anchors stamped"]

        now = datetime.now(UTC)
        assert [daily(now), daily(now + day / 2), daily(now + 2 * day)] == [1, 0, 0], "nothing new since"
        store.add_gap(store.articles()[0].id, now, now, "nobody looked")
        assert [daily(now + day / 2), daily(now + 2 * day)] == [0, 1]
        stamped_at = store.last_stamp()
        assert stamped_at is not None
        store.add_gap(store.articles()[0].id, now, now, "nobody looked again")
        assert daily(stamped_at + day - timedelta(minutes=1)) == 1, "cron is a little early"
        assert daily(now - 3 * day) == 0, "a clock that was set back asks, and finds nothing new"
        stamped = store.anchors()
    assert [anchor.size for anchor in stamped] == [6, 6, 6]
    assert stamped[0].seals < stamped[1].seals
    with Store.open(demo_database, write=False) as store:
        facts, problems = proved(store, (), authority.root)
    assert (len(facts), problems) == (3, [])


def test_the_service_says_that_an_authority_fails_and_asks_again_until_it_has_the_stamp(
    demo_database: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CATCHING_UP", 0.05)
    monkeypatch.setattr(service, "UPKEEP", 0.05)
    monkeypatch.setattr(service, "TICK", 0.05)
    authority.broken = "down"

    async def revisit(store: Store) -> Counter[str]:
        if authority.broken and any("answers 503" in incident.detail for incident in store.incidents()):
            authority.broken = ""
        elif store.last_stamp():
            working._stopping.set()
        return Counter()

    said: list[str] = []
    with Store.open(demo_database) as store:
        configuration = Configuration(maintenance=Maintenance(tsa=authority.url))
        working = service.Service(store, said.append, configuration, revisit=revisit)
        asyncio.run(asyncio.wait_for(working.forever(), timeout=60))
        assert [anchor.token is not None for anchor in store.anchors()] == [True]
    assert any("anchor" in line and "answers 503" in line for line in said)
    assert "anchor: 1 anchors stamped" in said


def test_without_an_authority_no_stamp_is_asked_for(demo_database: Path) -> None:
    with Store.open(demo_database) as store:
        names = [job.id for job in service.Service(store, lambda text: None)._scheduler.get_jobs()]
    assert "anchor" not in names
    assert "maintain" in names


def test_doctor_says_when_the_daily_stamp_is_missing(
    demo_database: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stamps() -> list[tuple[bool, str]]:
        return [(check.ok, check.found) for check in checks(demo_database) if check.name == "time stamps"]

    assert stamps() == []
    monkeypatch.setenv("ZAESUR_TSA", authority.url)
    assert stamps() == [(False, f"{authority.url}: none yet")]
    anchoring.anchored(demo_database, authority.url)
    ((ok, found),) = stamps()
    assert (ok, "the newest is of" in found) == (True, True)
