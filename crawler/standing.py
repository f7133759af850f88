"""How an outlet stands with us: its next turn, its rests, its errors. Pure: seconds are those of whatever clock the caller goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PATIENCE = 120.0  # seconds; a longer wait is the scheduler's, not the spider's, unless the outlet's pace alone makes it
SHARERS = 3  # a poll, a reading of sources and whoever looks by hand may wait for the same outlet
LONGEST = 1200.0  # seconds that a Crawl-delay may make a request wait; of the configuration's own delay there is no such bound
_INSTANT = 0.001  # seconds by which a timer may be early
TRIPS = 5  # errors in a row, over all of its pages, after which an outlet is left alone
FIRST_REST, LONGEST_REST = 300.0, 6 * 3600.0  # seconds; doubled each time the first request after it fails too


class Postponed(Exception):
    """The outlet may not be asked now; the message says why and until when."""


@dataclass
class Standing:
    """``next``: not asked before; ``held``: not even by those who have their turn; ``until``: left alone so long, because of ``why``; errors in a
    row, and rests that did not help.
    """

    next: float = 0.0
    held: float = 0.0
    until: float = 0.0
    why: str = ""
    errors: int = 0
    rests: int = 0

    def turn(self, now: float, delay: float, least: float) -> float:
        """Take the next turn; the seconds until then. ``least`` is what robots.txt asks. Raises Postponed if that is too long."""
        self.require(now)
        at = max(now, self.next)
        if at - now > max(PATIENCE, SHARERS * delay, min(SHARERS * least, LONGEST)):
            raise Postponed(
                f"the outlet asks for {least:g} s between requests: not its turn for another {at - now:.0f} s"
            )
        self.next = at + max(delay, least)
        return at - now

    def may_leave(self, now: float) -> bool:
        """Whether one whose turn has come may go: meanwhile another answer may have told us to wait, or to stop (then Postponed is raised)."""
        self.require(now)
        return self.held - now < _INSTANT

    def require(self, now: float) -> None:
        """Raises Postponed while the outlet is left alone."""
        if self.until > now:
            raise Postponed(self.why)

    def hold(self, now: float, seconds: float) -> None:
        """No request for so long; those that come wait."""
        self.held = max(self.held, now + seconds)
        self.next = max(self.next, self.held)

    def bar(self, now: float, seconds: float, why: str) -> None:
        """No request for so long; those that come are put off. A longer rest stays."""
        if now + seconds > self.until:
            self.until, self.why = now + seconds, why

    def answered(self, now: float, status: int, at: datetime) -> None:
        """The circuit breaker: 429 and 5xx in a row put an outlet off; after the rest a single one does, for twice as long.

        ``at`` is the same moment as ``now``, as people tell the time.
        """
        if status != 429 and status < 500:
            self.errors = self.rests = 0
            return
        if self.until > now:
            return  # it was on its way when the rest began
        self.errors += 1
        if self.errors >= TRIPS or self.rests:
            seconds = min(FIRST_REST * 2.0**self.rests, LONGEST_REST)
            until = at + timedelta(seconds=seconds)
            why = f"left alone until {until:%Y-%m-%dT%H:%M:%SZ}: {self.errors} errors in a row, the last {status}"
            self.bar(now, seconds, why)
            self.errors, self.rests = 0, self.rests + 1
