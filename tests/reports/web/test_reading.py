"""The diff and the timeline: any two versions, moves linked, nothing lost in folding, proof and citations beside it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sqlite3
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from reports.html import report
from reports.web import app
from scheduler.showing import reading
from storage import Store
from storage.ledger import PlannedLook
from storage.types import Article, Baseline, Change, EditOp, Outcome, Version
from tests.reports.newsroom import CLOCKS, FERRY, START, STORIES, WELL, content, look, settle, without_text
from tests.reports.web.conftest import PORT, client

ID = CLOCKS.article.id


def latest(path: Path, baseline: Baseline = Baseline.PREVIOUS) -> int:
    with Store.open(path, write=False) as store:
        return max(change.id for change in store.changes(article=ID, baseline=baseline))


def test_headline_and_teaser_come_first_and_the_whole_text_is_there(pages: TestClient, newsroom_database: Path) -> None:
    text = pages.get(f"/changes/{latest(newsroom_database)}").text
    headings = re.findall(r'<h3 id="change-\d+-title">.*?</span> (.*?) <span class="label">', text, re.DOTALL)
    assert [heading.split(" ")[0] for heading in headings][:2] == ["Headline", "Teaser"]
    for paragraph in CLOCKS.texts[-1][2:]:
        assert paragraph in unescape(re.sub(r"<[^>]+>", "", text)).replace("added: ", ""), paragraph
    assert "1 paragraph unchanged" in text


def test_a_moved_passage_is_linked_both_ways(pages: TestClient, newsroom_database: Path) -> None:
    with Store.open(newsroom_database, write=False) as store:
        change = store.change(latest(newsroom_database))
    assert change is not None
    assert any(edit.op is EditOp.MOVE for edit in change.assessment.diff.edits)
    for view in ("", "-side"):
        text = pages.get(f"/changes/{change.id}{view}.html").text
        (number,) = re.findall(r'id="was-(\d+)"', text)
        assert f'href="#change-{number}"' in text
        assert f'href="#was-{number}"' in text
        assert f'id="change-{number}"' in text


@pytest.mark.parametrize(
    "path", ["/changes/2.html", "/changes/2-side.html", f"/articles/{ID}.html", "/", "/outlets/dw"]
)
def test_no_anchor_is_used_twice_and_every_link_inside_a_page_leads_somewhere(pages: TestClient, path: str) -> None:
    text = pages.get(path).text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_any_two_versions_have_a_permanent_page_that_records_nothing(
    pages: TestClient, newsroom_database: Path
) -> None:
    before = newsroom_database.read_bytes()
    text = pages.get(f"/articles/{ID}/1..3.html").text
    assert "Ein Dorf schaltet die Uhren ab" in text
    assert "version 1 → version 3" in text
    assert "saved copy → version 3" in pages.get(f"/articles/{ID}/seed..3-side.html").text
    led = pages.get(f"/articles/{ID}/compare.html?from=1&to=2", follow_redirects=False)
    assert led.headers["location"] == "1..2.html"
    assert newsroom_database.read_bytes() == before


@pytest.mark.parametrize("side", ["", "-side"])
def test_what_a_page_calls_the_older_text_is_the_older_one_whichever_way_it_was_asked_for(
    pages: TestClient, side: str
) -> None:
    asked = pages.get(f"/de/articles/{ID}/3..1{side}.html", follow_redirects=False)
    assert asked.status_code == 303
    assert urljoin(f"/de/articles/{ID}/", asked.headers["location"]) == f"/de/articles/{ID}/1..3{side}.html"
    assert "Fassung 1 → Fassung 3" in pages.get(f"/de/articles/{ID}/3..1{side}.html").text
    assert pages.get(f"/articles/{ID}/2..seed.html").url.path == f"/articles/{ID}/seed..2.html"


def test_a_copy_that_was_saved_after_a_version_is_not_called_the_older_text(tmp_path: Path) -> None:
    path = tmp_path / "zaesur.db"
    with Store.open(path) as store:
        for hour, text in enumerate(CLOCKS.texts[:2]):
            store.record(look(CLOCKS.article, START + timedelta(hours=2 * hour), content(CLOCKS, text)))
        saved = replace(content(CLOCKS, CLOCKS.texts[0]), headline="Ein Dorf stellt die Uhren ab")
        seed, _ = store.add_seed(
            "kopie.txt",
            b"...",
            saved,
            outlet="dw",
            language="de",
            fingerprint="invented",
            taken_at=START + timedelta(hours=1),
        )
        store.link_seed(seed.number, CLOCKS.article)
        settle(store)
        late, early = (
            next(c.id for c in store.changes() if (c.from_version, c.to_version) == (0, to)) for to in (1, 2)
        )
    for change, claimed in ((late, False), (early, True)):
        for page in (f"/changes/{change}.html", f"/changes/{change}-side.html"):
            shown = unescape(client(path).get(page).text)
            assert ("Older text: saved copy" in shown) is claimed
            assert ("changed between" in shown.lower()) is claimed
            assert re.search(r"SHA-256 \w{64} \(saved copy\), \w{64} \(version [12]\)", shown)


def test_a_page_is_of_one_moment_whatever_is_written_while_it_is_made(own_database: Path) -> None:
    def compare(store: Store, article: Article, old: str, new: str) -> tuple[Change, Version, Version]:
        with Store.open(own_database) as writer:
            later = replace(content(CLOCKS, CLOCKS.texts[0]), headline="Ein Dorf, das es noch nicht gab")
            writer.record(look(CLOCKS.article, START + timedelta(days=3), later))
        return reading().compare(store, article, old, new)

    served = app(own_database, PORT, dataclasses.replace(reading(), compare=compare))
    asked = TestClient(served, base_url=f"http://127.0.0.1:{PORT}")
    assert "version 4" not in asked.get(f"/articles/{ID}/1..3.html").text
    assert "version 4" in client(own_database).get(f"/articles/{ID}/1..3.html").text


def test_the_versions_of_an_article_can_be_walked_pair_by_pair_in_the_order_of_time(pages: TestClient) -> None:
    page = f"/articles/{ID}/seed..2.html"
    steps = re.search(r'<nav class="steps".*?</nav>', pages.get(page).text, re.DOTALL)
    assert steps
    links = re.findall(r'href="([^"]+)"', steps[0])
    assert "aria-current" not in steps[0], "these two do not stand side by side"
    walked = []
    for link in links:
        text = pages.get(urljoin(page, link)).text
        assert text.count('aria-current="step"') == 1
        walked += re.findall(r'aria-current="step"><b>(.*?)</b>', text)
    assert walked == ["saved copy → version 1", "version 1 → version 2", "version 2 → version 3"]


@pytest.mark.parametrize("pair", ["1..9", "7..1", "seed..9"])
def test_versions_that_are_not_there_are_named(pages: TestClient, pair: str) -> None:
    answer = pages.get(f"/articles/{ID}/{pair}.html")
    assert answer.status_code == 404
    assert "has no version" in answer.text


def test_the_evidence_can_be_checked_against_the_page_as_served(pages: TestClient, newsroom_database: Path) -> None:
    text = pages.get("/changes/2").text
    with Store.open(newsroom_database, write=False) as store:
        versions = [store.version(ID, number) for number in (1, 2)]
        for version in versions:
            assert version is not None
            assert version.body_sha256
            body = store.body(version.body_sha256)
            assert body is not None
            assert hashlib.sha256(body).hexdigest() in text
            capture = store.capture(version.capture or 0)
            assert capture is not None
            assert capture.hash in text
            kept = pages.get(f"/captures/{capture.id}.txt")
            assert kept.headers["content-type"] == "text/plain; charset=utf-8"
            assert kept.headers["content-disposition"].startswith("attachment")
            assert kept.headers["x-content-type-options"] == "nosniff"
            assert body.decode() in kept.text


def test_citations_stand_ready_in_both_languages_on_every_page(pages: TestClient) -> None:
    for path in ("/changes/2", "/de/changes/2", f"/articles/{ID}/1..3.html"):
        text = unescape(pages.get(path).text)
        assert "Deutsche Welle: „" in text
        assert "Deutsche Welle: “" in text
        recorded = path.partition("/articles/")[1] == ""
        assert ("Aufgezeichnet von Zäsur, Änderung 2;" in text) is recorded
        assert ("Recorded by Zäsur, change 2;" in text) is recorded
        assert ("Compared by Zäsur; this pair is not recorded" in text) is not recorded


def test_the_timeline_tells_everything_that_happened_in_order(pages: TestClient) -> None:
    text = re.sub(r"<[^>]+>", "", pages.get(f"/articles/{ID}").text)
    order = ["Saved copy", "Version 1", "Version 2", "Version 3", "Set aside (3 times)", "Gap", "New address"]
    places = [text.index(event) for event in order]
    assert places == sorted(places)
    assert "bot challenge" in text
    assert "It never means that nothing changed" in text
    assert "tarnow-lebt-nach-dem-licht" in text


def test_looks_that_showed_no_text_are_counted_however_many_they_are(own_database: Path) -> None:
    with Store.open(own_database) as store, store.together():
        for minutes in range(250):
            at = START + timedelta(days=5, minutes=minutes)
            store.record(without_text(FERRY.article, at, Outcome.SET_ASIDE, "bot challenge", 200))
    text = client(own_database).get(f"/articles/{FERRY.article.id}.html").text
    assert "250 looks set aside" in text
    assert "(250 times)" in text


def test_the_german_pages_tell_reasons_in_german(pages: TestClient) -> None:
    for page in (f"/de/articles/{ID}", "/de/status"):
        text = pages.get(page).text
        assert "Prüfung, ob ein Mensch fragt" in text
        assert "niemand sah nach: der Dienst lief nicht oder war im Rückstand" in text
        assert "bot challenge" not in text


def test_a_removed_article_is_said_to_be_gone_and_keeps_its_versions(pages: TestClient) -> None:
    text = pages.get(f"/articles/{FERRY.article.id}").text
    assert "The server says that this article is gone" in text
    assert "Version 2" in text
    said = re.sub(r"<[^>]+>", "", text)
    order = [
        "Could not be fetched",
        "Missing once",
        "Gone2 March 2026, 21:00 Berlin (20:00 UTC): gone (status 410): missing since",
    ]
    places = [said.index(event) for event in order]
    assert places == sorted(places)


def test_the_timeline_says_missing_back_read_anew_and_returned_texts_in_both_languages(own_database: Path) -> None:
    with Store.open(own_database) as store:
        for hour, text in enumerate((CLOCKS.texts[0], CLOCKS.texts[1], CLOCKS.texts[0]), 30):
            at = START + timedelta(hours=hour)
            store.record(look(CLOCKS.article, at, content(CLOCKS, text)))
        store.record(without_text(CLOCKS.article, START + timedelta(hours=33), Outcome.GONE, "404", 404))
        assert "a second look must agree" in unescape(client(own_database).get(f"/articles/{ID}").text)
        store.record(look(CLOCKS.article, START + timedelta(hours=34), content(CLOCKS, CLOCKS.texts[0])))
        store.reextracted(ID, 2, content(CLOCKS, CLOCKS.texts[1]), "another program")
        (withdrawn, *_) = store.changes(article=ID)
        store.retell(withdrawn.id, None, summary="", headline="", differ="another", extractor=None)
    reader = client(own_database)
    english, german = (unescape(reader.get(f"{path}/articles/{ID}").text) for path in ("", "/de"))
    assert "At the last look the server had no such page" not in english
    for page, said in (
        (
            english,
            (
                "Missing once",
                "Back again",
                "Version 2 read anew",
                "its text had stood there before",
                "texts take turns",
                f"change {withdrawn.id}: a recomputation found no difference any more",
            ),
        ),
        (
            german,
            (
                "Einmal vermisst",
                "Wieder da",
                "Fassung 2 neu gelesen",
                "ihr Text stand schon",
                "Texte wechseln sich ab",
                f"Änderung {withdrawn.id}: neu berechnet und kein Unterschied mehr gefunden",
            ),
        ),
    ):
        for words in said:
            assert words.casefold() in page.casefold(), words


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_each_article_keeps_its_language_and_direction(pages: TestClient, story: object) -> None:
    article = story.article  # type: ignore[attr-defined]
    text = pages.get(f"/articles/{article.id}").text
    direction = "rtl" if article.language in ("ar", "fa", "ur") else "ltr"
    assert f'<h1 lang="{article.language}" dir="{direction}">' in text
    assert '<html lang="en" dir="ltr">' in text


def test_an_arabic_article_of_another_outlet_reads_from_the_right(own_database: Path) -> None:
    url = "https://example.org/news/1"
    article = Article(id=url, outlet="example.org", url=url, language="")
    with Store.open(own_database) as store:
        for hour, text in enumerate(WELL.texts):
            store.record(look(article, START + timedelta(hours=hour), replace(content(WELL, text), language="")))
        settle(store)
        (change,) = store.changes(article=url)
    asked = client(own_database)
    for path in ("/lists/everything.html", f"/changes/{change.id}.html", f"/changes/{change.id}-side.html"):
        shown = asked.get(path).text
        assert 'lang="" dir="rtl">' in shown
        assert 'lang="" dir="ltr">' not in shown


def test_both_languages_have_addresses_of_their_own(pages: TestClient) -> None:
    assert '<html lang="de"' in pages.get("/de/changes/2").text
    assert 'href="../de/changes/2.html"' in pages.get("/changes/2").text
    assert 'href="../../changes/2.html"' in pages.get("/de/changes/2").text
    assert pages.get("/changes/2?lang=de", follow_redirects=False).headers["location"] == "/de/changes/2.html"


@pytest.mark.parametrize(
    "path",
    ["/de//evil.example?lang=en", "/de///evil.example/?lang=en&x=1", "/de//\\evil.example?lang=en", "//x?lang=de"],
)
def test_the_way_to_the_other_language_leads_to_no_other_server(pages: TestClient, path: str) -> None:
    there = pages.get(path, follow_redirects=False).headers["location"]
    assert urljoin("http://127.0.0.1:8730/", there).startswith("http://127.0.0.1:8730/")
    assert not there.startswith("//")


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", ""])
def test_versions_that_are_no_numbers_are_said_to_be_none(pages: TestClient, number: str) -> None:
    asked = pages.get(f"/articles/{ID}/compare", params={"from": number, "to": "1"})
    assert (asked.status_code, "no such pair of versions" in asked.text) == (404, True)


def test_only_the_change_with_a_note_is_called_noted(pages: TestClient) -> None:
    noted = [entry for entry in pages.get("/").text.split("<li ")[1:] if "a note was found" in entry]
    assert ["Night ferry" in entry for entry in noted] == [True]


def test_figures_come_with_what_they_rest_on_and_a_table(pages: TestClient) -> None:
    text = pages.get("/outlets/dw").text
    assert text.count('<svg class="chart"') == 4
    assert text.count("<table>") == 4
    assert "Of 9 articles looked at twice or more, out of 9 seen." in text
    assert "88.9%" in text
    assert "56.5% – 98.0%" in text, "Wilson's interval for 8 of 9"


def test_pages_say_how_closely_an_article_was_watched_and_how_far_the_plan_was_kept(own_database: Path) -> None:
    reader = client(own_database)
    text = unescape(reader.get(f"/articles/{ID}").text)
    assert "9 looks, 6 of which showed the text. The longest time between two of these: 2 hours." in text
    assert "3 looks set aside, 0 looks failed, 1 gap." in text
    assert "No look was planned here" in reader.get("/outlets/dw").text
    with Store.open(own_database) as store:
        seen = PlannedLook(outlet="dw", at=START, seen=True, late=False, missed=0.25)
        store.count_looks([seen, replace(seen, seen=False, missed=0.0)])
    for page, said in (
        ("/outlets/dw", "2 planned looks, 50.0% of which showed the text in time. By the learned rates, 0.25 edits"),
        ("/de/status", "2 geplante Abrufe, davon zeigten 50,0 % den Text rechtzeitig. Nach den gelernten Raten"),
    ):
        assert said in unescape(reader.get(page).text).replace("\xa0", " ")


def test_status_names_failures_gaps_and_reasons(pages: TestClient) -> None:
    text = pages.get("/status").text
    for said in (
        "3 looks set aside",
        "1 look failed",
        "1 gap",
        "bot challenge",
        "no complete answer in time",
        "the server answers 410",
    ):
        assert said in text, said


def test_the_share_picture_is_a_picture_of_the_right_size(pages: TestClient) -> None:
    from io import BytesIO

    from PIL import Image

    for id in (2, 7, 8, 9, 10, 11, 12):
        picture = Image.open(BytesIO(pages.get(f"/share/{id}.png").content))
        assert picture.size == (1200, 630)
        assert len(picture.convert("RGB").getcolors(1200 * 630) or []) > 10, "something is drawn"
    assert 'property="og:image:alt"' in pages.get("/changes/2").text


@pytest.mark.parametrize(
    "path",
    [
        "/changes/99999999999999999999999.html",
        "/changes/-1.html",
        "/changes/٣.html",
        "/lists/everything-after-99999999999999999999.html",
        "/articles/a-71703301/1..99999999999999999999.html",
        "/captures/99999999999999999.txt",
        "/share/99999999999999999.png",
        "/outlets/nobody.html",
        "/articles/%00.html",
        "/../../etc/passwd",
        "/de/de/index.html",
        "/" + "a" * 5000,
    ],
)
def test_an_address_that_is_none_is_said_to_be_none(pages: TestClient, path: str) -> None:
    assert pages.get(path).status_code == 404


@pytest.mark.parametrize(("path", "status"), [("/de/changes/999.html", 404), ("/de/search.html?weight=heavy", 400)])
def test_a_person_is_told_in_a_page_with_a_way_back_and_a_program_in_a_line(
    pages: TestClient, path: str, status: int
) -> None:
    person = pages.get(path, headers={"Accept": "text/html,*/*"})
    assert person.status_code == status
    assert "Zu allen Änderungen" in person.text
    program = pages.get(path)
    assert (program.status_code, program.text.count("\n")) == (status, 1)


def test_a_page_that_does_not_come_out_any_more_hides_nothing_else_of_its_article(own_database: Path) -> None:
    connection = sqlite3.connect(own_database)
    connection.execute("DROP TRIGGER bodies_no_UPDATE")
    connection.execute("UPDATE bodies SET zstd = X'00'")
    (capture,) = connection.execute("SELECT MAX(capture) FROM versions WHERE article = 'a-71703302'").fetchone()
    connection.commit()
    connection.close()
    pages = client(own_database)
    assert "Night ferry returns" in pages.get("/articles/a-71703302.html").text
    answer = pages.get(f"/captures/{capture}.txt")
    assert answer.status_code == 200
    assert "cannot be unpacked" in answer.text


def test_a_change_that_was_withdrawn_says_so_on_its_page_and_has_no_picture_to_share(own_database: Path) -> None:
    withdrawn = latest(own_database)
    with Store.open(own_database) as store:
        store.retell(withdrawn, None, summary="", headline="", differ="another", extractor=None)
    asked = client(own_database)
    for path, words in (
        (f"/changes/{withdrawn}.html", "Withdrawn on "),
        (f"/de/changes/{withdrawn}-side.html", "Zurückgezogen am "),
    ):
        answer = asked.get(path)
        assert (answer.status_code, words in answer.text) == (200, True)
        assert f"share/{withdrawn}.png" not in answer.text
        assert re.search(r'id="cite-en"[^>]*>[^<]*Withdrawn on ', answer.text)
    assert asked.get(f"/share/{withdrawn}.png").status_code == 404
    with Store.open(own_database, write=False) as store:
        change, article = store.change(withdrawn), store.article(ID)
        assert change is not None
        assert article is not None
        old, new = (store.version(ID, number) for number in (change.from_version, change.to_version))
        assert old is not None
        assert new is not None
        assert "Withdrawn on " in report(change, old, new, article, "en", store)
