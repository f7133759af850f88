"""A hostile page meets the service: the page is kept and set aside, everything else goes on as if it were not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawler import crawling, politeness
from crawler.decoding import uncode
from crawler.localsite import Site
from crawler.localsite.behaviours import BEHAVIOURS
from crawler.urls import identify
from scheduler.following import follow
from scheduler.service import Service
from scheduler.timeline import neighbours
from storage import Store
from storage.types import Outcome

FULL = b"<b>a</b>" * 1_000_000  # 8 MB on the wire, more than 512 MiB as a tree and its copies
UNCLOSED = b"<script " * 60_000  # half a megabyte that kept a search for what closes it busy for minutes


def hostile(piece: bytes) -> Any:
    return lambda site, article, answer: type(answer)(body=answer.body.replace(b"</article>", piece + b"</article>"))


@pytest.mark.parametrize(("piece", "told"), [(FULL, "512 MiB of memory"), (UNCLOSED, None)], ids=["full", "unclosed"])
def test_a_hostile_page_does_not_stop_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: bytes, told: str | None
) -> None:
    politeness.forget()
    monkeypatch.setitem(BEHAVIOURS, "hostile", hostile(piece))
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    site = Site(seed=1)
    paths = {number: site.publish(content, number=number, slug=slug) for number, slug, content in neighbours()}
    worst = min(paths)
    site.misbehave(worst, "hostile")
    with site.serving() as base, Store.open(tmp_path / "z.db") as store:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base.removeprefix("http://"))
        articles = {number: identify(base + path) for number, path in paths.items()}
        for article in articles.values():
            follow(store, article)
        crawling.run(Service(store, print).once())
        looks = {number: store.captures(article.id)[0] for number, article in articles.items()}
        assert {look.outcome for number, look in looks.items() if number != worst} == {Outcome.NEW}
        if told:
            assert looks[worst].outcome is Outcome.SET_ASIDE
            assert told in (looks[worst].reason or "")
        kept = uncode(store.body(looks[worst].body_sha256 or "") or b"", dict(looks[worst].headers)["Content-Encoding"])
        assert kept.count(piece) == 1
        site.misbehave(worst, None)
        # what could be read all the same said what the article says: nothing was invented
        assert crawling.look_now([articles[worst]], store)[0]["outcome"] == ("new" if told else "unchanged")
        assert not list(store.verify_chain())
