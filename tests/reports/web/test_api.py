"""The API does what its description says, and the description is a valid one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from reports.data import iso
from reports.web import app
from reports.web.openapi import description
from scheduler.cli.show import show
from scheduler.showing import reading
from storage import Store
from tests.reports.web.conftest import PORT, client

HOST = {"Host": f"127.0.0.1:{PORT}"}


@pytest.mark.parametrize("label", [f"GET {path}" for path in description()["paths"] if "openapi" not in path])
def test_every_answer_is_as_described_whatever_is_asked(newsroom_database: Path, label: str) -> None:
    served = app(newsroom_database, PORT, reading())
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", served, headers=HOST)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    operation = next(found for found in operations if found.label == label)

    @given(case=operation.as_strategy())
    @settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=HOST)

    ask()


def test_the_description_is_openapi_3_1() -> None:
    validate(description())
    assert description()["openapi"].startswith("3.1")


def test_every_address_below_api_is_described(pages: TestClient) -> None:
    described = set(pages.get("/api/openapi.json").json()["paths"])
    served = {route.path for route in pages.app.routes if route.path.startswith("/api")}  # type: ignore[attr-defined]
    assert described == served


def test_all_changes_are_reached_by_following_the_links(pages: TestClient, newsroom_database: Path) -> None:
    address, found = "/api/changes?limit=4", []
    while address:
        answer = pages.get(address)
        found += [row["id"] for row in answer.json()]
        following = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        address = following[1] if following else ""
    with Store.open(newsroom_database, write=False) as store:
        assert found == [change.id for change in store.changes()]


@pytest.mark.parametrize("query", ["limit=0", "limit=5000", "limit=x", "after=-1", "colour=red", "kind=x"])
def test_a_bad_question_is_answered_with_the_problem(pages: TestClient, query: str) -> None:
    answer = pages.get(f"/api/changes?{query}")
    assert answer.status_code == 400
    assert answer.json()["problem"]


def test_an_article_comes_with_versions_changes_and_gaps(pages: TestClient) -> None:
    row = pages.get("/api/articles/a-71703301").json()
    assert [version["version"] for version in row["versions"]] == [0, 1, 2, 3]
    assert row["gaps"][0]["reason"] == "nobody looked: the service was not running, or behind"
    assert len(row["changes"]) == 5


def test_a_withdrawn_change_says_so(own_database: Path) -> None:
    with Store.open(own_database) as store:
        store.retell(2, None, summary="", headline="", differ="another", extractor=None)
        change = store.change(2)
    assert change is not None
    asked = client(own_database)
    assert asked.get("/api/changes/2").json()["withdrawn"] == iso(change.withdrawn)
    assert "withdrawn" not in asked.get("/api/changes/1").json()
    shown = CliRunner().invoke(show, ["2", "--json", "--db", str(own_database)], catch_exceptions=False)
    assert json.loads(shown.output)["withdrawn"] == iso(change.withdrawn)
