"""Kill -9 at random points while capturing and comparing: is anything lost that was acknowledged, does a restart need a hand?

Each round forks a process that opens the database, records and tells each record through a pipe once it is acknowledged. The kill
comes after a random number of acknowledgements and a random moment more. Of ``size`` rounds one in twenty-five is the whole service:
Scrapy, the network of this machine, extraction, comparison, planning.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from crawler import crawling
from crawler.localsite import Site
from crawler.localsite.behaviours import Answer
from crawler.localsite.edits import scripted
from crawler.urls import identify
from scheduler.comparing import compare_owed
from scheduler.jobs import look_at
from scheduler.timeline import neighbours
from storage import Recorded, Store
from storage.types import Look
from tests.faults import scene

_ROUNDS_A_DATABASE = 25
_WHOLE = 25  # one round in so many is the whole service


class _Telling(Store):
    """A store that tells each acknowledged record through a pipe."""

    to: int

    def record(self, look: Look, *, run: int | None = None, keep_body: bool = False) -> Recorded:
        recorded = super().record(look, run=run, keep_body=keep_body)
        os.write(self.to, f"{recorded.capture.hash}\n".encode())
        return recorded


def run(size: int, seed: int) -> int:
    """Kill a capturing process ``size`` times and check what it had acknowledged."""
    rng, looks, figures = random.Random(seed), scene.looks(24), Counter[str]()
    began = time.monotonic()
    with _site() as base_url:
        for start in range(0, size, _ROUNDS_A_DATABASE):
            with scene.folder() as name:
                rounds = min(_ROUNDS_A_DATABASE, size - start)
                figures += _database(Path(name) / "z.db", rounds, rng, looks, base_url)
    print(
        f"kill -9: {size} kills ({figures['whole']} of the whole service), {figures['acknowledged']} captures acknowledged, "
        f"{figures['kept']} kept, {figures['lost']} lost, {figures['failed']} failed verifications, "
        f"{figures['refused']} restarts that needed a hand; targets 0, 0, 0 ({time.monotonic() - began:.0f} s)"
    )
    return 1 if figures["lost"] or figures["failed"] or figures["refused"] or not figures["acknowledged"] else 0


def _database(path: Path, rounds: int, rng: random.Random, looks: list[Look], base_url: str) -> Counter[str]:
    """Rounds on one database; it is never touched by a hand in between."""
    figures, told = Counter[str](), set[str]()
    for number in range(rounds):
        whole = number % _WHOLE == _WHOLE - 1
        work = _service(base_url) if whole else _capturing(looks, number)
        told |= _killed(path, work, after=rng.randint(0, 4 if whole else 12), moment=rng.random() * 0.02)
        figures["whole"] += whole
        try:
            with Store.open(path) as store:
                kept = {capture.hash for capture in store.captures()}
                figures["failed"] += any(True for _ in store.verify_chain())
                figures["lost"] += len(told - kept)
        except Exception as error:  # whatever it is, it is a restart that needs a hand
            print(f"restart refused: {type(error).__name__}: {error}")
            figures["refused"] += 1
    for problem in scene.sound(path):
        print(problem)
        figures["failed"] += 1
    figures.update(acknowledged=len(told), kept=len(kept))
    return figures


def _capturing(looks: list[Look], start: int) -> Callable[[_Telling], None]:
    def work(store: _Telling) -> None:
        while True:
            for position, look in enumerate(looks):
                later = timedelta(days=start, minutes=position)
                store.record(replace(look, started=look.started + later, answered=look.started + later))
                if position % 6 == 5:
                    compare_owed(store)

    return work


def _service(base_url: str) -> Callable[[_Telling], None]:
    def work(store: _Telling) -> None:
        os.environ.update(ZAESUR_ALLOW_HOSTS=base_url.removeprefix("http://"), ZAESUR_DELAY="0")
        articles = [identify(f"{base_url}/de/{slug}/a-{number}") for number, slug, _ in neighbours()]
        while True:
            crawling.run(look_at(store, articles, job="faults"))

    return work


def _killed(path: Path, work: Callable[[_Telling], None], *, after: int, moment: float) -> set[str]:
    """Start it, kill it ``moment`` seconds after so many acknowledgements; what it had acknowledged by then."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        os.close(receive)
        _to_its_end(path, work, send)
    os.close(send)
    with os.fdopen(receive) as pipe:
        told = {pipe.readline().strip() for _ in range(after)}
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        told |= {line.strip() for line in pipe if line.endswith("\n")}
    os.waitpid(child, 0)
    return told - {""}


def _to_its_end(path: Path, work: Callable[[_Telling], None], send: int) -> None:
    try:
        with _Telling.open(path) as store:
            assert isinstance(store, _Telling)
            store.to = send
            work(store)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


class _Restless(Site):
    """Edits the article before every answer."""

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        for number, _, content in neighbours():
            if str(number) in path:
                with contextlib.suppress(IndexError, ValueError):
                    self.revise(number, scripted(content, random.Random(len(self.requests)), "paragraph").content)
        return super().answer(path, headers)


@contextlib.contextmanager
def _site() -> Iterator[str]:
    """The site in a process of its own, so that this one stays without threads and can be forked."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # it says so when a killed client is gone
        site = _Restless()
        for number, slug, content in neighbours():
            site.publish(content, number=number, slug=slug)
        with site.serving() as url:
            os.write(send, f"{url}\n".encode())
            signal.pause()
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as pipe:
        url = pipe.readline().strip()
    try:
        yield url
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    scene.command("kill", run, 300)
