"""What a fault of a server is: how it answers, and how the look must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from storage.types import Outcome
from tests.faults.servers.wire import Answering, Pieces, Told, http

ASIDE, FAILED, GONE = Outcome.SET_ASIDE, Outcome.FETCH_FAILED, Outcome.GONE


@dataclass(frozen=True, kw_only=True)
class Fault:
    """``reason`` is a pattern that the recorded reason must match; ``outcome`` ``None`` means that the page must be read as it is.

    ``beside``: the page is whole and plausible by itself, so only an earlier look can tell; at a first look it is read, and
    nothing could be done about it. ``patience``: seconds after which this look may give up.
    """

    name: str
    answering: Answering | None = None
    reason: str = ""
    outcome: Outcome | None = ASIDE
    beside: bool = False
    entrance: str = "http"
    patience: float | None = None
    robots: Answering | None = None


def answer(name: str, reason: str, make: Callable[[Told], Pieces], **more: object) -> Fault:
    """A fault of the article's answer."""
    return Fault(name=name, reason=reason, answering=make, **more)  # type: ignore[arg-type]


def says(name: str, reason: str, body: bytes | str, *headers: str, **more: object) -> Fault:
    """An answer 200 with a page that has nothing to do with the article."""
    media = str(more.pop("media", "text/html; charset=utf-8"))
    return answer(name, reason, lambda told: http(body, *headers, media=media), **more)
