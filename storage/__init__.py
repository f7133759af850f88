"""Keep: the vocabulary, the database and the evidence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from storage.loading import without

with without("typing_extensions"):  # for Pythons older than ours
    import msgspec as _  # noqa: F401 - all of ours is made of it

if TYPE_CHECKING:
    from storage.captures import Recorded
    from storage.changes import Owed
    from storage.following import Due, Feed
    from storage.outbox import Message, Notice
    from storage.store import Store

__all__ = ["Due", "Feed", "Message", "Notice", "Owed", "Recorded", "Store"]

# loaded when first asked for: what needs the vocabulary alone (the reader of pages, --help) need not wait for the database
_PLACES = {
    "Due": "storage.following",
    "Feed": "storage.following",
    "Message": "storage.outbox",
    "Notice": "storage.outbox",
    "Owed": "storage.changes",
    "Recorded": "storage.captures",
    "Store": "storage.store",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
