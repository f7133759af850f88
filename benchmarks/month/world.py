"""What happens in the month: an outlet that publishes and edits, and everything that goes wrong with it, on a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from benchmarks.cost.pages import article
from crawler.localsite import Site
from crawler.localsite.behaviours import Answer
from crawler.localsite.edits import scripted
from crawler.urls import article_id
from storage.types import Content

FIRST = 73_000_000
RETRY_AFTER = 1800  # seconds that a storm asks for


@dataclass(frozen=True)
class Span:
    """A stretch of the month, in hours from its start."""

    start: float
    hours: float

    def holds(self, hours: float) -> bool:
        """Whether a moment lies in it."""
        return self.start <= hours < self.start + self.hours


@dataclass(frozen=True)
class Troubles:
    """What goes wrong and when; a short month has the same troubles, closer together."""

    days: float
    outage: Span
    closed: Span  # robots.txt disallows everything
    broken: Span  # robots.txt answers 503, which disallows everything too
    storms: tuple[Span, ...]  # three answers in ten are 429
    down: Span  # the service itself does not run
    steps: tuple[tuple[Span, float], ...]  # while they last, the machine's clock is wrong by so many hours

    @classmethod
    def of(cls, days: float) -> Troubles:
        """The troubles of a month that long."""
        day = days * 24 / 30
        return cls(
            days=days,
            outage=Span(12 * day, 6 * min(day / 24, 1)),
            closed=Span(5 * day, 6 * min(day / 24, 1)),
            broken=Span(7 * day, 3 * min(day / 24, 1)),
            storms=(Span(8 * day, 2 * min(day / 24, 1)), Span(20 * day, 4 * min(day / 24, 1))),
            down=Span(24 * day, 12 * min(day / 24, 1)),
            steps=((Span(15 * day, 3 * min(day / 24, 1)), 2.0), (Span(17 * day, 3 * min(day / 24, 1)), -2.0)),
        )


@dataclass(frozen=True)
class Asked:
    """One request by the server's own log."""

    path: str
    status: int
    at: datetime
    allows: bool  # of robots.txt: whether it lets anybody in


@dataclass
class Outlet(Site):
    """The site with its month: who turns the clock sets ``wrong``, the hours by which the machine's clock is off."""

    troubles: Troubles = field(default_factory=lambda: Troubles.of(30))
    wrong: float = 0.0
    start: datetime = datetime(2026, 10, 10, tzinfo=UTC)
    log: list[Asked] = field(default_factory=list)
    texts: dict[int, list[Content]] = field(default_factory=dict)
    draw: random.Random = field(default_factory=lambda: random.Random(5))

    @property
    def hours(self) -> float:
        """The true time, from the start of the month."""
        return (datetime.now(UTC) - self.start) / timedelta(hours=1) - self.wrong

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """As the site answers, with the troubles of the hour; every request is logged with the true time."""
        at = self.start + timedelta(hours=self.hours)
        answer = self._troubled(path) or super().answer(path, headers)
        allows = answer.status < 500 and b"Disallow: /" not in answer.body
        self.log.append(Asked(path=path, status=answer.status, at=at, allows=allows))
        return answer

    def _troubled(self, path: str) -> Answer | None:
        if path == "/robots.txt":
            if self.troubles.broken.holds(self.hours):
                return Answer(status=503)
            if self.troubles.closed.holds(self.hours):
                return Answer(body=b"User-agent: *\nDisallow: /\n", media="text/plain")
            return None
        storm = any(span.holds(self.hours) for span in self.troubles.storms)
        if storm and article_id(f"{self.base_url}{path}") and self.draw.random() < 0.3:
            return Answer(status=429, body=b"slow down", headers={"Retry-After": str(RETRY_AFTER)})
        return None


@dataclass(frozen=True)
class Event:
    """An article is published (``edit`` 0) or edited."""

    hours: float
    number: int
    edit: int


def events(articles: int, days: float, seed: int) -> list[Event]:
    """Publications over the month, a third of them before it; edits mostly within hours, some after weeks."""
    draw = random.Random(seed)
    found: list[Event] = []
    for n in range(articles):
        born = 0.0 if n < articles // 3 else draw.uniform(0, days * 24 - 2)
        found.append(Event(born, FIRST + n, 0))
        edits = [draw.lognormvariate(0.6, 1.2) if draw.random() < 0.8 else draw.uniform(24, 600) for _ in range(3)]
        own = sorted(edits[: draw.choices((0, 1, 2, 3), (55, 25, 12, 8))[0]])
        found += [Event(born + after, FIRST + n, k) for k, after in enumerate(own, start=1) if born + after < days * 24]
    return sorted(found, key=lambda event: (event.hours, event.number, event.edit))


def happen(outlet: Outlet, event: Event) -> None:
    """Let an event happen on the site; the truth is kept in ``outlet.texts``."""
    number = event.number
    if event.edit == 0:
        outlet.texts[number] = [article(number)]
        at = outlet.start + timedelta(hours=event.hours)
        outlet.publish(outlet.texts[number][0], number=number, slug=f"bericht-{number}", published=at)
        return
    edited = scripted(outlet.texts[number][-1], random.Random(f"{number} {event.edit}")).content
    outlet.texts[number].append(edited)
    outlet.revise(number, edited, touch=False)


def shown(content: Content) -> Content:
    """What of a text is compared between the truth and a version: words only."""
    return replace(content, published=None, modified=None, layout="", canonical_url=None)
