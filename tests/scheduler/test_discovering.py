"""New articles enter within one poll, from every kind of source; what sources say makes articles due; none is ever dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from msgspec.structs import replace

from crawler import crawling, politeness
from crawler.localsite import Site
from scheduler import jobs
from scheduler.configuration import load
from scheduler.following import add_source, add_url
from scheduler.health import figures, lines
from scheduler.jobs import discover_sources
from scheduler.preparing import languages, prepare
from storage import Store
from storage.types import Block, BlockKind, Content


def content(headline: str) -> Content:
    return Content(headline=headline, language="de", blocks=(Block(kind=BlockKind.PARAGRAPH, text="Ein Satz."),))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site(seed=3)
    for number in (70000001, 70000002):
        site.publish(content(f"Nummer {number}"), number=number, slug="x")
    with site.serving() as base_url:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base_url.removeprefix("http://"))
        monkeypatch.setenv("ZAESUR_DELAY", "0")
        politeness.forget()
        yield site
    politeness.forget()


def discovering(store: Store, site: Site, folder: Path, sources: str) -> dict[str, int]:
    path = folder / "zaesur.toml"
    path.write_text(f"[outlets.dw.languages.de]\n{sources.replace('SITE', site.base_url)}\n", encoding="utf-8")
    prepare(store, load(path))
    return dict(crawling.run(discover_sources(store, languages(load(path)))))


SOURCES = {
    "RDF feed": 'feeds = ["SITE/rdf/rss-de-all"]',
    "RSS feed": 'feeds = ["SITE/xml/rss-de-all"]',
    "sitemap": 'sitemaps = ["SITE/de/news-sitemap.xml"]',
    "gzipped sitemap": 'sitemaps = ["SITE/sitemap.xml.gz"]',
    "section page": 'sections = ["SITE/de/themen/s-9077"]',
}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_new_article_enters_within_one_poll_and_one_that_leaves_stays_followed(
    tmp_path: Path, site: Site, kind: str
) -> None:
    with Store.open(tmp_path / "z.db") as store:
        assert discovering(store, site, tmp_path, SOURCES[kind]) == {"discovered": 2}
        site.publish(content("Drei"), number=70000003, slug="drei")
        site.remove(70000001)
        assert discovering(store, site, tmp_path, SOURCES[kind]) == {"discovered": 1}
        assert store.followed() == {"a-70000001", "a-70000002", "a-70000003"}
        assert [feed.problem for feed in store.feeds()] == [None]


@pytest.mark.parametrize(("kind", "hinted"), [("sitemap", 1), ("RDF feed", 1), ("section page", 1)])
def test_an_edit_that_a_source_shows_makes_the_article_due(tmp_path: Path, site: Site, kind: str, hinted: int) -> None:
    with Store.open(tmp_path / "z.db") as store:
        discovering(store, site, tmp_path, SOURCES[kind])
        for name in store.followed():
            store.set_due(name, datetime.now(UTC) + timedelta(days=3))
        assert discovering(store, site, tmp_path, SOURCES[kind]) == {}
        # the sitemap shows the date, the feed the title, the section page the slug
        site.revise(70000002, replace(content("Ein anderer Titel")), slug="anders" if "section" in kind else None)
        assert discovering(store, site, tmp_path, SOURCES[kind]) == {"hinted": hinted}
        assert [article.id for article in store.due_now()] == ["a-70000002"]


@pytest.mark.parametrize("kind", ["RDF feed", "sitemap"])
def test_a_source_is_asked_whether_there_is_anything_new_and_now_and_then_for_the_whole(
    tmp_path: Path, site: Site, kind: str
) -> None:
    site.validators = True
    with Store.open(tmp_path / "z.db") as store, time_machine.travel(datetime.now(UTC), tick=True) as clock:

        def answers() -> dict[str, int]:
            return {row["answer"]: row["requests"] for row in store.asked()}

        assert discovering(store, site, tmp_path, SOURCES[kind]) == {"discovered": 2}
        assert discovering(store, site, tmp_path, SOURCES[kind]) == {}
        assert answers() == {"200": 3, "304": 1}, "nothing new, and counted, beside robots.txt twice and the whole once"
        assert [feed.problem for feed in store.feeds()] == [None]
        site.publish(content("Drei"), number=70000003, slug="drei")
        assert discovering(store, site, tmp_path, SOURCES[kind]) == {"discovered": 1}
        clock.shift(timedelta(hours=7))
        discovering(store, site, tmp_path, SOURCES[kind])
        assert answers()["304"] == 1, "a server that always says so is not believed for ever"


def test_what_a_kill_kept_from_being_taken_is_named_again(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.validators = True

    class Killed(BaseException):
        """Nothing catches it, as nothing catches a kill."""

    def killed(*_: object) -> None:
        raise Killed

    with Store.open(tmp_path / "z.db") as store:
        with monkeypatch.context() as patch:
            patch.setattr(jobs, "_take", killed)
            with pytest.raises(Killed):
                discovering(store, site, tmp_path, SOURCES["RDF feed"])
        assert discovering(store, site, tmp_path, SOURCES["RDF feed"]) == {"discovered": 2}


def test_a_source_that_fails_is_named_and_the_others_are_read(tmp_path: Path, site: Site) -> None:
    with Store.open(tmp_path / "z.db") as store:
        sources = 'feeds = ["SITE/nothing-here", "SITE/rdf/rss-de-all"]'
        assert discovering(store, site, tmp_path, sources) == {"discovered": 2}
        assert {feed.url.rpartition("/")[2]: feed.problem for feed in store.feeds()} == {
            "nothing-here": "answers 404",
            "rss-de-all": None,
        }
        assert f"source {site.base_url}/nothing-here: answers 404" in list(lines(figures(store)))


def test_a_source_that_can_never_be_asked_is_refused_and_one_taken_long_ago_keeps_no_other_from_being_read(
    tmp_path: Path, site: Site
) -> None:
    wrong = f"{site.base_url}O/feed"  # a letter in the port
    with Store.open(tmp_path / "z.db") as store:
        assert add_source(store, wrong, "feed")["status"] == "refused"
        store.add_feed(wrong, "feed")
        store.add_feed(f"{site.base_url}/xml/rss-de-all", "feed")
        assert crawling.run(discover_sources(store))["discovered"] == 2
        problems = {source.url: source.problem for source in store.feeds()}
    assert problems[wrong] == "not an http(s) URL that can be asked"
    assert list(problems.values()).count(None) == 1


def test_an_article_that_was_taken_down_is_not_followed_again_because_a_feed_still_names_it(
    tmp_path: Path, site: Site
) -> None:
    with Store.open(tmp_path / "z.db") as store:
        assert discovering(store, site, tmp_path, SOURCES["RDF feed"])["discovered"] == 2
        store.take_down("a-70000001", "a court said so")
        addresses = store.addresses("a-70000001")
        found = discovering(store, site, tmp_path, SOURCES["sitemap"])
        assert "discovered" not in found or not found["discovered"]
        assert store.followed() == {"a-70000002"}
        assert store.addresses("a-70000001") == addresses


def test_an_article_that_is_followed_no_longer_stays_so_until_somebody_wants_it_again(
    tmp_path: Path, site: Site
) -> None:
    """The next reading of the feed followed it again."""
    with Store.open(tmp_path / "z.db") as store:
        discovering(store, site, tmp_path, SOURCES["RDF feed"])
        article = store.article("a-70000001")
        assert article is not None
        store.forget(article.id)
        discovering(store, site, tmp_path, SOURCES["sitemap"])
        assert store.followed() == {"a-70000002"}
        assert add_url(store, article.url)["status"] == "added"
        assert store.followed() == {"a-70000001", "a-70000002"}
        assert not store.was_left(article.id)
