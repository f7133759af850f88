"""The data set: one description that fits the columns there are, safe cells, the same bytes each time, whole or not there."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from reports.dataset import TABLES, export, guarded
from storage import Store
from storage.errors import UserError
from storage.ledger import VIEWS
from tests.scheduler.newsdesk import publish

ROOT = Path(__file__).parents[2]
TEXTS = ("Von 412 waren 287 dafür.", "Von 412 waren 278 dafür.")
FORMULAS = ('=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\tx")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "z.db"
    publish(path, *TEXTS)
    for number, headline in enumerate(FORMULAS, 71703401):
        publish(path, *TEXTS, number=number, headline=headline)
    return path


def test_the_description_names_exactly_the_columns_there_are(path: Path) -> None:
    with Store.open(path, write=False) as store:
        for table in TABLES:
            assert list(table.columns) == store.view_columns(table.view)
    assert {table.view for table in TABLES} == set(VIEWS)


def test_the_documentation_is_the_description() -> None:
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for table in TABLES:
        lines = [f"## {table.view}", "", f"A row is {table.row}.", "", "| column | meaning |", "|---|---|"]
        lines += [f"| {column} | {meaning} |" for column, meaning in table.columns.items()]
        assert "\n".join(lines) in text


def test_the_same_records_give_the_same_bytes_and_every_digest_is_right(path: Path, tmp_path: Path) -> None:
    with Store.open(path, write=False) as store:
        for name in ("one", "two"):
            counts = export(store, tmp_path / name, "1")
    assert counts["changes"] == 1 + len(FORMULAS)
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    for line in one["SHA256SUMS"].decode().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(one[name]).hexdigest() == digest
    assert len(one["SHA256SUMS"].splitlines()) == len(one) - 1
    assert (
        "edits expected to be missed" in one["README.md"].decode() or "No look was planned" in one["README.md"].decode()
    )


def test_csv_and_json_lines_say_the_same_and_no_cell_is_a_formula(path: Path, tmp_path: Path) -> None:
    with Store.open(path, write=False) as store:
        export(store, tmp_path / "out", "1")
    for table in TABLES:
        with (tmp_path / "out" / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            cells = list(csv.DictReader(file, strict=True))
        rows = [json.loads(line) for line in (tmp_path / "out" / f"{table.name}.jsonl").read_text("utf-8").splitlines()]
        assert [list(row) for row in rows] == [list(table.columns)] * len(cells)
        for cell, row in zip(cells, rows, strict=True):
            assert {name: "" if value is None else str(guarded(value)) for name, value in row.items()} == cell
            assert not any(
                value.startswith(("=", "+", "-", "@", "\t")) and not value[1:].isdigit() for value in cell.values()
            )
    raw = (tmp_path / "out" / "changes.csv").read_bytes()
    assert raw.count(b"\r\n") == 2 + len(FORMULAS)
    headlines = {
        json.loads(line)["headline"] for line in (tmp_path / "out" / "changes.jsonl").read_text("utf-8").splitlines()
    }
    assert set(FORMULAS) - {"\tx"} <= headlines


@given(st.text(max_size=20))
def test_a_guarded_cell_can_be_read_back(text: str) -> None:
    cell = str(guarded(text))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text in (cell, cell.removeprefix("'"))


def test_an_existing_folder_is_left_alone_and_a_failure_leaves_nothing(path: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "file").touch()
    with Store.open(path, write=False) as store:
        with pytest.raises(UserError, match="exists already"):
            export(store, tmp_path / "out", "1")
        with pytest.raises(UserError, match="cannot be written"):
            export(store, tmp_path / "file" / "out", "1")
    assert list((tmp_path / "out").iterdir()) == []
    assert not [name for name in tmp_path.iterdir() if ".part" in name.name]


def queries() -> dict[str, str]:
    text = (ROOT / "docs" / "queries.sql").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n\n"):
        title, _, sql = part.strip().partition("\n")
        found[title.removeprefix("-- ")] = sql
    return found


@pytest.fixture
def filled(path: Path) -> Path:
    """With a row in the tables that the newsroom's tests leave empty."""
    db = Database(f"{path}")
    db.execute("INSERT INTO asked VALUES ('dw.com', '2026-03-02', '200', 3)")
    db.execute("INSERT INTO plan_days VALUES ('dw', '2026-03-02', 8, 1, 2, 0.25)")
    db.execute(
        "INSERT INTO gaps(article, since, until, reason) VALUES ('a-71703301', '2026-03-02T08:00:00Z', '2026-03-02T10:00:00Z', 'x')"
    )
    db.conn.commit()
    db.close()
    return path


def answered(question: str, rows: list[dict[str, Any]]) -> None:
    """Rows came back, where the records hold any for that question, and those of the plan are right."""
    assert rows or "set aside" in question or "published" in queries()[question], question
    if "plan kept" in question:
        assert rows[0]["kept"] == 0.7


@pytest.mark.parametrize("question", queries())
def test_every_ready_query_runs_with_sqlite_utils(filled: Path, question: str) -> None:
    db = Database(f"{filled}")
    rows = list(db.query(queries()[question].rstrip(";")))
    db.close()
    answered(question, rows)


@pytest.mark.parametrize("served", ["files", "immutables"])
def test_every_ready_query_runs_in_datasette_served_live_or_as_a_finished_file(filled: Path, served: str) -> None:
    async def ask() -> None:
        datasette = Datasette(**{served: [str(filled)]})
        for question, sql in queries().items():
            answer = await datasette.client.get("/z.json", params={"sql": sql, "_shape": "array"})
            assert answer.status_code == 200, answer.text
            answered(question, answer.json())
        for table in TABLES:
            page = await datasette.client.get(f"/z/{table.view}")
            assert page.status_code == 200, table.view

    asyncio.run(ask())


def test_a_ready_query_runs_from_the_sqlite_utils_command_line(path: Path) -> None:
    sql = queries()["Which substantive changes carry no note, newest first?"]
    run = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "query", str(path), sql], capture_output=True, text=True, check=True
    )
    assert len(json.loads(run.stdout)) == 1 + len(FORMULAS)
