"""What an article says stays text in what leaves by mail, by webhook and as a table: sent for real, and read back where it arrives.

Each of the hundred payloads is an article's headline and paragraph. Mails and posts go through the process that sends them to
servers on loopback; the mails are opened in a real Chromium, also with their policy ignored, and with the escaping taken away.
"""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page

from reports import notifications
from reports.dataset import TABLES, export, guarded
from reports.notifications import Told
from reports.views import shown
from scheduler.configuration import Channel
from scheduler.notifying import Sender, in_all_forms
from storage import Store
from storage.reviews import record_mark
from storage.types import Change, Verdict
from tests.reports.payloads import PAYLOADS, SIGN
from tests.scheduler.newsdesk import mailbox, posts, publish

WRITTEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OLD = "Von 412 waren 287 dafür."
HEADERS = {
    "host",
    "accept-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "idempotency-key",
}


@dataclass
class Arrived:
    """What arrived of a payload's change, each in the order of the payloads."""

    changes: list[Change]
    mails: list[EmailMessage]
    requests: list[tuple[str, dict[str, str], bytes]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article for each payload."""
    path = tmp_path_factory.mktemp("messages") / "z.db"
    for number, payload in enumerate(PAYLOADS, 71704000):
        (change,) = publish(path, OLD, f"Von 412 waren 278 dafür. {payload}", number=number, headline=payload)
        record_mark(path, change.id, Verdict.EXPLAINED, payload[:150], payload)
        with Store.open(path) as store:
            store.add_gap(change.article, WRITTEN, WRITTEN + timedelta(hours=1), payload)
    return path


@pytest.fixture(scope="module")
def arrived(database: Path) -> Iterator[Arrived]:
    """All of them sent by mail and by webhook, each in a message of its own."""
    with Store.open(database, write=False) as store:
        changes = store.changes()
    changes.sort(key=lambda change: change.article)
    with mailbox() as box, posts() as web, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", "topsecret")
        patch.setenv("ZAESUR_ALLOW_HOSTS", f"127.0.0.1:{box.port},127.0.0.1:{web.port}")
        query = "from=zaesur@example.org&to=desk@example.org&mode=insecure"
        channels = (
            Channel(url=f"mailto://127.0.0.1:{box.port}/?{query}"),
            Channel(webhook=f"http://127.0.0.1:{web.port}/hook", secret="${HOOK}"),
        )
        assert asyncio.run(_send(channels, changes)) == []
        yield Arrived(changes=changes, mails=box.mails, requests=web.requests)


async def _send(channels: tuple[Channel, ...], changes: list[Change]) -> list[str]:
    """What did not arrive, and why."""
    problems = []
    async with Sender() as sender:
        for change in changes:
            for channel in channels:
                problem = await sender.send(channel, in_all_forms(_told(change), f"key-{change.id}", WRITTEN))
                problems += [problem] if problem else []
    return problems


def _told(change: Change) -> Told:
    return Told(changes=(change,), reports="https://reports.example")


def _opened(page: Page, file: Path, html: str) -> list[str]:
    """Open a mail's page; what it asked for beside itself, and a word when something of it ran."""
    file.write_text(html, encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # what the policy stopped was never sent, but is told of all the same
    page.on("requestfailed", lambda request: asked.remove(request.url) if request.failure == "csp" else None)
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    if page.evaluate("document.documentElement.dataset.owned") is not None:
        asked.append("something ran")
    return [url for url in asked if url != file.as_uri()]


def _html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_every_message_arrived_with_the_headers_it_was_given_and_no_other(arrived: Arrived) -> None:
    assert len(arrived.mails) == len(arrived.requests) == len(PAYLOADS) >= 100
    for payload, mail in zip(PAYLOADS, arrived.mails, strict=True):
        names = [name.lower() for name in mail]
        assert len(names) == len(set(names))
        assert set(names) <= {
            "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type", "x-peer",
        }, payload  # fmt: skip
        assert (mail["from"], mail["to"]) == ("Zäsur <zaesur@example.org>", "desk@example.org")
        assert shown(" ".join(payload.split()))[:40].split()[0] in mail["subject"]
        assert not any(ord(character) < 32 for character in mail["subject"])


def test_a_mail_says_the_payload_as_text_in_both_its_parts(arrived: Arrived) -> None:
    for change, mail in zip(arrived.changes, arrived.mails, strict=True):
        text = mail.get_body(("plain",))
        assert text is not None
        assert shown(change.headline) in text.get_content().replace("\r\n", "\n")
        root = etree.HTML(_html(mail))
        assert root.findtext(".//h1") == shown(change.headline)
        assert {e.tag for e in root.iter(etree.Element)} <= {
            "html", "head", "meta", "title", "body", "div", "h1", "p", "strong", "span", "a", "br",
        }  # fmt: skip
        (link,) = root.iter("a")
        assert link.get("href") == f"https://reports.example/changes/{change.id}.html"


@pytest.mark.browser
@pytest.mark.parametrize("without_policy", [False, True], ids=["with the policy", "without the policy"])
def test_nothing_in_a_mail_runs_or_is_asked_for(
    chromium: Browser, arrived: Arrived, tmp_path: Path, without_policy: bool
) -> None:
    with chromium.new_context(bypass_csp=without_policy) as context:
        for payload, mail in zip(PAYLOADS, arrived.mails, strict=True):
            page = context.new_page()
            assert _opened(page, tmp_path / "mail.html", _html(mail)) == [], payload
            page.close()


@pytest.mark.browser
def test_with_the_escaping_taken_away_the_policy_of_a_mail_alone_stops_every_payload(
    chromium: Browser, arrived: Arrived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = notifications._environment.__wrapped__()
    raw.autoescape = False
    monkeypatch.setattr(notifications, "_environment", lambda: raw)
    with chromium.new_context() as guarded_context, chromium.new_context(bypass_csp=True) as open_context:
        ran = 0
        for payload, change in zip(PAYLOADS, arrived.changes, strict=True):
            if "<" not in payload or "http-equiv" in payload:  # what moves the page away itself is not a script
                continue
            html = notifications.mail(_told(change))
            page, unguarded = guarded_context.new_page(), open_context.new_page()
            assert _opened(page, tmp_path / "mail.html", html) == [], payload
            ran += "something ran" in _opened(unguarded, tmp_path / "mail.html", html)
            page.close()
            unguarded.close()
        assert ran > 10, "else this would prove nothing"


def test_a_webhook_gets_exactly_what_was_recorded_and_no_header_of_a_pages_making(arrived: Arrived) -> None:
    for payload, change, (path, headers, body) in zip(PAYLOADS, arrived.changes, arrived.requests, strict=True):
        assert path == "/hook"
        assert set(headers) <= HEADERS
        assert headers["webhook-id"] == f"key-{change.id}"
        assert not any(payload.strip() in value for value in headers.values())
        posted: dict[str, Any] = json.loads(body)
        assert posted == json.loads(
            json.dumps(notifications.payload(_told(change), f"key-{change.id}", WRITTEN.isoformat()))
        )
        assert posted["changes"][0]["headline"] == payload
        assert any(payload in (edit["new"] or "") for edit in posted["changes"][0]["edits"])
        assert SIGN not in posted["changes"][0]["report"]


def test_a_table_holds_each_payload_in_its_cell_and_no_cell_is_a_formula(database: Path, tmp_path: Path) -> None:
    with Store.open(database, write=False) as store:
        export(store, tmp_path / "out", "1")
    met = set()
    for table in TABLES:
        with (tmp_path / "out" / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            sheet = list(csv.DictReader(file, strict=True))
        rows = [json.loads(line) for line in (tmp_path / "out" / f"{table.name}.jsonl").read_bytes().splitlines()]
        for cells, row in zip(sheet, rows, strict=True):
            assert cells == {name: "" if value is None else str(guarded(value)) for name, value in row.items()}
            met |= {(table.name, name, value) for name, value in row.items()}
            numbers = {name for name, value in row.items() if isinstance(value, int | float)}
            for name in set(cells) - numbers:
                assert not cells[name].startswith(("=", "+", "-", "@", "\t", "\r")), (table.name, name)
    for payload in PAYLOADS:
        for place in (("articles", "headline"), ("changes", "headline"), ("gaps", "reason")):
            assert (*place, payload) in met, (place, payload)
        assert ("changes", "verdict_note", payload.strip()) in met, payload
