"""The local site answers as a real one does: conditions, codings, HEAD, feeds that lead to every article."""

from __future__ import annotations

import re
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from crawler import crawling, politeness
from crawler.decoding import decode
from crawler.extraction import extract
from crawler.localsite import Site
from crawler.localsite.__main__ import site as invented
from crawler.localsite.server import coding
from storage import Store
from tests.faults.servers import certificates

NUMBERS = [f"a-{number}" for number in range(71_000_001, 71_000_006)]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The site that is served for trying by hand."""
    made = invented()
    with made.serving() as base_url:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base_url.partition("//")[2])
        monkeypatch.setenv("ZAESUR_DELAY", "0")
        politeness.forget()
        yield made


def ask(
    url: str, *, method: str = "GET", trust: ssl.SSLContext | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, context=trust) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as error:
        return error.code, dict(error.headers), b""


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, br, zstd", "gzip"),
        ("br", "br"),
        ("zstd;q=0.9, br;q=0.3", "zstd"),
        ("gzip;q=0, *;q=0.5", "br"),
        ("identity", None),
        ("gzip;q=0.2, identity", None),
        ("", None),
    ],
)
def test_the_coding_is_one_that_was_asked_for(site: Site, accepted: str, chosen: str | None) -> None:
    assert coding(accepted) == chosen
    _, headers, body = ask(f"{site.base_url}/de/x/a-71000001", Accept_Encoding=accepted)
    assert headers.get("Content-Encoding") == chosen
    assert "</html>" in decode(body, list(headers.items())).text


def test_a_condition_is_answered_by_tag_first_and_by_date_else(site: Site) -> None:
    url = f"{site.base_url}/de/x/a-71000001"
    _, headers, _ = ask(url)
    tag, date = headers["ETag"], headers["Last-Modified"]
    assert ask(url, If_None_Match=f'"other", W/{tag}')[0] == 304
    assert ask(url, If_Modified_Since=date)[0] == 304
    assert ask(url, If_None_Match='"other"', If_Modified_Since=date)[0] == 200
    assert ask(url, If_Modified_Since="yesterday")[0] == 200
    site.revise(71_000_001, site.article(71_000_002).content)
    assert ask(url, If_Modified_Since=date)[0] == 200


def test_head_gives_the_headers_without_the_page(site: Site) -> None:
    status, headers, body = ask(f"{site.base_url}/de/x/a-71000001", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


@pytest.mark.parametrize("source", ["/atom.xml", "/sitemap_index.xml", "/rdf/rss-de-all", "/xml/rss-de-all"])
def test_every_feed_leads_to_every_article(site: Site, tmp_path: Path, source: str) -> None:
    with Store.open(tmp_path / "z.db") as store:
        found = crawling.run(crawling.discover([site.base_url + source], store)).found
    assert sorted({each.entry.article.id for each in found}) == NUMBERS


def test_the_home_page_leads_to_every_article_and_is_none(site: Site) -> None:
    page = ask(site.base_url)[2].decode()
    assert all(f"{number}" in page for number in NUMBERS)
    assert "<h1" not in page


def test_articles_of_every_language_are_read_as_they_were_published(site: Site) -> None:
    for number in NUMBERS:
        published = site.article(int(number[2:]))
        content = crawling.fetch_once(f"{site.base_url}{published.path}").content
        assert content is not None
        assert [block.text for block in content.blocks] == [block.text for block in published.content.blocks]


def test_hashed_classes_stay_until_the_next_release(site: Site) -> None:
    def classes(deploy: int | None) -> set[str]:
        site.deploy = deploy
        return set(re.findall(r"<article class=\"(\w+)\"", site.page(site.article(71_000_001))))

    assert classes(1) == classes(1) != classes(2)
    assert classes(None) != classes(None)


def test_tags_that_are_written_otherwise_say_the_same(site: Site) -> None:
    site.jitter = True
    published = site.article(71_000_002)
    first, second = (site.page(published) for _ in range(2))
    assert re.findall(r"<html[^>]*>|<img[^>]*>|<meta[^>]*>", first) != re.findall(
        r"<html[^>]*>|<img[^>]*>|<meta[^>]*>", second
    )
    read = [extract(page, f"{site.base_url}{published.path}") for page in (first, second)]
    assert read[0] == read[1]
    assert [block.text for block in read[0].blocks] == [block.text for block in published.content.blocks]


def test_it_is_served_over_tls_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "")
    certificates.trusted(tmp_path)
    trust = ssl.create_default_context(cafile=str(tmp_path / "trust.pem"))
    with invented().serving(tls=certificates.contexts(tmp_path)["https"]) as base_url:
        assert base_url.startswith("https://")
        assert ask(f"{base_url}/en/x/a-71000002", trust=trust)[0] == 200
