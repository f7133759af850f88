"""The month's time, in our hands: nobody waits, and yet nothing happens in another order than it would have."""

from __future__ import annotations

import asyncio
import contextlib
import time
from bisect import insort
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import time_machine

from crawler import politeness
from crawler.middlewares import robots

_STUCK = 60.0  # seconds of real time after which an answer will not come any more


class Turns:
    """Whoever waits for a turn moves the time on to it, but only once all who left before have been answered.

    In the true month an answer takes a part of a second, and two seconds lie between requests: a 429 is heard before the next
    one leaves. Here no time would pass between them, so that several would leave at once.
    """

    def __init__(self, clock: Any, heard: Callable[[], int]) -> None:
        self._clock, self._heard = clock, heard
        self._left = 0
        self._waiting: list[tuple[float, int]] = []
        self._came = 0

    async def wait(self, seconds: float) -> None:
        """In place of sleeping."""
        self._came += 1
        turn = (time.time() + seconds, self._came)
        insort(self._waiting, turn)
        patience = time.perf_counter() + _STUCK
        try:
            while self._waiting[0] != turn or self._heard() < self._left:
                if time.perf_counter() > patience:
                    raise RuntimeError(f"{self._left} requests left and {self._heard()} were answered, for a minute")
                await asyncio.sleep(0.001)
        finally:
            self._waiting.remove(turn)
        self._clock.shift(max(0.0, turn[0] - time.time()))

    async def turn(self, url: str, least: float = 0.0) -> None:
        """As politeness gives it; who gets it leaves."""
        await politeness.turn(url, least)
        self._left += 1


@contextlib.contextmanager
def travelling(start: datetime, monotonic: Callable[[], float], heard: Callable[[], int]) -> Iterator[Any]:
    """The wall clock stands at ``start`` and can be moved; ``monotonic`` is what machines go by, ``heard`` how many answers came."""
    with time_machine.travel(start, tick=False) as clock:
        turns, running = Turns(clock, heard), SimpleNamespace(monotonic=monotonic)
        ours = [
            (politeness, "time", running),
            (politeness, "asyncio", SimpleNamespace(sleep=turns.wait)),
            (robots, "time", running),
            (robots, "turn", turns.turn),
        ]
        real = [(module, name, vars(module)[name]) for module, name, _ in ours]
        for module, name, value in ours:
            setattr(module, name, value)
        politeness.forget()
        try:
            yield clock
        finally:
            for module, name, value in real:
                setattr(module, name, value)
            politeness.forget()
