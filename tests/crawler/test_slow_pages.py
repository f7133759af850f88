"""A page that is slow to read holds up no other outlet: not the event loop, and not what others have done in threads."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler import apart
from crawler.apart import read_apart, text_apart
from crawler.pipelines import _pages, keep
from storage import Store
from tests.crawler.test_apart import FAULTY, SAMPLE, opened, page
from tests.faults import pages


@pytest.fixture(autouse=True)
def _faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Readers that hang when the page tells them; by themselves for a few seconds at most."""
    monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", FAULTY])
    monkeypatch.setattr(apart, "WALL", 20.0)
    for reader in (apart._readers, apart._spare):
        reader.close()
    yield
    for reader in (apart._readers, apart._spare):
        reader.close()


def hanging() -> int:
    """The reader that hangs, as soon as there is one."""
    while not (apart._readers._lock.locked() and apart._readers._child):
        time.sleep(0.01)
    return apart._readers._child.pid


def test_the_event_loops_thread_waits_for_no_page_of_another_thread() -> None:
    slow = threading.Thread(target=read_apart, args=(*page("hangs"), None))
    slow.start()
    reader = hanging()
    look, text = opened()
    assert text_apart(text)
    assert read_apart(look, text, None).outcome is None
    assert slow.is_alive()
    os.kill(reader, signal.SIGKILL)
    slow.join()
    assert apart._spare._child is not None
    used = apart._spare._child
    assert text_apart(text)  # alone, it needs no second reader
    assert apart._readers._child not in (None, used)


def test_one_reader_is_enough_while_nobody_would_wait() -> None:
    assert read_apart(*opened(), None).outcome is None
    assert text_apart(opened()[1])
    assert apart._spare._child is None


def test_while_a_page_is_slow_names_are_looked_up(tmp_path: Path) -> None:
    async def main(store: Store) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
        slow = pages.look(SAMPLE, SAMPLE.page.replace("</article>", "<!--fault hangs--></article>").encode())
        kept = asyncio.create_task(keep(store, slow, None))
        while not (apart._readers._lock.locked() and apart._readers._child):
            await asyncio.sleep(0.01)
        await loop.getaddrinfo("127.0.0.1", 80)
        assert not kept.done()
        os.kill(apart._readers._child.pid, signal.SIGKILL)
        assert (await kept)["outcome"] == "set-aside"

    with Store.open(tmp_path / "z.db") as store:
        asyncio.run(asyncio.wait_for(main(store), timeout=60))


def test_a_forked_process_reads_in_a_thread_of_its_own() -> None:
    assert _pages.thread.submit(int).result() == 0
    child = os.fork()
    if not child:
        signal.alarm(30)  # a wait that never ends would be the fault
        os._exit(_pages.thread.submit(int).result())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
