"""The looks of a batch are planned together, and what was learned is remembered whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from scheduler.jobs import follow_up
from scheduler.plan import Model
from scheduler.revisiting import plan_next
from storage import Store
from storage.types import Article, Block, BlockKind, Content, Look, Outcome

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LOOKED_AT, FAILED, NEVER, UNKNOWN = (
    Article(id=f"a-{n}", outlet="dw", url=f"https://www.dw.com/de/x/a-{n}", language="de") for n in range(7000, 7004)
)


def look(article: Article, outcome: Outcome | None = None) -> Look:
    content = Content(headline="Eins", blocks=(Block(kind=BlockKind.PARAGRAPH, text="Ein Satz."),))
    return Look(
        requested_url=article.url,
        article=article,
        started=START,
        answered=START,
        status=503 if outcome else 200,
        body=b"page",
        content=None if outcome else content,
        fingerprint="test",
        outcome=outcome,
    )


def later(seen: Look, minutes: int, says: str) -> Look:
    """The same look some minutes later, at another text."""
    at = START + timedelta(minutes=minutes)
    content = Content(headline="Eins", blocks=(Block(kind=BlockKind.PARAGRAPH, text=says),))
    return replace(seen, started=at, answered=at, body=says.encode(), content=content)


def test_each_article_of_a_batch_is_planned_by_its_own_newest_look_and_one_never_looked_at_is_left(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / "z.db") as store:
        for article in (LOOKED_AT, FAILED, NEVER):
            store.add_article(article)
            store.set_due(article.id, START)
        store.record(look(LOOKED_AT))
        store.record(look(FAILED, Outcome.FETCH_FAILED))
        store.record(look(UNKNOWN))  # looked at by hand: it is not followed
        plan_next(store, {article.id: False for article in (FAILED, NEVER, UNKNOWN, LOOKED_AT)})
        planned = {article.id: store.schedule(article.id) for article in (LOOKED_AT, FAILED, NEVER, UNKNOWN)}
        seen, failed, never, unknown = planned.values()
        assert seen is not None
        assert failed is not None
        assert seen.due_at is not None
        assert failed.due_at is not None
        assert seen.due_at > START
        assert failed.due_at > START
        assert (seen.state["outcome"], seen.state["missed_since"]) == ("new", None)
        assert (failed.state["outcome"], failed.state["missed_since"]) == ("fetch-failed", START.isoformat())
        assert never is not None
        assert (never.due_at, never.state) == (START, {})
        assert unknown is None
        (kept,) = store.plan_kept()
        assert (kept["outlet"], kept["looks"], kept["kept"]) == ("dw", 2, 0.5)


def test_the_model_is_remembered_as_it_says_itself(tmp_path: Path) -> None:
    model = Model(threshold=1e-05, archive_level=0.1 + 0.2, groups={"Politik | USA": [1.5, 2.25]})
    with Store.open(tmp_path / "z.db") as store:
        store.remember("model", model)
        kept = store.recall("model")
    assert kept == model.to_json()
    assert kept is not None
    assert Model.from_json(kept) == model


@pytest.mark.parametrize("damaged", [1, 2])
def test_a_comparison_that_cannot_be_made_keeps_no_outlet_from_being_planned_and_no_other_from_being_made(
    tmp_path: Path, damaged: int
) -> None:
    with Store.open(tmp_path / "z.db") as store:
        for minutes, says in enumerate(("Eins.", "Zwei.")):
            for article in (LOOKED_AT, FAILED):
                store.record(later(look(article), minutes, says))
        store._db.execute("DROP TRIGGER versions_no_UPDATE")
        store._db.execute(
            "UPDATE versions SET packed = X'00' WHERE article = ? AND number = ?", [LOOKED_AT.id, damaged]
        )
        store.set_due(FAILED.id, START)
        follow_up(store, [{"article": FAILED.id, "version": 2, "outcome": "changed"}])
        planned = store.schedule(FAILED.id)
        assert [change.article for change in store.changes()] == [FAILED.id]
        assert planned is not None
        assert planned.due_at is not None
        assert planned.due_at > START
        assert any(LOOKED_AT.id in incident.detail for incident in store.incidents())


def test_an_index_that_is_damaged_keeps_no_outlet_from_being_planned(tmp_path: Path) -> None:
    with Store.open(tmp_path / "z.db") as store:
        store.record(look(LOOKED_AT))
        store.set_due(LOOKED_AT.id, START)
        store._db.execute("DROP TABLE texts_content")
        follow_up(store, [{"article": LOOKED_AT.id, "version": 1, "outcome": "new"}])
        planned = store.schedule(LOOKED_AT.id)
        assert planned is not None
        assert planned.due_at is not None
        assert planned.due_at > START
        assert [incident.kind for incident in store.incidents()] == ["comparing"]


@pytest.mark.parametrize("told", ["soonZ", "9998-01-01T00:00:00Z"])
def test_no_page_says_when_it_is_looked_at_next(tmp_path: Path, told: str) -> None:
    reason = f"wrong article: the page says it is https://news.example/other until {told}"
    with Store.open(tmp_path / "z.db") as store:
        store.record(replace(look(LOOKED_AT, Outcome.SET_ASIDE), reason=reason))
        store.set_due(LOOKED_AT.id, START)
        plan_next(store, {LOOKED_AT.id: False})
        planned = store.schedule(LOOKED_AT.id)
        assert planned is not None
        assert planned.due_at is not None
        assert planned.due_at < datetime.now(UTC) + timedelta(days=1)


def dated(article: Article, published: str) -> Look:
    """A look at a page that declares when it was published."""
    seen = look(article)
    assert seen.content is not None
    return replace(seen, content=replace(seen.content, published=published))


@pytest.mark.parametrize("published", ["2022-02-31", "2026-99-99", "yesterday"])
def test_a_date_that_is_in_no_calendar_stops_the_planning_of_no_other_article(tmp_path: Path, published: str) -> None:
    """All looks of a batch are planned or none: with such a page among them an outlet's articles stayed due for ever."""
    with Store.open(tmp_path / "z.db") as store:
        for article in (LOOKED_AT, FAILED):
            store.add_article(article)
            store.set_due(article.id, START)
        store.record(look(LOOKED_AT))
        store.record(dated(FAILED, published))
        plan_next(store, {article.id: False for article in (LOOKED_AT, FAILED)})
        planned = [store.schedule(article.id) for article in (LOOKED_AT, FAILED)]
        assert all(each and each.due_at and each.due_at > START for each in planned)


@pytest.mark.parametrize("ahead", [timedelta(hours=9), timedelta(days=3), timedelta(days=36 * 365)])
def test_a_publication_that_lies_ahead_puts_off_no_look(tmp_path: Path, ahead: timedelta) -> None:
    """A local time without its zone, or a slip: the article was not looked at until then, or for a month."""
    with Store.open(tmp_path / "z.db") as store:
        for article, published in ((LOOKED_AT, START), (FAILED, START + ahead)):
            store.add_article(replace(article, first_seen=START))
            store.set_due(article.id, START)
            store.record(dated(article, published.isoformat()))
        plan_next(store, {article.id: False for article in (LOOKED_AT, FAILED)})
        fresh, told_ahead = (store.schedule(article.id) for article in (LOOKED_AT, FAILED))
        assert fresh is not None
        assert told_ahead is not None
        assert told_ahead.due_at == fresh.due_at
