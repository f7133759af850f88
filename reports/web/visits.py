"""New since I last looked: a reader's place, kept in their own browser, never here.

The cookie holds the last change there was at the visit before this one, the last there is now, and the times of both. A visit ends
after half an hour without a look, so that reloading does not make everything old.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from reports.site import Visitor
from storage import Store
from storage.base import now

NAME = "zaesur-visit"
_VISIT = timedelta(minutes=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = 400 * 24 * 3600  # seconds; browsers keep no cookie longer


def visitor(store: Store, cookies: Mapping[str, str]) -> tuple[Visitor | None, str]:
    """Where the reader stopped (``None`` on the first visit), and what to remember from now on."""
    moment, newest = now(), store.newest_change()
    place = _read(cookies.get(NAME, ""))
    if place is None:
        return None, _written(None, (newest, moment))
    before, last = place
    if moment - last[1] > _VISIT:
        before = last
    seen = Visitor(seen=before[0], at=before[1]) if before else None
    return seen, _written(before, (newest, moment))


def remember(response: Response, value: str, *, secure: bool) -> None:
    """Put the reader's place into their browser."""
    response.set_cookie(NAME, value, max_age=_KEPT, httponly=True, samesite="strict", secure=secure)


Place = tuple[int, datetime]


def _written(before: Place | None, last: Place) -> str:
    numbers = [number for id, at in (before or (0, EPOCH), last) for number in (id, int(at.timestamp()))]
    return ".".join(map(str, numbers))


def _read(value: str) -> tuple[Place | None, Place] | None:
    """The inverse of ``_written``; ``None`` for anything else a browser may send."""
    if not re.fullmatch(r"\d{1,15}(\.\d{1,10}\.\d{1,15}\.\d{1,10})", value, re.ASCII):
        return None
    numbers = list(map(int, value.split(".")))
    before, last = ((id, datetime.fromtimestamp(at, UTC)) for id, at in (numbers[:2], numbers[2:]))
    return (before if before[1] > EPOCH else None), last
