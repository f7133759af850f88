"""The pages in a real Chromium: walked by mouse and by keys, on a phone, in the dark, on paper, without JavaScript, without barriers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from reports.site.export import export
from scheduler.showing import reading
from storage import Store
from tests.reports.newsroom import CLOCKS, FERRY, WELL
from tests.reports.web.conftest import live

pytestmark = pytest.mark.browser

ID = CLOCKS.article.id
PAGES = (
    "/",
    "/search.html?weight=cosmetic&language=de",
    "/search.html?search=nothing-like-it",
    "/changes/4.html",
    "/changes/4-side.html",
    f"/articles/{ID}.html",
    f"/articles/{WELL.article.id}.html",
    f"/articles/{FERRY.article.id}.html",
    f"/articles/{ID}/1..2.html",
    f"/articles/{WELL.article.id}/1..2-side.html",
    "/outlets/dw.html",
    "/status.html",
    "/help.html",
    "/de/changes/7.html",
)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def site(newsroom_database: Path) -> Iterator[str]:
    with live(newsroom_database) as base:
        yield base


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context()
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def test_from_the_inbox_through_a_filter_to_a_diff_and_its_article(page: Page, site: str) -> None:
    page.goto(site)
    page.locator("select[name=disclosure]").select_option("noted")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".entry")).to_have_count(1)
    page.get_by_role("link", name="Night ferry").click()
    expect(page.locator("section.edit")).to_have_count(2)
    page.get_by_role("link", name="Side by side").click()
    expect(page).to_have_url(f"{site}/changes/6-side.html")
    page.get_by_role("link", name="a-71703302", exact=True).click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()


def test_any_two_versions_are_chosen_on_the_article(page: Page, site: str) -> None:
    page.goto(f"{site}/articles/{ID}.html")
    page.locator("select[name=from]").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(f"{site}/articles/{ID}/1..3.html")


def _leads(page: Page, key: str, url: str) -> None:
    page.keyboard.press(key)
    page.wait_for_url(url)
    page.wait_for_load_state()


def test_every_key_does_what_the_help_says(page: Page, site: str) -> None:
    page.goto(f"{site}/changes/4.html")
    page.keyboard.press("n")
    expect(page.locator("#change-1")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#change-2")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#change-1")).to_be_focused()
    fold = page.locator("details.fold").first
    page.keyboard.press("a")
    expect(fold).to_have_attribute("open", "")
    _leads(page, "s", f"{site}/changes/4-side.html")
    _leads(page, "ArrowLeft", f"{site}/changes/2-side.html")
    _leads(page, "ArrowRight", f"{site}/changes/4-side.html")
    _leads(page, "u", f"{site}/articles/{ID}.html")
    _leads(page, "l", f"{site}/de/articles/{ID}.html")
    _leads(page, "g", f"{site}/de/index.html")
    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()
    page.keyboard.type("n?s")
    expect(page.locator("input[type=search]")).to_have_value("n?s")
    page.keyboard.press("Escape")
    _leads(page, "?", f"{site}/de/help.html")


def test_the_language_switch_keeps_the_place_and_the_filters(page: Page, site: str) -> None:
    page.goto(f"{site}/search.html?language=ar")
    page.get_by_role("link", name="Deutsch", exact=True).click()
    expect(page).to_have_url(f"{site}/de/search.html?language=ar")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".entry")).to_have_count(1)


def test_an_editor_marks_a_change(context: BrowserContext, own_database: Path) -> None:
    with live(own_database, review=True) as base:
        page = context.new_page()
        page.goto(f"{base}/changes/7.html")
        page.locator("select[name=verdict]").select_option("explained")
        page.get_by_label("Your name").fill("M. Lindqvist")
        page.get_by_label("Note").fill("<b>Agency</b> corrected the number")
        page.get_by_role("button", name="Mark").click()
        expect(page.locator(".marks")).to_contain_text("explained, M. Lindqvist")
        expect(page.locator(".marks")).to_contain_text("<b>Agency</b> corrected the number")
        page.goto(base)
        expect(page.locator(".label.review")).to_have_count(1)


def test_a_citation_is_copied_with_one_click(context: BrowserContext, site: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}/changes/4.html")
    button = page.locator("button.copy").first
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("Deutsche Welle: „")


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_everything_without_scrolling_sideways(chromium: Browser, site: str, path: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_without_javascript_everything_can_be_reached(chromium: Browser, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.get_by_label("Words added or removed").fill("15.000")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".entry")).to_have_count(3)
    page.locator(".entry h2 a").first.click()
    page.locator("details.fold summary").first.click()
    expect(page.locator("details.fold p").first).to_be_visible()
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator(".pair").first).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    context.close()


def test_on_paper_marks_need_no_colour_and_nothing_to_click_is_printed(page: Page, site: str) -> None:
    page.goto(f"{site}/changes/4.html")
    page.emulate_media(media="print")
    for gone in ("header.site", ".views", ".copy", "form"):
        for element in page.locator(gone).all():
            expect(element).to_be_hidden()
    marks = "getComputedStyle(document.querySelector(%r), %r).content"
    assert page.evaluate(marks % ("ins", "::before")) == '"{+"'
    assert page.evaluate(marks % ("del", "::after")) == '"−]"'
    assert len(page.pdf()) > 10_000


def test_right_to_left_text_reads_from_the_right(page: Page, site: str) -> None:
    page.goto(f"{site}/changes/7.html")
    style = "selector => getComputedStyle(document.querySelector(selector)).direction"
    assert page.evaluate(style, "h1") == "rtl"
    assert page.evaluate(style, "section.edit p") == "rtl"
    assert page.evaluate(style, ".verdict") == "ltr"
    # the number that was there stands to the right of the one that came: it is read first
    older, newer = page.locator("del").first.bounding_box(), page.locator("ins").first.bounding_box()
    assert older is not None
    assert newer is not None
    assert older["x"] > newer["x"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_barrier(chromium: Browser, newsroom_database: Path, site: str, path: str, scheme: Any) -> None:
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(site + path)
    found = Axe().run(page, options={"runOnly": _RULES, "rules": {"color-contrast-enhanced": {"enabled": True}}})
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_an_exported_page_works_from_the_disk(page: Page, newsroom_database: Path, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with Store.open(newsroom_database, write=False) as store:
        export(store, reading(), tmp_path)
    page.goto((tmp_path / "index.html").as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute", (
        "the sheet is there"
    )
    page.locator(".entry h2 a").first.click()
    page.keyboard.press("s")
    expect(page.locator(".pair").first).to_be_visible()
    page.get_by_role("link", name=ID, exact=True).click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert all(url.startswith("file://") for url in asked)
