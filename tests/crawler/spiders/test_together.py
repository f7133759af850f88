"""Looks without anything new share a commit; none is told before it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.spiders.article import ArticleSpider
from crawler.urls import identify
from scheduler.timeline import neighbours
from storage import Store
from storage.types import Outcome


class Told(list[dict[str, Any]]):
    """Rows as the caller of a crawl gets them; each must be durable when it comes."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store, self._before = store, len(store.captures())
        self.together: list[int] = []

    def append(self, row: dict[str, Any]) -> None:
        self += [row]

    def __iadd__(self, rows: Iterable[dict[str, Any]]) -> Told:  # type: ignore[misc, override]
        told = list(rows)
        with Store.open(self._store.path, write=False) as elsewhere:  # sees what is committed and nothing else
            committed = len(elsewhere.captures())
        assert committed >= self._before + len(self) + len(told), "told before it is durable"
        self.together.append(len(told))
        super().extend(told)
        return self


def test_looks_without_anything_new_share_a_commit_and_are_told_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    politeness.forget()
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    monkeypatch.setattr("crawler.pipelines._WAIT", 60.0)  # however slow this machine is
    site = Site(seed=1)
    paths = [site.publish(content, number=number, slug=slug) for number, slug, content in neighbours()]
    with site.serving() as base, Store.open(tmp_path / "z.db") as store:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base.removeprefix("http://"))
        articles = [identify(base + path) for path in paths]

        def crawl() -> Told:
            told = Told(store)
            arguments = {"articles": articles, "store": store, "rows": told, "conditional": False}
            crawling.run(crawling._crawl(ArticleSpider, None, **arguments))
            return told

        first, before = crawl(), len(store.captures())
        assert first.together == [1] * len(articles)  # each brought a version
        second = crawl()
        assert {row["outcome"] for row in second} == {Outcome.UNCHANGED}
        assert second.together == [len(articles)]
        assert len(store.captures()) == before + len(articles)
        assert not list(store.verify_chain())
