"""What matters is found: sorted, filtered, folded, counted, page by page, and new since the last visit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from reports.site import lists
from reports.web import visits
from scheduler.comparing import compared
from scheduler.comparing import told as beside
from storage import Store
from storage.listing import Wanted
from storage.reviews import record_mark
from storage.types import Disclosure, Kind, Verdict, Weight
from tests.reports.newsroom import CLOCKS, FERRY, START, STORIES, WELL, content, look
from tests.reports.web.conftest import client

_ENTRY = re.compile(r'<li class="entry (\w+)" id="change-(\d+)">')


def entries(pages: TestClient, address: str) -> list[int]:
    answer = pages.get(address)
    assert answer.status_code == 200, answer.text
    return [int(id) for _, id in _ENTRY.findall(answer.text)]


def all_changes(path: Path) -> list[int]:
    with Store.open(path, write=False) as store:
        return [change.id for change in store.changes()]


def test_the_inbox_is_sorted_by_what_matters_and_folds_the_cosmetic(pages: TestClient, newsroom_database: Path) -> None:
    with Store.open(newsroom_database, write=False) as store:
        changes = store.changes()
    shown = [change.id for change in changes if change.assessment.weight > Weight.COSMETIC]
    assert entries(pages, "/") == shown
    assert len(shown) == len(changes) - 1
    assert "1 cosmetic change folded" in pages.get("/").text
    assert "1 kosmetische Änderung eingeklappt" in pages.get("/de/").text
    assert len(entries(pages, "/lists/cosmetic.html")) == 1
    assert entries(pages, "/lists/everything.html") == [change.id for change in changes]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("weight=substantive", lambda c: c.assessment.weight is Weight.SUBSTANTIVE),
        ("weight=cosmetic", lambda c: True),
        ("kind=headline", lambda c: Kind.HEADLINE in c.assessment.kinds),
        ("disclosure=noted", lambda c: c.assessment.disclosure is Disclosure.NOTED),
        ("outlet=dw", lambda c: True),
        ("outlet=nobody", lambda c: False),
        ("language=ar", lambda c: c.language == "ar"),
        ("section=Science", lambda c: c.article == FERRY.article.id),
        ("section=مجتمع", lambda c: c.article == WELL.article.id),
        ("baseline=seed", lambda c: c.baseline == "seed"),
        ("article=a-71703301", lambda c: c.article == CLOCKS.article.id),
        ("since=2026-03-02T13:00Z", lambda c: c.observed_by >= START + timedelta(hours=5)),
        ("until=2026-03-02T12:00Z", lambda c: c.observed_by < START + timedelta(hours=4)),
        ("since=2026-03-02&until=2026-03-02", lambda c: True),
        ("until=2026-03-01", lambda c: False),
        ("search=15.000 euro", lambda c: "15.000 euro" in _words(c)),
        ("search=KEINE EINZIGE", lambda c: "keine einzige" in _words(c)),
        ("search=Bürgermeisterin Mara", lambda c: False),
        ("language=de&weight=substantive&disclosure=silent&kind=number", lambda c: c.language == "de" and Kind.NUMBER in c.assessment.kinds),
    ],
)  # fmt: skip
def test_every_filter_selects_what_it_says_and_nothing_else(
    pages: TestClient, newsroom_database: Path, query: str, matches: Callable[[object], bool]
) -> None:
    with Store.open(newsroom_database, write=False) as store:
        everything = store.changes()
    weight = Weight.COSMETIC if "weight=cosmetic" in query else Weight.EDITORIAL
    expected = [change.id for change in everything if matches(change)]
    assert entries(pages, f"/search.html?{query}") == [
        change.id for change in everything if change.id in expected and change.assessment.weight >= weight
    ]
    assert [row["id"] for row in pages.get(f"/api/changes?{query}").json()] == expected


def _words(change: SimpleNamespace) -> str:
    edits = change.assessment.diff.edits
    return "\n".join(span.text for edit in edits for span in edit.spans if span.op != "keep").casefold()


@pytest.mark.parametrize("query", ["weight=heavy", "kind=?", "since=yesterday", "until=2026-99-99", "review=maybe"])
def test_a_filter_that_is_none_is_named_and_the_right_ones_too(pages: TestClient, query: str) -> None:
    answer = pages.get(f"/search.html?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.text
    assert "it can be" in answer.text


def test_following_the_pages_shows_every_change_once(
    pages: TestClient, newsroom_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    address, found = "/lists/everything.html", []
    while address:
        text = pages.get(address).text
        found += [int(id) for _, id in _ENTRY.findall(text)]
        following = re.search(r'<link rel="next" href="([^"]+)">', text)
        address = f"/lists/{following[1]}" if following else ""
    assert found == all_changes(newsroom_database)


def test_a_later_page_stays_the_same_when_something_new_is_recorded(own_database: Path) -> None:
    with Store.open(own_database, write=False) as store:
        order = [change.id for change in store.listed(Wanted())]
        rest = [change.id for change in store.listed(Wanted(), after=order[3])]
    assert rest == order[4:]


def test_the_rest_is_reached_though_the_last_change_of_a_page_was_withdrawn(own_database: Path) -> None:
    with Store.open(own_database) as store:
        order = [change.id for change in store.listed(Wanted())]
        store.retell(order[3], None, summary="", headline="", differ="another", extractor=None)
        assert [change.id for change in store.listed(Wanted(), after=order[3])] == order[4:]
    answer = client(own_database).get("/api/changes", params={"after": order[3]})
    assert [row["id"] for row in answer.json()] == order[4:]


def test_the_list_has_every_change_of_the_evidence(newsroom_database: Path) -> None:
    with Store.open(newsroom_database, write=False) as store:
        assert {change.id for change in store.listed(Wanted(), limit=1000)} == {change.id for change in store.changes()}
        assert sum(store.tally(Wanted()).values()) == len(store.changes())
        assert store.languages() == sorted({story.language for story in STORIES})


def test_new_since_i_last_looked_is_remembered_by_the_browser_alone(
    own_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = client(own_database)
    moment = START + timedelta(days=10)
    monkeypatch.setattr(visits, "now", lambda: moment)
    assert "new since" not in reader.get("/").text
    place = reader.cookies[visits.NAME]
    before = re.sub(r"\.(\d+)\.(\d+)$", r".3.\2", place)
    reader.cookies.clear()
    reader.cookies.set(visits.NAME, before, domain="127.0.0.1")
    moment = START + timedelta(days=11)
    text = reader.get("/").text
    assert "9 new since 12 Mar 2026" in text
    assert "9 new since" in reader.get("/").text, "reloading keeps them new"
    assert min(entries(reader, "/search.html?new=1")) > 3
    moment = START + timedelta(days=12)
    assert "new since" not in reader.get("/").text, "and the next visit begins where this one ended"


def test_as_many_are_called_new_as_the_list_of_new_ones_shows(own_database: Path) -> None:
    """An article that goes back and forth is told of three times and then folded."""
    with Store.open(own_database) as store:
        seen = store.newest_change()
        for hour in range(8):
            text = content(FERRY, FERRY.texts[hour % 2])
            store.record(look(FERRY.article, START + timedelta(days=3, hours=hour), text))
        for owed in store.owed():
            old, new = store.version(owed.article, owed.old), store.version(owed.article, owed.new)
            assert old is not None
            assert new is not None
            returned = store.returns(owed.article).get(owed.new)
            assessment = compared(store, owed, old, new, returned)
            told = beside(assessment, new, returned)
            store.settle(owed, assessment, observed_after=old.last_seen, observed_by=new.first_seen, **told)
        assert len(store.changes(folded=True)) < len(store.changes())
    moment = int(START.timestamp())
    reader = client(own_database)
    reader.cookies.set(visits.NAME, f"{seen}.{moment}.{seen}.{moment}", domain="127.0.0.1")
    (number,) = re.findall(r"(\d+) new since", reader.get("/").text)
    assert int(number) == len(entries(reader, "/search.html?new=1"))


@pytest.mark.parametrize("cookie", ["", "x", "1.2.3", "9" * 40, "1.2.3.4.5", "-1.0.1.1", "1.99999999999.1.99999999999"])
def test_a_cookie_that_is_none_of_ours_is_a_first_visit(pages: TestClient, cookie: str) -> None:
    answer = pages.get("/", headers={"Cookie": f"{visits.NAME}={cookie}"})
    assert answer.status_code == 200
    assert "new since" not in answer.text


def test_marks_can_be_filtered(own_database: Path) -> None:
    record_mark(own_database, 3, Verdict.CONFIRMED, "M. L.")
    record_mark(own_database, 4, Verdict.CONFIRMED, "M. L.")
    record_mark(own_database, 4, Verdict.OPEN, "M. L.", "too early")
    reader = client(own_database)
    assert entries(reader, "/search.html?review=confirmed") == [3]
    assert 3 not in entries(reader, "/search.html?review=open")
    assert 4 in entries(reader, "/search.html?review=open")
    assert entries(reader, "/search.html?review=explained") == []


def test_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Store.open(path).close()
    reader = client(path)
    assert "zaesur watch add" in reader.get("/").text
    for page in (
        "/status",
        "/help",
        "/lists/everything.html",
        "/feeds/everything.atom",
        "/feeds/inbox.json",
        "/api/changes",
    ):
        assert reader.get(page).status_code == 200, page
