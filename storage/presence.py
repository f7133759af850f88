"""Is the article there? What a look says of that, given the newest word on it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from storage.types import EventKind, Outcome

AGREEING = timedelta(minutes=30)  # between two looks that find an article missing, before it is called gone
PRESENCE = (EventKind.MISSING, EventKind.GONE, EventKind.BACK)


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word on whether an article is there, and when it was said."""

    kind: EventKind
    at: datetime


def presence_after(last: Word | None, outcome: Outcome, at: datetime) -> EventKind | None:
    """What a look says of an article's presence; ``None`` when it says nothing new.

    One look that finds an article missing (404 or 410) is an observation; a second one at least ``AGREEING`` later, with no look
    in between that showed the article, makes it gone. Pages that were set aside and looks that failed say nothing either way.
    """
    state = last.kind if last else EventKind.BACK
    if outcome is Outcome.GONE:
        if state is EventKind.BACK or set_back(last, at):
            return EventKind.MISSING
        agreed = state is EventKind.MISSING and last is not None and at - last.at >= AGREEING
        return EventKind.GONE if agreed else None
    return EventKind.BACK if outcome.seen and state is not EventKind.BACK else None


def set_back(last: Word | None, at: datetime) -> bool:
    """Whether the clock was set back since an article was found missing: how far apart two looks are is counted anew."""
    return last is not None and last.kind is EventKind.MISSING and at < last.at


def presence_facts(last: Word | None, kind: EventKind, status: int | None) -> dict[str, Any]:
    """What an event of presence records beside its time: the status, and for a second look what it agrees with or ends."""
    if last is None or kind is EventKind.MISSING:
        return {"status": status}
    return {"status": status, "after": last.kind.value, "since": last.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
