"""A poll that is given up is given up: it takes what it has asked, asks nothing more, and says nothing of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from crawler import crawling, politeness
from crawler.urls import identify
from storage import Store

ARTICLES = 5
Poll = Callable[[list[str], Store], Coroutine[Any, Any, Any]]


class Outlet:
    """Answers the first page it is asked for at once, and the others when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.two = asyncio.Event()
        self.answering = asyncio.Event()
        self.urls: list[str] = []

    @asynccontextmanager
    async def serving(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outlet]:
        """On loopback, where it may be asked without a pause."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", host)
        self.urls = [f"http://{host}/en/x/a-7000000{n}" for n in range(ARTICLES)]
        try:
            yield self
        finally:
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        if path != "/robots.txt":
            self.asked.append(path)
            if len(self.asked) > 1:
                self.two.set()
                await self.answering.wait()
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()


@pytest.fixture(autouse=True)
def _without_a_pause(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    politeness.forget()
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    yield
    politeness.forget()


async def looking(urls: list[str], store: Store) -> Any:
    return await crawling.look(urls, store)


async def collecting(urls: list[str], store: Store) -> Any:
    return await crawling.collect(map(identify, urls))


async def given_up(outlet: Outlet, poll: Poll, store: Store) -> None:
    """A poll that is given up while the second page is on its way."""
    task = asyncio.create_task(poll(outlet.urls, store))
    await outlet.two.wait()
    task.cancel()
    asyncio.get_running_loop().call_later(0.05, outlet.answering.set)
    with pytest.raises(asyncio.CancelledError):
        await task


def test_what_was_asked_is_recorded_and_the_rest_is_neither_recorded_nor_asked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with Outlet().serving(monkeypatch) as outlet:
            await given_up(outlet, looking, store)
            assert [capture.status for capture in store.captures()] == [404, 404]
            seen = {capture.requested_url for capture in store.captures()}
            rest = [url for url in outlet.urls if url not in seen]
            rows = await crawling.look(rest, store)  # the next poll
            assert [row["http_status"] for row in rows] == [404] * (ARTICLES - 2)
            assert sorted(outlet.asked) == sorted(url[url.index("/en/") :] for url in outlet.urls)
            assert len(store.captures()) == ARTICLES

    crawling.run(asyncio.wait_for(main(), timeout=60))


def test_a_poll_whose_looks_are_handed_over_asks_nothing_more_either(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with Outlet().serving(monkeypatch) as outlet:
            await given_up(outlet, collecting, store)
            asked = list(outlet.asked)
            assert len(asked) == 2
            await crawling.collect([identify(outlet.urls[0])])  # long enough for another request
            assert outlet.asked == [*asked, outlet.asked[-1]]

    crawling.run(asyncio.wait_for(main(), timeout=60))


def test_a_poll_that_is_given_up_before_it_began_asks_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with Outlet().serving(monkeypatch) as outlet:
            task = asyncio.create_task(crawling.look(outlet.urls, store))
            asyncio.get_running_loop().call_soon(task.cancel)
            with pytest.raises(asyncio.CancelledError):
                await task
            assert outlet.asked == []
            assert store.captures() == []

    crawling.run(asyncio.wait_for(main(), timeout=60))
