"""What a source says of a followed article can make it due; the first word of a source says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.following import follow
from scheduler.revisiting import note_hint, replan
from storage import Store
from storage.types import Article

ARTICLE = Article(
    id="a-71703301", outlet="dw", url="https://www.dw.com/de/x/a-71703301", language="de", headline="Eins"
)


def planned_later(path: Path) -> Store:
    store = Store.open(path)
    follow(store, ARTICLE)
    assert note_hint(store, ARTICLE) is False
    store.set_due(ARTICLE.id, datetime.now(UTC) + timedelta(days=3))
    return store


def test_another_title_or_slug_in_a_feed_makes_an_article_due(tmp_path: Path) -> None:
    for number, told in enumerate(
        (replace(ARTICLE, headline="Zwei"), replace(ARTICLE, url=ARTICLE.url.replace("/x/", "/y/")))
    ):
        with planned_later(tmp_path / f"{number}.db") as store:
            assert store.due_now() == []
            assert note_hint(store, told) is True
            assert [article.id for article in store.due_now()] == [ARTICLE.id]


def test_the_same_words_again_change_nothing(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        before = store.schedule(ARTICLE.id)
        assert note_hint(store, ARTICLE) is False
        assert store.schedule(ARTICLE.id) == before


def test_planning_anew_keeps_every_article(tmp_path: Path) -> None:
    with planned_later(tmp_path / "z.db") as store:
        assert replan(store) == 1
        assert store.next_due() is not None
