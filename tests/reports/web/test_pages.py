"""The pages show what is recorded, to this machine only, and never run what an article says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from storage.types import Block, BlockKind, Content
from tests.reports.web.conftest import client, live

Recorder = Callable[[Content, Content], Path]
HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    '"><svg onload="document.title=\'owned\'">',
    "</style><script>document.title='owned'</script>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:document.title='owned'",
    "\u202egnol\u202c \u200b \x1b[31m",
)


def story(*texts: str, headline: str = "Ein Dorf schaltet die Uhren ab", language: str = "de") -> Content:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Content(
        headline=headline, kicker="", teaser="Eine Reportage.", language=language, blocks=blocks, layout="dw-2026"
    )


@pytest.fixture
def pages(recorded: Recorder) -> TestClient:
    return client(
        recorded(story("Es waren 12 Gäste da, sagt die Wirtin."), story("Es waren 21 Gäste da, sagt die Wirtin."))
    )


def test_the_inbox_names_the_change_and_its_page_marks_the_words(pages: TestClient) -> None:
    inbox = pages.get("/?lang=de").text
    assert "Ein Dorf schaltet die Uhren ab" in inbox
    assert "Eine Zahl geändert; kein Hinweis gefunden." in inbox
    page = pages.get("/changes/1?lang=de").text
    assert ">12</del>" in page
    assert ">21</ins>" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("weight=substantive", True),
        ("kind=number", True),
        ("kind=name", False),
        ("disclosure=silent", True),
        ("disclosure=noted", False),
        ("search=21", True),
        ("search=nichts", False),
        ("baseline=seed", False),
    ],
)
def test_filters_select(pages: TestClient, query: str, shown: bool) -> None:
    assert ("changes/1.html" in pages.get(f"/?{query}").text) is shown
    assert bool(pages.get(f"/api/changes?{query}").json()) is shown


def test_an_unknown_filter_or_change_is_one_clear_line(pages: TestClient) -> None:
    assert pages.get("/?weight=heavy").status_code == 400
    assert pages.get("/changes/99").status_code == 404
    assert pages.get("/articles/a-1").status_code == 404


def test_only_our_own_host_is_answered(pages: TestClient) -> None:
    assert pages.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert pages.get("/", headers={"Host": "127.0.0.1:8730.evil.example"}).status_code == 421


def test_every_answer_forbids_scripts_and_framing(pages: TestClient) -> None:
    for path in ("/", "/changes/1", "/articles/a-71703301", "/status", "/api/changes", "/nowhere"):
        policy = pages.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_nothing_can_be_changed_through_the_pages(pages: TestClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert pages.request(method, "/changes/1").status_code == 405


def test_the_json_is_the_one_of_the_command_line(pages: TestClient) -> None:
    (row,) = pages.get("/api/changes").json()
    full = pages.get("/api/changes/1").json()
    assert {key: full[key] for key in row} == row
    assert json.dumps(full["edits"])


@pytest.mark.parametrize("payload", HOSTILE)
def test_what_an_article_says_is_shown_as_text(recorded: Recorder, payload: str) -> None:
    path = recorded(story("Alt.", headline=payload), story(f"Neu {payload} Text.", headline=f"Neu {payload}"))
    for page in ("/", "/changes/1", "/articles/a-71703301"):
        text = client(path).get(page).text
        assert text.lower().count("<script") == 1, "our own file only"
        assert 'onerror="' not in text
        assert "<svg" not in text
        assert not {"\u202e", "\u200b", "\x1b"} & set(text)


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine")
def test_in_a_real_browser_nothing_runs_and_nothing_overflows_a_phone(recorded: Recorder) -> None:
    from playwright.sync_api import sync_playwright

    hostile = " ".join(HOSTILE)
    arabic = "قالت رئيسة البلدية إن 12 شخصا شاركوا"
    path = recorded(
        story("Alt, mit zwölf Worten und noch mehr davon.", arabic, headline=hostile),
        story(f"Neu {hostile}" + "x" * 300, arabic.replace("12", "21"), headline=f"Neu {hostile}"),
    )
    with live(path) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 360, "height": 740})
        asked: list[Any] = []
        page.on("request", lambda request: asked.append(request.url))
        for address in ("/", "/changes/1", "/articles/a-71703301", "/status"):
            page.goto(base + address)
            assert page.title() != "owned"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        assert all(url.startswith((base, "data:")) for url in asked)
        browser.close()
