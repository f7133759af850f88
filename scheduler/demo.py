"""The whole job offline: the seed comes in, a local site is crawled, edits happen there, it is crawled again, the report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler import crawling
from crawler.localsite import Site
from crawler.urls import identify
from scheduler.baselines import bundled, import_files, link_seed
from scheduler.following import add_source
from scheduler.jobs import discover_sources, look_at
from scheduler.timeline import NUMBER, SLUG, neighbours, timeline
from storage import Store
from storage.errors import ZaesurError
from storage.types import Article, Baseline, Change, Seed

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Demonstrated:
    """What the demo leaves: the database and the article's changes by baseline, as last recorded."""

    database: Path
    article: Article
    against_seed: Change
    against_previous: Change


def demonstrate(database: Path, tell: Tell) -> Demonstrated:
    """Run the whole job in a fresh database, by the same code paths as the real one."""
    site = Site(seed=2025)
    with Store.open(database) as store, site.serving() as base_url, _allowed(base_url):
        return crawling.run(_run(store, site, base_url, tell))


@contextmanager
def _allowed(base_url: str) -> Iterator[None]:
    """Allow the local site, and ask it without pauses, while the demo runs."""
    before = {name: os.environ.get(name) for name in ("ZAESUR_ALLOW_HOSTS", "ZAESUR_DELAY")}
    os.environ.update({"ZAESUR_ALLOW_HOSTS": base_url.removeprefix("http://"), "ZAESUR_DELAY": "0"})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


async def _run(store: Store, site: Site, base_url: str, tell: Tell) -> Demonstrated:
    seed = _import(store, tell)
    steps = timeline(seed.content)
    path = site.publish(steps[0].content, number=NUMBER, slug=SLUG, published=datetime(2025, 2, 24, 9, 30, tzinfo=UTC))
    for number, slug, content in neighbours():
        site.publish(content, number=number, slug=slug)
    article = identify(f"{base_url}{path}")
    add_source(store, f"{base_url}/rdf/rss-de-all", "feed")
    found = await discover_sources(store)
    tell(f"2. Found {found['discovered']} articles in the feed; the copy is linked to {article.id}")
    link_seed(store, str(seed.number), article.url)
    for look, step in enumerate(steps, start=1):
        if look > 1:
            site.revise(NUMBER, step.content, touch=step.touch)
        tell(f"{look + 2}. On the site: {step.said}")
        articles = store.due_now() if look == 1 else [article]
        for row in await look_at(store, articles, job="demo"):
            if row["article"] == article.id:
                changes = (
                    f", changes {', '.join(map(str, row['changes']))}"
                    if row["changes"]
                    else ", no difference from the copy"
                )
                tell(f"   Look {look}: {row['outcome']}, version {row['version']}{changes}")
    return _result(store, article)


def _import(store: Store, tell: Tell) -> Seed:
    imported = next(iter(import_files(store, bundled())))
    if imported.seed is None:
        raise ZaesurError(f"the seed could not be imported: {imported.problem}")
    tell(f'1. Imported the saved copy "{imported.seed.content.headline}"')
    return imported.seed


def _result(store: Store, article: Article) -> Demonstrated:
    latest = store.latest(article.id)
    changes = {c.baseline: c for c in store.changes(article=article.id) if latest and c.to_version == latest.number}
    return Demonstrated(
        database=store.path,
        article=article,
        against_seed=changes[Baseline.SEED],
        against_previous=changes[Baseline.PREVIOUS],
    )
