"""Fixtures of the storage tests: a real database in a fresh folder, looks made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from storage import Store
from storage.types import Article, Block, BlockKind, Content, Look, Outcome

ARTICLE = Article(id="a-100", outlet="dw", url="https://example.org/de/brücke/a-100", language="de")
Looks = Callable[..., Look]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "z.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture
def look() -> Looks:
    """Makes a look that shows a text, or that ended as ``outcome`` says; each a minute after the last, or as long as said."""
    clock = [datetime(2026, 3, 1, tzinfo=UTC)]

    def make(
        says: str = "",
        *,
        outcome: Outcome | None = None,
        body: bytes | None = None,
        etag: str = "",
        later: timedelta = timedelta(minutes=1),
        doubt: str | None = None,
        url: str = ARTICLE.url,
    ) -> Look:
        clock[0] += later
        blocks = (Block(kind=BlockKind.PARAGRAPH, text=says),)
        return Look(
            requested_url=ARTICLE.url,
            article=replace(ARTICLE, url=url),
            started=clock[0],
            answered=clock[0],
            status=200,
            headers=(("ETag", etag),) if etag else (),
            body=says.encode() if body is None else body,
            outcome=outcome,
            doubt=doubt,
            content=None if outcome and not doubt else Content(headline="Die Brücke", language="de", blocks=blocks),
            fingerprint="test-1",
        )

    return make
