"""What the fault suites act on: looks read from a local site's pages as the crawler reads them, and the records they leave."""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from crawler.localsite import Site
from crawler.localsite.edits import scripted
from crawler.reading import read
from crawler.urls import identify
from scheduler.comparing import compare_owed
from scheduler.proving import prove
from scheduler.timeline import neighbours
from storage import Store
from storage.errors import ZaesurError
from storage.types import Article, Content, Look

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MEMORY = Path("/dev/shm")  # noqa: S108 - as fast as a disk that never fails; what is unsynced is the power cut's matter
EDITS = ("paragraph", "headline", "number", "paragraph-added", "note-added", "byline")


def folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for one round; in memory where the machine has that."""
    return tempfile.TemporaryDirectory(prefix="zaesur-", dir=MEMORY if MEMORY.is_dir() else None)


def look_at(site: Site, article: Article, at: datetime, last: Content | None) -> Look:
    """One look at an article on the site, read as the crawler reads it, without the network."""
    url = f"{site.base_url}{article.url.removeprefix(site.base_url)}"
    answer = site.answer(url.removeprefix(site.base_url), {})
    plain = Look(
        requested_url=url,
        final_url=url,
        article=article,
        started=at,
        answered=at,
        status=answer.status,
        headers=(("Content-Type", answer.media), *answer.headers.items()),
        body=answer.body,
    )
    return read(plain, last)


def looks(count: int, seed: int = 1) -> list[Look]:
    """Looks at two articles that are edited, stand still, are gone and answer badly in turn; a minute apart."""
    site, rng, made = Site(seed=seed), random.Random(seed), []
    articles: list[list[Any]] = []  # article, number, what it says now, what was last read of it
    for number, slug, content in neighbours():
        site.publish(content, number=number, slug=slug)
        articles.append([identify(f"{site.base_url}/de/{slug}/a-{number}"), number, content, None])
    for step in range(count):
        state = articles[step % len(articles)]
        article, number, content, last = state
        chance = rng.random()
        site.misbehave(number, "consent" if 0.8 < chance < 0.9 else None)
        if chance < 0.6 and last is not None:
            state[2] = content = edited(content, rng)
            site.revise(number, content)
        look = look_at(site, article, START + timedelta(minutes=step), last)
        state[3] = look.content or last
        made.append(look)
    return made


def edited(content: Content, rng: random.Random) -> Content:
    """The text after one edit of a random kind."""
    while True:
        try:
            return scripted(content, rng, rng.choice(EDITS)).content
        except (IndexError, ValueError):  # this edit finds nothing to act on in this text
            continue


def sound(path: Path) -> list[str]:
    """What ``zaesur verify`` finds wrong, after comparing what was still owed, as every command does first."""
    with Store.open(path) as store:
        compare_owed(store)
        return list(prove(store).problems)


def recorded(path: Path, count: int = 14) -> Path:
    """A database with every kind of record: a linked seed, looks, versions, changes, a second reading, a gap, a mark."""
    with Store.open(path) as store:
        found = looks(count)
        article = found[0].article
        assert article is not None
        content = Content(headline="Ein Dorf schaltet die Uhren ab", language="de")
        seed, _ = store.add_seed("a.txt", b"a copy", content, outlet="dw", language="de", fingerprint="t")
        store.link_seed(seed.number, article)
        for look in found:
            store.record(look)
        compare_owed(store)
        version = store.latest(article.id)
        assert version is not None
        store.reextracted(article.id, version.number, replace(version.content, language="de"), "another extractor")
        store.add_gap(article.id, START, START + timedelta(hours=1), "nobody looked")
        assert store.changes()
    return path


def command(suite: str, run: Callable[..., int], size: int, **more: int) -> None:
    """The command of a suite: ``--size`` and whatever else it takes; exits with what it returns."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.faults.{suite}", description=run.__doc__)
    for name, value in {"size": size, "seed": 1, **more}.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default {value}")
    arguments: dict[str, Any] = vars(parser.parse_args())
    raise SystemExit(run(**arguments))


def said(error: BaseException) -> str:
    """An expected error as its one line; anything else is a finding of the suite."""
    if not isinstance(error, ZaesurError):
        raise error
    return str(error)
