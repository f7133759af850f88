"""What a source says of a followed article can make it due; the first word of a source says nothing."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from crawler.discovery import Entry
from scheduler import revisiting
from scheduler.following import follow
from scheduler.jobs import plan_anew
from scheduler.plan import Followed, Model, observe, to_replan
from scheduler.revisiting import choose_due, note_hint, plan_next, reasons, replan
from storage import Store
from storage.types import Article, Block, BlockKind, Content, Look, Outcome

ARTICLE = Article(
    id="a-71703301", outlet="dw", url="https://www.dw.com/de/x/a-71703301", language="de", headline="Eins"
)


SOURCE = "https://www.dw.com/de/news-sitemap.xml"
TOLD = Entry(article=ARTICLE, title="Eins", published="2026-03-02T08:00:00Z", modified="2026-03-02T08:00:36Z")


def planned_later(path: Path) -> Store:
    store = Store.open(path)
    follow(store, ARTICLE)
    assert note_hint(store, TOLD, SOURCE) is False
    store.set_due(ARTICLE.id, datetime.now(UTC) + timedelta(days=1))
    return store


@pytest.mark.parametrize(
    "told",
    [
        replace(TOLD, title="Zwei"),
        replace(TOLD, article=replace(ARTICLE, url=ARTICLE.url.replace("/x/", "/y/"))),
        replace(TOLD, published="2026-03-02T09:00:00Z"),
        replace(TOLD, modified="2026-03-02T09:00:00Z"),
    ],
    ids=["title", "slug", "publication date", "modification date"],
)
def test_another_title_slug_or_date_in_a_source_makes_an_article_due(tmp_path: Path, told: Entry) -> None:
    with planned_later(tmp_path / "z.db") as store:
        assert store.due_now() == []
        assert note_hint(store, told, SOURCE) is True
        assert [article.id for article in store.due_now()] == [ARTICLE.id]


def test_an_article_that_declares_an_impossible_day_is_planned_like_others(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        seen(store, datetime.now(UTC), published="2026-02-31")
        plan_next(store, {ARTICLE.id: False})
        due = store.schedule(ARTICLE.id)
        assert due is not None
        assert due.due_at is not None
        assert due.due_at < datetime.now(UTC) + timedelta(days=1)


def seen(store: Store, at: datetime, *, published: str | None = None) -> None:
    content = Content(headline="Eins", published=published, blocks=(Block(kind=BlockKind.PARAGRAPH, text="Ein Satz."),))
    asked = Look(requested_url=ARTICLE.url, article=ARTICLE, started=at, answered=at, status=200, body=b"page")
    store.record(replace(asked, content=content, fingerprint="test"))


def test_a_hint_that_comes_between_a_look_and_the_end_of_its_poll_makes_the_article_due(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with planned_later(tmp_path / "z.db") as store:
        seen(store, now - timedelta(hours=2))
        plan_next(store, {ARTICLE.id: False})
        assert note_hint(store, replace(TOLD, title="Zwei"), SOURCE)
        seen(store, datetime.now(UTC))  # knows of the first hint, and answers it
        assert note_hint(store, replace(TOLD, title="Drei"), SOURCE)
        plan_next(store, {ARTICLE.id: False})
        assert [article.id for article in store.due_now()] == [ARTICLE.id]
        planned = store.schedule(ARTICLE.id)
        assert planned is not None
        assert planned.state["hints"] == 1
        assert [article.id for article in choose_due(store, "dw", 1)] == [ARTICLE.id]
        seen(store, datetime.now(UTC))
        plan_next(store, {ARTICLE.id: False})
        assert store.due_now() == []


def test_a_hint_does_not_hide_that_an_article_was_due_long_before(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with planned_later(tmp_path / "z.db") as store:
        seen(store, now - timedelta(days=2))
        plan_next(store, {ARTICLE.id: False})
        store.set_due(ARTICLE.id, now - timedelta(hours=6))
        assert note_hint(store, replace(TOLD, title="Zwei"), SOURCE)
        assert note_hint(store, replace(TOLD, title="Drei"), SOURCE)
        seen(store, datetime.now(UTC))
        plan_next(store, {ARTICLE.id: False})
        assert [gap.since for gap in store.gaps()] == [now - timedelta(hours=6)]
        seen(store, datetime.now(UTC))
        plan_next(store, {ARTICLE.id: False})
        assert len(store.gaps()) == 1


def test_two_sources_that_word_a_title_differently_are_no_hint(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        for _ in range(3):
            assert note_hint(store, TOLD, SOURCE) is False
            assert note_hint(store, replace(TOLD, title="Anders"), "https://rss.dw.com/rdf/rss-de-all") is False


def test_the_same_words_again_change_nothing(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        before = store.schedule(ARTICLE.id)
        assert note_hint(store, TOLD, SOURCE) is False
        assert store.schedule(ARTICLE.id) == before


def test_planning_anew_keeps_every_article(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        assert list(replan(store)) == [1]
        assert store.next_due() is not None


def test_why_an_article_is_due_names_one_time_the_planned_one(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        waiting(store, threshold=0.9)
        planned = store.schedule(ARTICLE.id)
        assert planned is not None
        store.set_due(ARTICLE.id, datetime(2027, 3, 2, 8, 17, tzinfo=UTC), planned.state)
        assert re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", " ".join(reasons(store, ARTICLE))) == ["2027-03-02 08:17"]


def test_while_a_night_is_planned_others_have_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisiting, "_PIECE", 1)
    order: list[str] = []

    async def main(store: Store) -> None:
        planning = asyncio.create_task(plan_anew(store))
        while not planning.done():
            order.append("another's turn")
            await asyncio.sleep(0)
        assert (await planning) == {"planned": 3}

    with planned_later(tmp_path / "z.db") as store:
        for number in (2, 3):
            article = replace(ARTICLE, id=f"a-7170330{number}", url=ARTICLE.url[:-1] + str(number))
            follow(store, article)
            store.set_due(article.id, datetime.now(UTC) + timedelta(days=1))
        asyncio.run(main(store))
    assert len(order) > 3


def waiting(store: Store, *, threshold: float) -> datetime | None:
    """When an article seen a day ago, and due for an hour, is due after a night's planning."""
    now = datetime.now(UTC)
    seen = observe(Followed.start(now - timedelta(days=2)), Outcome.NEW, now - timedelta(days=1), Model())
    store.set_due(ARTICLE.id, now - timedelta(hours=1), seen.to_json())
    store.remember("revisit-model", Model(threshold=threshold, steady=threshold))
    list(replan(store))
    planned = store.schedule(ARTICLE.id)
    return planned.due_at if planned else None


def test_what_waits_and_is_not_worth_a_look_any_more_is_put_off(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        due = waiting(store, threshold=0.9)
        assert due is not None
        assert due > datetime.now(UTC)


def test_what_waits_and_is_worth_a_look_stays_due_since_when_it_was(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        due = waiting(store, threshold=0.001)
        assert due is not None
        assert due < datetime.now(UTC) - timedelta(minutes=59)


def test_what_is_due_in_weeks_is_planned_anew_on_mondays() -> None:
    tuesday = datetime(2026, 3, 3, 2, tzinfo=UTC)
    later = tuesday + timedelta(days=25)
    assert to_replan(tuesday) < later < to_replan(tuesday - timedelta(days=1))
