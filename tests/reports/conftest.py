"""A recorded change of an invented article, with whatever text a test wants in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.diff import FINGERPRINT, assess
from reports.summary import summarise
from storage import Store
from storage.types import Article, Content, Look

ARTICLE = Article(id="a-71703301", outlet="dw", url="https://www.dw.com/de/ein-dorf/a-71703301", language="de")
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
Recorder = Callable[..., Path]


@pytest.fixture
def recorded(tmp_path: Path) -> Recorder:
    """Records two versions of an article and the change between them; gives the database."""

    def record(old: Content, new: Content) -> Path:
        path = tmp_path / "zaesur.db"
        with Store.open(path) as store:
            for hour, content in enumerate((old, new)):
                at = START + timedelta(hours=hour)
                look = Look(
                    requested_url=ARTICLE.url,
                    article=ARTICLE,
                    started=at,
                    answered=at,
                    status=200,
                    body=f"page {hour}".encode(),
                    content=content,
                    fingerprint="test",
                )
                store.record(look)
            for owed in store.owed():
                assessment = assess(old, new)
                store.settle(
                    owed,
                    assessment,
                    summary=summarise(assessment),
                    headline=new.headline or "",
                    observed_after=START,
                    observed_by=START + timedelta(hours=1),
                    differ=FINGERPRINT,
                )
        return path

    return record
