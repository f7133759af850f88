"""A stretch in which an article was due and not seen is a gap; it is never "no change"."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from time_machine import TimeMachineFixture

from crawler import politeness
from scheduler.configuration import Configuration, Outlet
from scheduler.jobs import due_within_budget
from scheduler.plan import Model
from scheduler.revisiting import plan_next
from scheduler.service import Service
from storage import Store
from storage.types import Article, Block, BlockKind, Content, Look, Outcome

ARTICLE = Article(id="a-71703301", outlet="dw", url="https://www.dw.com/de/x/a-71703301", language="de")
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def look(store: Store, at: datetime, outcome: Outcome | None = None) -> None:
    content = Content(headline="Eins", blocks=(Block(kind=BlockKind.PARAGRAPH, text="Ein Satz."),))
    seen = outcome is None
    store.record(
        Look(
            requested_url=ARTICLE.url,
            article=ARTICLE,
            started=at,
            answered=at,
            status=200 if seen else 503,
            body=b"page",
            content=content if seen else None,
            fingerprint="test",
            outcome=outcome,
        )
    )
    plan_next(store, {ARTICLE.id: False})


def followed(path: Path) -> Store:
    store = Store.open(path)
    store.add_article(ARTICLE)
    store.set_due(ARTICLE.id, START)
    look(store, START)
    return store


def due(store: Store) -> datetime:
    planned = store.schedule(ARTICLE.id)
    assert planned is not None
    assert planned.due_at is not None
    return planned.due_at


def test_looks_in_time_leave_no_gap(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        for _ in range(5):
            look(store, due(store))
        assert store.gaps() == []


def test_an_outage_of_the_service_is_a_gap_from_when_the_look_was_due(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        look(store, planned + timedelta(hours=6))
        (gap,) = store.gaps()
        assert (gap.since, gap.until) == (planned, planned + timedelta(hours=6))
        assert "not running" in gap.reason


def chosen(store: Store, since: datetime, hours: range) -> None:
    """Looks are chosen every ten minutes of these hours after a moment, always others' than ours."""
    model = Model.from_json(store.recall("revisit-model dw") or {})
    for hour in hours:
        for minutes in range(0, 60, 10):
            model.choosing((since + timedelta(hours=hour, minutes=minutes)).timestamp())
    store.remember("revisit-model dw", model)


def test_waiting_while_others_are_worth_more_is_the_plan_and_no_gap(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        chosen(store, planned, range(-1, 6))
        look(store, planned + timedelta(hours=6))
        assert store.gaps() == []
        (kept,) = store.plan_kept()
        assert kept["kept"] == 1


def test_waiting_for_a_budget_that_is_spent_is_the_plan_too(tmp_path: Path, time_machine: TimeMachineFixture) -> None:
    """With 24 requests a day nothing can be chosen for an hour at a time."""
    configuration = Configuration(outlets={"dw": Outlet(budget=24)})
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        for number in range(20):  # never seen: worth more than ours
            other = replace(ARTICLE, id=f"a-{number}", url=f"https://www.dw.com/de/x/a-{number}")
            store.add_article(other)
            store.set_due(other.id, START)
        spent = 0
        for minutes in range(-60, 360, 5):
            time_machine.move_to(planned + timedelta(minutes=minutes), tick=False)
            for article in due_within_budget(store, configuration, "dw"):
                assert article != ARTICLE
                store.count_request("dw.com", "200")
                spent += 1
        assert spent == 7
        look(store, planned + timedelta(hours=6))
        assert store.gaps() == []


@pytest.mark.parametrize("ours", ["in the poll", "in the next one"])
def test_waiting_for_a_poll_that_takes_long_is_the_plan_too(
    tmp_path: Path, time_machine: TimeMachineFixture, ours: str
) -> None:
    """A server that never answers, or a minute between requests, makes one poll take twenty minutes and more."""
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        working = Service(store, lambda told: None)

        async def ticks(minutes: range) -> None:
            working._running["revisit dw"] = asyncio.Future(), 0.0
            for minute in minutes:
                time_machine.move_to(planned + timedelta(minutes=minute), tick=False)
                await working._poll_outlets(store)

        time_machine.move_to(planned, tick=False)
        assert [each.id for each in due_within_budget(store, Configuration(), "dw")] == [ARTICLE.id]
        asyncio.run(ticks(range(40)))
        if ours == "in the poll":
            look(store, planned + timedelta(minutes=16))
        else:
            working._running.clear()
            due_within_budget(store, Configuration(), "dw")
            look(store, planned + timedelta(minutes=40))
        assert store.gaps() == []


def left_alone(store: Store, since: datetime, minutes: int, clock: TimeMachineFixture, down: range) -> datetime:
    """The outlet asks to be left alone; the service asks at each minute what is due, but for those in which it is down."""
    until = since + timedelta(minutes=minutes)
    store.remember("left alone", {"dw.com": {"until": until.isoformat(), "why": f"rate limited until {until:%H:%M}"}})
    for minute in range(-1, minutes):
        clock.move_to(since + timedelta(minutes=minute), tick=False)
        politeness.forget()  # its clock is the machine's, which stands here
        if minute not in down:
            assert due_within_budget(store, Configuration(), "dw") == []
    politeness.forget()
    store.remember("left alone", {})
    clock.move_to(until, tick=False)
    assert [each.id for each in due_within_budget(store, Configuration(), "dw")] == [ARTICLE.id]
    return until


@pytest.mark.parametrize("policy", ["learned", "fixed:600"])
@pytest.mark.parametrize("minutes", [18, 240])
def test_while_the_outlet_asks_to_be_left_alone_there_is_a_gap_that_says_so(
    tmp_path: Path, time_machine: TimeMachineFixture, minutes: int, policy: str
) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        store.set_due(ARTICLE.id, planned, {**store.looked([ARTICLE.id])[0].state, "policy": policy})
        until = left_alone(store, planned, minutes, time_machine, range(0))
        look(store, until + timedelta(seconds=1))
        (gap,) = store.gaps()
        assert gap.since == planned
        assert gap.reason == f"the outlet was not asked: rate limited until {until:%H:%M}"


def test_a_short_rest_is_part_of_waiting_for_a_turn(tmp_path: Path, time_machine: TimeMachineFixture) -> None:
    with followed(tmp_path / "z.db") as store:
        until = left_alone(store, due(store), 10, time_machine, range(0))
        chosen(store, until, range(1))
        look(store, until + timedelta(minutes=30))
        assert store.gaps() == []


def test_a_service_that_was_down_while_the_outlet_was_left_alone_says_that(
    tmp_path: Path, time_machine: TimeMachineFixture
) -> None:
    with followed(tmp_path / "z.db") as store:
        until = left_alone(store, due(store), 240, time_machine, range(60, 120))
        look(store, until + timedelta(seconds=1))
        (gap,) = store.gaps()
        assert gap.reason == "nobody looked: the service was not running, or behind"


@pytest.mark.parametrize("hours", [range(3, 6), range(-1, 3)], ids=["before it went on", "until now"])
def test_a_pause_while_an_article_waits_is_a_gap(tmp_path: Path, hours: range) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        chosen(store, planned, range(-1, 1))
        chosen(store, planned, hours)
        look(store, planned + timedelta(hours=6))
        assert [gap.since for gap in store.gaps()] == [planned]


def test_an_interval_that_was_promised_is_kept_or_a_gap_whatever_else_was_worth_more(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        store.set_due(ARTICLE.id, planned, {**store.looked([ARTICLE.id])[0].state, "policy": "fixed:3600"})
        chosen(store, planned, range(-1, 6))
        look(store, planned + timedelta(hours=6))
        assert [gap.since for gap in store.gaps()] == [planned]


def test_nothing_waits_for_its_turn_longer_than_the_floor_without_a_gap(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        chosen(store, planned, range(-1, 31 * 24))
        look(store, planned + timedelta(days=31))
        assert [gap.since for gap in store.gaps()] == [planned]


def test_trouble_is_a_gap_until_the_text_is_seen_again_and_retried_soon(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        planned = due(store)
        for _ in range(3):
            before = due(store)
            look(store, before, Outcome.SET_ASIDE)
            assert timedelta(minutes=5) <= due(store) - before <= timedelta(hours=1)
        assert store.gaps() == []
        look(store, due(store))
        (gap,) = store.gaps()
        assert gap.since == planned


def test_the_outlets_own_wait_is_kept(tmp_path: Path) -> None:
    with followed(tmp_path / "z.db") as store:
        at = due(store)
        until = at + timedelta(hours=9)
        store.record(
            Look(
                requested_url=ARTICLE.url,
                article=ARTICLE,
                started=at,
                answered=at,
                status=429,
                outcome=Outcome.SET_ASIDE,
                reason=f"rate limited until {until:%Y-%m-%dT%H:%M:%SZ} (status 429)",
            )
        )
        plan_next(store, {ARTICLE.id: False})
        assert due(store) >= until - timedelta(seconds=1)
