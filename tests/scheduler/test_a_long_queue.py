"""However much waits at an outlet, what was promised, is new or was hinted is looked at at once, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.discovery import Entry
from scheduler.following import follow
from scheduler.revisiting import choose_due, note_hint
from storage import Store
from storage.types import Article

WAITING = 1200
NOW = datetime.now(UTC)


def article(number: int) -> Article:
    return Article(id=f"a-{number}", outlet="dw", url=f"https://www.dw.com/de/x/a-{number}", language="de")


def seen(policy: str, ago: timedelta, **more: object) -> dict[str, object]:
    first = (NOW - timedelta(days=2)).timestamp()
    return {"policy": policy, "first_seen": first, "last_look": (NOW - ago).timestamp(), **more}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "z.db") as opened:
        with opened.together():
            for n in range(WAITING):  # as a standstill of five hours leaves them
                opened.add_article(article(5000 + n))
                state = seen("learned", timedelta(hours=6))
                opened.set_due(f"a-{5000 + n}", NOW - timedelta(hours=5, seconds=-n), state)
        yield opened


def chosen(store: Store, number: int = 20) -> list[str]:
    return [each.id for each in choose_due(store, "dw", number)]


@pytest.mark.parametrize("policy", ["fixed:600", "ages"])
def test_what_was_promised_is_looked_at_first(store: Store, policy: str) -> None:
    store.add_article(article(9001))
    store.set_due("a-9001", NOW - timedelta(minutes=30), seen(policy, timedelta(minutes=40)))
    assert chosen(store)[0] == "a-9001"
    assert chosen(store, 1) == ["a-9001"]


def test_a_new_article_is_looked_at_at_once(store: Store) -> None:
    follow(store, article(9002))
    assert chosen(store)[0] == "a-9002"


@pytest.mark.parametrize("waits", [True, False], ids=["that waits in the middle", "that was not due"])
def test_so_is_one_that_a_source_says_was_changed(store: Store, waits: bool) -> None:
    told = article(5600 if waits else 9003)
    if not waits:
        store.add_article(told)
        store.set_due(told.id, NOW + timedelta(hours=3), seen("learned", timedelta(hours=1)))
    for title in ("Eins", "Zwei"):
        hinted = note_hint(store, Entry(article=told, title=title), "feed")
    assert hinted
    assert chosen(store)[0] == told.id


def test_what_waits_longest_is_considered_as_before(store: Store) -> None:
    store.add_article(article(9004))
    store.set_due("a-9004", NOW - timedelta(hours=9), {"policy": "learned"})
    assert chosen(store)[0] == "a-9004"


def test_all_that_waits_is_looked_at_though_something_new_comes_each_time(store: Store) -> None:
    waited, looks = set(store.followed()), 0
    while waited:
        follow(store, article(10000 + looks))
        of = chosen(store)
        looks += 1
        assert len(of) == 20 or waited <= set(of)
        store.set_all_due((name, NOW + timedelta(days=1)) for name in of)
        waited.difference_update(of)
        assert looks <= WAITING / 19 + 2, "none is passed over again and again"
