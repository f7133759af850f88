"""What a page is, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from storage import Store
from storage.errors import UserError
from storage.types import Article, Change, Version


class NoSuchPage(UserError):
    """There is nothing under this address; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A finished page, feed or file. ``location`` leads elsewhere, ``download`` is a name to save it under."""

    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    location: str | None = None
    download: str | None = None


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Where a reader stopped: the last change there was when they looked before, and when that was."""

    seen: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What reports need of those who read pages: any two versions compared, a stored page as text, the other language editions.

    Reports do not know the crawler; whoever starts them hands these over.
    """

    compare: Callable[[Store, Article, str, str], tuple[Change, Version, Version]]
    page: Callable[[Store, int], str | None]
    editions: Callable[[Store, str], list[tuple[str, str]]]
