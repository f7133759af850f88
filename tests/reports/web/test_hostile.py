"""What an article says is shown as text on every surface: nothing of it runs, nothing is asked for elsewhere.

A hundred payloads travel through headlines, teasers, authors, paragraphs, reasons, addresses and marks. The pages are opened in a real
Chromium; feeds, JSON and the terminal are read back. Two of the three locks are then taken away in turn: without the policy the
escaping holds, and without the escaping the policy holds. Mail, webhook and tables: ``test_hostile_messages``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from playwright.sync_api import Browser, Page
from rich.console import Console

from reports import terminal
from reports.html import report
from reports.site import view
from reports.views import shown
from storage import Store
from storage.reviews import record_mark
from storage.types import Article, Block, BlockKind, Content, Outcome, Verdict
from tests.reports import newsroom
from tests.reports.payloads import PAYLOADS, SIGN
from tests.reports.web.conftest import client, live

ARTICLE = Article(id="a-6660001", outlet="dw", url="https://www.dw.com/de/x/a-6660001", language="de")
PAGES = (
    "/",
    "/search.html?search=owned",
    "/changes/{change}.html",
    "/changes/{change}-side.html",
    "/articles/a-6660001.html",
    "/articles/a-6660001/1..2.html",
    "/status.html",
    "/outlets/dw.html",
)


def test_there_are_a_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) >= 100


def infested(path: Path, payloads: tuple[str, ...]) -> int:
    """A database whose every text is a payload; gives the change."""
    old = Content(
        headline="Alt",
        kicker="Alt",
        teaser="Alt",
        authors=("Alt",),
        place="",
        language="de",
        blocks=(Block(kind=BlockKind.PARAGRAPH, text="Alt."),),
        layout="dw-2026",
    )
    new = Content(
        headline=" ".join(payloads),
        kicker=payloads[0],
        teaser=" ".join(payloads),
        authors=payloads,
        place=payloads[-1],
        published=payloads[0],
        modified=payloads[1 % len(payloads)],
        language="de",
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=f"Neu {payload} Text.") for payload in payloads),
        layout="dw-2026",
    )
    with Store.open(path) as store:
        for hour, content in enumerate((old, new)):
            store.record(newsroom.look(ARTICLE, newsroom.START + timedelta(hours=hour), content))
        for number, payload in enumerate(payloads):
            at = newsroom.START + timedelta(hours=2, minutes=number)
            store.record(newsroom.without_text(ARTICLE, at, Outcome.SET_ASIDE, payload.replace("\x00", ""), 200))
            store.add_gap(ARTICLE.id, at, None, payload)
            store.add_feed(f"https://feed.example/{number}?{payload}", "feed")
            store.polled(f"https://feed.example/{number}?{payload}", payload)
            store.set_url(ARTICLE.id, payload)
        newsroom.settle(store)
        (change,) = store.changes(article=ARTICLE.id)
    for payload in payloads:
        record_mark(path, change.id, Verdict.EXPLAINED, payload[:150], payload)
    return change.id


@pytest.fixture(scope="module")
def infested_database(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    path = tmp_path_factory.mktemp("hostile") / "zaesur.db"
    return path, infested(path, PAYLOADS)


@contextmanager
def _watched(browser: Browser, base: str, *, without_policy: bool = False) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what it asks for beyond its own host; with ``without_policy`` the browser is never told the policy."""
    context = browser.new_context(bypass_csp=without_policy)
    page = context.new_page()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    # what the policy stopped was never sent, but is told of all the same
    context.on("requestfailed", lambda request: asked.remove(request.url) if request.failure == "csp" else None)
    page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
    try:
        yield page, asked
    finally:
        context.close()
    assert [url for url in asked if not url.startswith(base)] == []


def _clean(page: Page) -> None:
    """Nothing ran, after every link and field was given the chance that a reader would give it."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate(
        "document.querySelectorAll('[onmouseover],[onclick],[onfocus]').forEach(e => e.dispatchEvent(new Event('mouseover')))"
    )
    assert page.evaluate("document.documentElement.dataset.owned") is None
    links = page.evaluate(
        "[...document.querySelectorAll('a[href], form')].map(e => (e.protocol || new URL(e.action).protocol))"
    )
    assert set(links) <= {"http:", "https:"}


@pytest.mark.browser
@pytest.mark.parametrize("without_policy", [False, True], ids=["with the policy", "without the policy"])
def test_nothing_runs_and_nothing_is_asked_for_elsewhere(
    chromium: Browser, infested_database: tuple[Path, int], without_policy: bool
) -> None:
    path, change = infested_database
    with live(path, review=True) as base, _watched(chromium, base, without_policy=without_policy) as (page, _):
        for address in PAGES:
            for language in ("", "/de"):
                page.goto(base + language + address.format(change=change))
                _clean(page)


@pytest.mark.browser
def test_with_the_escaping_taken_away_the_policy_alone_stops_every_payload(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = view.environment.__wrapped__()
    raw.autoescape = False
    raw.globals["shown"] = lambda text, **_: text
    monkeypatch.setattr(view, "environment", lambda: raw)
    # each alone: one page broken by one payload must not hide the others; what moves the page away itself is not a script
    alone = [payload for payload in PAYLOADS if "<" in payload and "http-equiv" not in payload]
    path = tmp_path / "zaesur.db"
    change = infested(path, ("x", "y"))
    with live(path) as base, _watched(chromium, base) as (page, asked):
        with _watched(chromium, base, without_policy=True) as (unguarded, _):
            monkeypatch.setitem(raw.globals, "shown", lambda text, **_: f"{text}<script>{SIGN}</script>")
            unguarded.goto(f"{base}/changes/{change}.html")
            assert unguarded.evaluate("document.documentElement.dataset.owned") == "1", "else this would prove nothing"
        page.goto(f"{base}/changes/{change}.html")
        told = page.evaluate("document.querySelector('meta[http-equiv]').content")
        assert told.startswith("default-src 'none'")
        for payload in alone:
            monkeypatch.setitem(raw.globals, "shown", lambda text, payload=payload, **_: f"{text}{payload}")
            page.goto(f"{base}/changes/{change}.html", wait_until="domcontentloaded")
            assert page.evaluate("document.documentElement.dataset.owned") is None, payload
            assert "evil.example" not in " ".join(asked), payload


@pytest.mark.browser
def test_the_one_file_report_is_safe_without_any_server(
    chromium: Browser, infested_database: tuple[Path, int], tmp_path: Path
) -> None:
    path, id = infested_database
    with Store.open(path, write=False) as store:
        change = store.change(id)
        old, new, article = store.version(ARTICLE.id, 1), store.version(ARTICLE.id, 2), store.article(ARTICLE.id)
        assert change
        assert old
        assert new
        assert article
        text = report(change, old, new, article, "de", store)
    assert "<script" not in text.lower()
    file = tmp_path / "report.html"
    file.write_text(text, encoding="utf-8")
    for without_policy in (False, True):
        with _watched(chromium, file.as_uri(), without_policy=without_policy) as (page, _):
            page.goto(file.as_uri())
            assert page.evaluate("getComputedStyle(document.querySelector('ins')).textDecorationLine") == "underline"
            assert page.evaluate("document.documentElement.dataset.owned") is None


@pytest.mark.parametrize("payload", PAYLOADS)
def test_each_payload_alone_stays_text_on_every_surface(payload: str, tmp_path: Path) -> None:
    path = tmp_path / "zaesur.db"
    id = infested(path, (payload,))
    reader = client(path)
    # page: what a parser gives back as text is what was put in, and no element or attribute came of it
    for address in PAGES:
        body = reader.get(address.format(change=id)).text
        root = etree.HTML(body)
        assert [script.get("src") for script in root.iter("script")] in (
            ["reader.js"],
            ["../reader.js"],
            ["../../reader.js"],
        )
        assert not [e.tag for e in root.iter("img", "iframe", "object", "embed", "base", "style", "video")]
        assert not [
            name for e in root.iter(etree.Element) for name in e.attrib if name.startswith("on") or name == "style"
        ]
    # JSON: exactly what was put in
    row = reader.get(f"/api/changes/{id}").json()
    assert any(edit["new"] == f"Neu {payload} Text." for edit in row["edits"])
    # feeds: well-formed, and text
    atom = feedparser.parse(reader.get("/feeds/everything.atom").content)
    assert not atom.bozo
    assert not re.search(r"<(?!/?p>)", atom.entries[0].summary)
    assert json.loads(reader.get("/feeds/everything.json").content)["items"][0]["title"] == shown(payload)
    assert "content_html" not in reader.get("/feeds/everything.json").text
    # terminal: no control character reaches it, and no markup of rich's is obeyed
    out = StringIO()
    with Store.open(path, write=False) as store:
        terminal.changes(
            Console(file=out, width=500, soft_wrap=True, highlight=False, emoji=False, markup=False), store.changes()
        )
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out.getvalue())
