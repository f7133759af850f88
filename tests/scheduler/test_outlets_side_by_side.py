"""Outlets are polled side by side: none waits for another, and what is learned of one says nothing of another."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.urls import identify
from scheduler.following import follow
from scheduler.jobs import discover_sources, follow_up
from scheduler.plan import Followed, Model, observe
from scheduler.revisiting import choose_due
from scheduler.service import Service
from storage import Store
from storage.types import Article, Block, BlockKind, Content, Look, Outcome

BLOCKS = tuple(Block(kind=BlockKind.PARAGRAPH, text=f"Satz {n} über den Hafen.") for n in range(4))
PROMPT = 5  # articles of the outlet that answers


class Silent:
    """A server that takes requests and never answers, until it is closed."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.host = f"127.0.0.1:{self._listening.getsockname()[1]}"

    def close(self) -> None:
        """Whoever waits for an answer is told that there will be none."""
        self._listening.close()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    politeness.forget()
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    server = Silent()
    yield server
    server.close()
    politeness.forget()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "z.db") as opened:
        yield opened


def published(site: Site) -> list[str]:
    numbers = range(70000001, 70000001 + PROMPT)
    content = [Content(headline=f"Nummer {n}", language="de", blocks=BLOCKS) for n in numbers]
    return [site.publish(each, number=n, slug="x") for n, each in zip(numbers, content, strict=True)]


def test_an_outlet_that_never_answers_holds_up_no_other(
    silent: Silent, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    site = Site(seed=5)
    paths = published(site)
    with site.serving() as base:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", f"{silent.host},{base.removeprefix('http://')}")
        for n in range(PROMPT):  # due before the others
            follow(store, identify(f"http://{silent.host}/bericht-{n}"))
        for path in paths:
            follow(store, identify(base + path))

        async def main() -> None:
            working = Service(store, lambda told: None)
            running = asyncio.create_task(working.forever())
            while len(store.captures()) < PROMPT:
                await asyncio.sleep(0.05)
            assert all(capture.requested_url.startswith(base) for capture in store.captures())
            silent.close()
            while len(store.captures()) < 2 * PROMPT:  # those that waited are recorded, too
                await asyncio.sleep(0.05)
            working._stopping.set()
            await running

        crawling.run(asyncio.wait_for(main(), timeout=60))


def test_a_source_that_never_answers_holds_up_no_other(
    silent: Silent, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    site = Site(seed=5)
    published(site)
    with site.serving() as base:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", f"{silent.host},{base.removeprefix('http://')}")
        for source in (f"http://{silent.host}/a.xml", f"http://{silent.host}/b.xml", f"{base}/xml/rss-de-all"):
            store.add_feed(source, "feed")

        async def main() -> None:
            reading = asyncio.create_task(discover_sources(store))
            while len(store.followed()) < PROMPT:
                await asyncio.sleep(0.05)
            assert not reading.done()
            silent.close()
            assert (await reading)["discovered"] == PROMPT

        crawling.run(asyncio.wait_for(main(), timeout=60))
        assert [bool(source.problem) for source in store.feeds()] == [True, True, False]


def looked_at(store: Store, outlet: str, number: int, at: datetime) -> list[Article]:
    """Articles of an outlet, two days old, seen a day ago and due."""
    articles = [
        Article(id=f"{outlet}-{n}", outlet=outlet, url=f"https://{outlet}/{n}", language="de") for n in range(number)
    ]
    for article in articles:
        store.add_article(article)
        state = observe(Followed.start(at - timedelta(days=2)), Outcome.NEW, at - timedelta(days=1), Model())
        store.set_due(article.id, at - timedelta(hours=1), state.to_json())
    return articles


def test_where_looks_are_scarce_at_one_outlet_they_stay_cheap_at_another(store: Store) -> None:
    now = datetime.now(UTC)
    looked_at(store, "scarce.example", 300, now)
    looked_at(store, "plenty.example", 3, now)
    for _ in range(200):
        choose_due(store, "scarce.example", 1)
        choose_due(store, "plenty.example", 20)
    scarce, plenty = (store.recall(f"revisit-model {name}.example") for name in ("scarce", "plenty"))
    assert scarce is not None
    assert plenty is not None
    assert scarce["threshold"] > 10 * plenty["threshold"]


def test_what_was_learned_when_there_was_one_model_for_all_is_where_each_outlet_begins(store: Store) -> None:
    now = datetime.now(UTC)
    store.remember("revisit-model", Model(turn=12345))
    looked_at(store, "a.example", 2, now)
    choose_due(store, "a.example", 20)
    kept = store.recall("revisit-model a.example")
    assert kept is not None
    assert kept["turn"] == 12347


def test_a_look_tells_its_changes_though_the_end_of_another_poll_has_compared_them(store: Store) -> None:
    article = identify("https://www.dw.com/de/x/a-71703301")
    follow(store, article)
    other = identify("https://example.org/anderswo")
    follow(store, other)
    start = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def look(of: Article, at: datetime, headline: str) -> dict[str, object]:
        content = Content(headline=headline, language="de", blocks=BLOCKS)
        recorded = store.record(
            Look(requested_url=of.url, article=of, started=at, answered=at, status=200, content=content)
        )
        capture = recorded.capture
        return {
            "article": of.id,
            "outcome": capture.outcome.value,
            "version": capture.version,
            "changes": [],
        }

    look(article, start, "Eins")
    mine = look(article, start + timedelta(hours=1), "Zwei")
    theirs = look(other, start + timedelta(hours=1), "Anderes")
    follow_up(store, [theirs])
    follow_up(store, [mine])
    (change,) = store.changes(article=article.id)
    assert (theirs["changes"], mine["changes"]) == ([], [change.id])
