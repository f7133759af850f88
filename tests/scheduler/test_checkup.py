"""What ``zaesur doctor`` says of this machine's zlib: whether the pages that are stored without their gzip come out as they were served."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from zlib_ng import zlib_ng

from crawler.localsite import Site
from crawler.reading import read
from crawler.urls import identify
from scheduler.checkup import Check, checks
from scheduler.timeline import neighbours
from storage import Store, packing
from storage.types import Look
from tests.faults import scene


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with three pages that were served in gzip; not packed."""
    site = Site(seed=1)
    number, slug, content = neighbours()[0]
    url = f"{site.base_url}{site.publish(content, number=number, slug=slug)}"
    with Store.open(tmp_path / "z.db") as store:
        for minute in range(3):
            at = scene.START + timedelta(minutes=minute)
            plain = Look(
                requested_url=url,
                final_url=url,
                article=identify(url),
                started=at,
                answered=at,
                status=200,
                headers=(("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")),
                body=gzip.compress(site.page(site.article(number)).encode(), 6, mtime=0),
            )
            store.record(read(plain, None), keep_body=True)
    return tmp_path / "z.db"


def told(path: Path) -> Check:
    packing.usual_zlib.cache_clear()
    (check,) = [check for check in checks(path) if check.name == "zlib"]
    return check


def test_pages_that_come_out_as_served_are_counted(path: Path) -> None:
    assert told(path).found.endswith("deflates as zlib does; no page was packed without its gzip")
    with Store.open(path) as store:
        assert sum(store.pack_pages()) == 3
    check = told(path)
    assert check.ok
    assert check.found.endswith("deflates as zlib does; 3 of 3 stored pages tried come out as they were served")


def test_another_zlib_is_named_and_is_trouble_only_for_pages_that_were_packed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "zlib", zlib_ng)
    check = told(path)
    assert check.ok
    assert "deflates otherwise than zlib itself (zlib-ng?); no page was packed" in check.found
    monkeypatch.undo()
    with Store.open(path) as store:
        assert sum(store.pack_pages()) == 3
    monkeypatch.setattr(packing, "zlib", zlib_ng)
    check = told(path)
    assert not check.ok
    assert "0 of 3 stored pages tried come out" in check.found
    assert "nothing is lost" in check.advice
    monkeypatch.undo()
    assert told(path).ok
