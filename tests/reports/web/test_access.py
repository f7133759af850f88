"""Who is answered: our own name, the token where exposed, and nobody else's forms."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from reports.web import Exposure
from scheduler.cli.review import review
from scheduler.cli.serve import serve
from storage import Store
from storage.errors import UserError
from storage.reviews import record_mark
from storage.types import Verdict
from tests.reports.web.conftest import client

TOKEN = "correct-horse-battery"
FORM = {"verdict": "explained", "who": "M. Lindqvist", "note": "Agentur hat korrigiert <b>."}


@pytest.fixture
def exposed(newsroom_database: Path) -> TestClient:
    return client(newsroom_database, exposure=Exposure(hosts=("reports.example.org",), token=TOKEN))


@pytest.mark.parametrize(
    "path", ["/", "/changes/2", "/api/changes", "/feeds/inbox.atom", "/captures/1.txt", "/style.css"]
)
def test_exposed_reports_open_to_the_token_only(exposed: TestClient, path: str) -> None:
    for header in (
        None,
        "Bearer wrong",
        "Bearer ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"user:wrong").decode(),
        "Basic " + base64.b64encode(b"user:\xff").decode(),
        "Basic für",
        "Bearer für",
        TOKEN,
    ):
        answer = exposed.get(path, headers={b"Authorization": header.encode("latin-1")} if header else {})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert "Tarnow" not in answer.text
    assert exposed.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert exposed.get(path, auth=("anyone", TOKEN)).status_code == 200


def test_exposed_reports_answer_to_the_names_given_and_to_no_other(exposed: TestClient) -> None:
    def ask(host: str) -> int:
        return exposed.get("/", headers={"Host": host, "Authorization": f"Bearer {TOKEN}"}).status_code

    assert ask("reports.example.org") == 200
    assert ask("evil.example") == 421
    assert ask("reports.example.org.evil.example") == 421


def test_serving_to_others_without_a_token_is_refused_in_one_line(newsroom_database: Path) -> None:
    for token in ("", "short"):
        result = CliRunner().invoke(
            serve, ["--expose", "192.0.2.1", "--db", str(newsroom_database)], env={"ZAESUR_TOKEN": token}
        )
        assert isinstance(result.exception, UserError)
        assert "ZAESUR_TOKEN" in str(result.exception)


def test_an_editor_marks_a_change_and_the_mark_stands_beside_the_evidence(own_database: Path) -> None:
    editor = client(own_database, review=True)
    assert '<form class="filters review" method="post" action="../review/2">' in editor.get("/changes/2").text
    answer = editor.post("/review/2", data={**FORM, "lang": "de"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/changes/2.html#review")
    page = editor.get("/de/changes/2").text
    assert "<b>erklärt</b>, M. Lindqvist" in page
    assert "Agentur hat korrigiert &lt;b&gt;." in page
    assert editor.get("/api/changes/2").json()["review"]["verdict"] == "explained"
    with Store.open(own_database, write=False) as store:
        assert list(store.verify_chain()) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8730"},
    ],
)
def test_no_other_site_can_mark(own_database: Path, headers: dict[str, str]) -> None:
    editor = client(own_database, review=True)
    assert editor.post("/review/2", data=FORM, headers=headers).status_code == 403
    with Store.open(own_database, write=False) as store:
        assert store.reviews() == []


def test_without_leave_to_review_nothing_can_be_written(own_database: Path) -> None:
    reader = client(own_database)
    assert '<form class="filters review"' not in reader.get("/changes/2").text
    assert reader.post("/review/2", data=FORM).status_code == 405
    with Store.open(own_database, write=False) as store:
        assert store.reviews() == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({**FORM, "who": " "}, 400),
        ({**FORM, "verdict": "wrong"}, 400),
        ({**FORM, "note": "x" * 5000}, 400),
        ({**FORM, "note": "x" * 90_000}, 413),
        ({}, 400),
    ],
)
def test_a_bad_mark_is_refused_and_nothing_recorded(own_database: Path, form: dict[str, str], status: int) -> None:
    assert client(own_database, review=True).post("/review/2", data=form).status_code == status
    with Store.open(own_database, write=False) as store:
        assert store.reviews() == []


def test_marks_are_written_while_the_service_holds_the_database(own_database: Path) -> None:
    with Store.open(own_database) as service:
        record_mark(own_database, 2, Verdict.CONFIRMED, "M. L.")
        assert [mark.verdict for mark in service.reviews(2)] == [Verdict.CONFIRMED]


def test_marks_on_the_command_line(own_database: Path) -> None:
    run = CliRunner()
    arguments = ["--db", str(own_database)]
    made = run.invoke(
        review, ["3", "--as", "confirmed", "--note", "by telephone", "--who", "M. L.", "--json", *arguments]
    )
    assert '"verdict": "confirmed"' in made.output
    listed = run.invoke(review, arguments)
    assert "confirmed  M. L." in listed.output
    assert "by telephone" in listed.output
    unknown = run.invoke(review, ["999", "--as", "confirmed", "--who", "x", *arguments])
    assert isinstance(unknown.exception, UserError)
    nameless = run.invoke(review, ["3", "--as", "confirmed", *arguments], env={"ZAESUR_WHO": ""})
    assert isinstance(nameless.exception, UserError)
