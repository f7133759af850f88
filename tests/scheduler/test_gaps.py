"""A stretch in which an article was due and not seen is a gap; it is never "no change"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.revisiting import plan_next
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
