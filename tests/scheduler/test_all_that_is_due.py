"""All that is due is looked at, however much: a tick begins the work, it does not measure it out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.urls import identify
from scheduler import service
from scheduler.following import follow
from scheduler.service import Service
from storage import Store
from storage.types import Block, BlockKind, Content

BLOCKS = tuple(Block(kind=BlockKind.PARAGRAPH, text=f"Satz {n} über den Hafen.") for n in range(4))
ARTICLES = 50  # more than two polls take


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    site = Site(seed=5)
    numbers = range(70000001, 70000001 + ARTICLES)
    paths = [
        site.publish(Content(headline=f"Nummer {n}", language="de", blocks=BLOCKS), number=n, slug="x") for n in numbers
    ]
    with site.serving() as base, Store.open(tmp_path / "z.db") as opened:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base.removeprefix("http://"))
        monkeypatch.setenv("ZAESUR_DELAY", "0")
        politeness.forget()
        for path in paths:
            follow(opened, identify(base + path))
        yield opened
    politeness.forget()


def test_once_looks_at_everything_that_is_due_and_ends(store: Store) -> None:
    counts = crawling.run(Service(store, lambda told: None).once())
    assert counts["new"] == ARTICLES
    assert len(store.captures()) == ARTICLES


def test_the_service_goes_on_until_nothing_is_due_within_one_tick(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "TICK", 3600.0)
    said: list[str] = []

    async def main() -> None:
        working = Service(store, said.append)
        running = asyncio.create_task(working.forever())
        while len(store.captures()) < ARTICLES:
            await asyncio.sleep(0.05)
        working._stopping.set()
        await running

    crawling.run(asyncio.wait_for(main(), timeout=60))
    assert [told for told in said if told.startswith("revisit")] == [
        "revisit dw: 20 new",
        "revisit dw: 20 new",
        "revisit dw: 10 new",
    ]
