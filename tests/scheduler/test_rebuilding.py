"""Reading again and comparing again: an upgrade of the program changes what is said of the records, never the records."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from crawler import apart, body
from crawler.extraction import fingerprint
from crawler.pipelines import keep
from crawler.reading import read, refresh
from crawler.urls import identify
from reports.events import told
from reports.site import timeline
from scheduler.comparing import compare_owed, on_demand
from scheduler.proving import prove
from scheduler.rebuilding import count, rebuild
from storage import Store
from storage.errors import UserError
from storage.types import EventKind, Look, Outcome

ARTICLE = identify("https://news.example/2026/pegel")
START = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "".join(
    f"<p>Paragraph {n} says something of its own about the harbour of Kiel and its ferries.</p>" for n in range(8)
)
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>The gauge</title><meta property='og:title' content='The gauge'></head>"
    "<body><article><h1>The gauge</h1>{text}<table><tr><td>Monday</td><td>{first} metres</td></tr>"
    "<tr><td>Tuesday</td><td>{second} metres</td></tr></table></article></body></html>"
)
Upgrade = Callable[[bool], None]


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upgrade]:
    """From then on another configuration of the extractor reads: one that takes tables for text, or one that does not."""
    before = body.OPTIONS["include_tables"]

    def configure(tables: bool) -> None:
        body.OPTIONS["include_tables"] = tables
        fingerprint.cache_clear()
        started = f"from crawler import body, reader; body.OPTIONS['include_tables'] = {tables}; reader.main()"
        monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", started])
        apart._readers.close()

    yield configure
    configure(before)
    apart._readers.close()


def looked(hour: int, *, second: int = 5, text: str = TEXT) -> Look:
    """The page as it was fetched."""
    at = START + timedelta(hours=hour)
    return Look(
        requested_url=ARTICLE.url,
        final_url=ARTICLE.url,
        article=ARTICLE,
        started=at,
        answered=at,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=PAGE.format(text=text, first=4, second=second).encode(),
    )


def look(store: Store, hour: int, *, second: int = 5, text: str = TEXT) -> Outcome:
    """A look at the page, as the pipeline makes it."""
    plain, latest = looked(hour, second=second, text=text), store.latest(ARTICLE.id)
    outcome = store.record(
        read(plain, refresh(store, latest).content if latest else None), keep_body=True
    ).capture.outcome
    compare_owed(store)
    return outcome


def run(store: Store) -> Counter[str]:
    return count(rebuild(store, store.articles()))


@pytest.fixture
def watched(tmp_path: Path, upgrade: Upgrade) -> Iterator[Store]:
    """An article whose table changed, then a sentence, then nothing."""
    upgrade(True)
    with Store.open(tmp_path / "z.db") as store:
        outcomes = [
            look(store, 1),
            look(store, 2, second=9),
            look(store, 3, second=9, text=TEXT.replace("Paragraph 7", "Line 7")),
        ]
        outcomes.append(look(store, 4, second=9, text=TEXT.replace("Paragraph 7", "Line 7")))
        assert [outcome.value for outcome in outcomes] == ["new", "changed", "changed", "unchanged"]
        assert len(store.changes()) == 2
        yield store


def test_an_upgrade_is_no_edit_and_an_edit_after_it_is_found(watched: Store, upgrade: Upgrade) -> None:
    upgrade(False)
    text = TEXT.replace("Paragraph 7", "Line 7")
    assert look(watched, 5, second=9, text=text) is Outcome.UNCHANGED
    assert look(watched, 6, second=9, text=text.replace("Kiel", "Riga", 1)) is Outcome.CHANGED
    assert len(watched.changes()) == 3
    (event,) = watched.events(kinds=[EventKind.REBASELINED])
    assert (event.facts["number"], event.facts["fingerprint"]) == (3, fingerprint())
    assert prove(watched).problems == ()


def test_everything_is_read_and_compared_anew_and_what_was_said_stays_recorded(
    watched: Store, upgrade: Upgrade
) -> None:
    before = [(capture.hash, capture.outcome) for capture in watched.captures()]
    changes = {change.to_version: change for change in watched.changes()}
    upgrade(False)
    assert run(watched) == {"read differently": 3, "withdrawn": 1, "told anew": 1}
    (left,) = watched.changes()
    assert left.to_version == 3
    withdrawn = watched.change(changes[2].id)
    assert withdrawn is not None
    assert withdrawn.withdrawn is not None
    assert withdrawn.assessment == changes[2].assessment
    assert [(capture.hash, capture.outcome) for capture in watched.captures()] == before
    assert prove(watched).problems == ()


def test_a_second_run_has_nothing_to_do_and_going_back_restores_what_was_said(watched: Store, upgrade: Upgrade) -> None:
    before = sorted((change.id, change.assessment.weight, change.assessment.kinds) for change in watched.changes())
    upgrade(False)
    run(watched)
    assert run(watched) == {}
    upgrade(True)
    run(watched)
    assert sorted((c.id, c.assessment.weight, c.assessment.kinds) for c in watched.changes()) == before
    assert prove(watched).problems == ()


@pytest.mark.parametrize("steps", range(6))
def test_stopped_anywhere_the_next_run_ends_where_an_unbroken_one_would(
    watched: Store, upgrade: Upgrade, steps: int
) -> None:
    upgrade(False)
    list(islice(rebuild(watched, watched.articles()), steps))
    assert prove(watched).problems == ()
    run(watched)
    assert [(change.to_version, change.assessment.kinds[0].value) for change in watched.changes()] == [(3, "wording")]
    assert run(watched) == {}
    assert prove(watched).problems == ()


def refuse(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Today's extractor has another configuration and finds no article on a page that says ``what``."""
    fault = (
        f"if asked.look is not None and b{what!r} in page: return reader.Read(look=replace(asked.look, "
        "outcome=Outcome.SET_ASIDE, reason='not the article: no text found'))"
    )
    started = (
        "from msgspec.structs import replace; from storage.types import Outcome; from crawler import body, reader\n"
        "body.OPTIONS['include_tables'] = False; read = reader._read\n"
        f"def refusing(asked, page):\n    {fault}\n    return read(asked, page)\n"
        "reader._read = refusing; reader.main()"
    )
    monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", started])
    apart._readers.close()


def pipelines_look(store: Store, hour: int, text: str) -> dict[str, object]:
    """A look at the page, by the pipeline itself, and the comparisons after it."""
    row = asyncio.run(keep(store, looked(hour, second=9, text=text), None))
    compare_owed(store)
    return row


def test_a_page_that_cannot_be_read_again_is_an_event_and_no_edit_and_later_edits_are_found(
    watched: Store, upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(False)
    refuse(monkeypatch, "Line 7")
    rows = [pipelines_look(watched, hour, TEXT.replace("Kiel", "Riga", hour - 5)) for hour in (5, 6)]
    assert [row["outcome"] for row in rows] == ["new", "changed"]
    assert "version 3 cannot be read again" in str(rows[0]["reason"])
    assert rows[1]["reason"] is None
    assert sorted((c.from_version, c.to_version) for c in watched.changes()) == [(1, 2), (2, 3), (4, 5)]
    (event,) = watched.events(kinds=[EventKind.NOT_READ_AGAIN])
    assert event.article == ARTICLE.id
    assert dict(event.facts) == {
        "number": 3,
        "fingerprint": fingerprint(),
        "reason": "not the article: no text found",
    }
    assert "version 3 cannot be read again" in told(event)
    assert "no edit is told" in told(event)
    assert "nicht der Artikel: kein Text gefunden" in told(event, "de")
    assert [entry.event for entry in timeline.of(watched, ARTICLE.id, []) if entry.event] == [event]
    with pytest.raises(UserError, match=r"version 3 .*page could not be read again \(not the article"):
        on_demand(watched, ARTICLE, "3", "4")
    proof = prove(watched)
    assert proof.problems == ()
    (line,) = proof.unread
    assert line.startswith(f"version 3 of {ARTICLE.id}, by {fingerprint()} on ")


def test_what_can_be_read_again_later_is_compared_by_reextract(
    watched: Store, upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(False)
    refuse(monkeypatch, "Line 7")
    pipelines_look(watched, 5, TEXT)
    upgrade(False)  # its reader reads everything again
    assert run(watched)["found"] == 1
    assert (watched.changes()[0].from_version, watched.changes()[0].to_version) == (3, 4)
    assert prove(watched).unread == ()
    assert prove(watched).problems == ()


def damage(store: Store, number: int) -> None:
    """The stored bytes of a version's page become those of another."""
    version = store.version(ARTICLE.id, number)
    assert version is not None
    with store._write() as db:
        db.execute("DROP TRIGGER IF EXISTS bodies_no_UPDATE")
        db.execute(
            "UPDATE bodies SET zstd = (SELECT zstd FROM bodies WHERE rowid = 1) WHERE sha256 = ?", [version.body_sha256]
        )


def test_a_damaged_page_stands_in_the_way_of_its_own_comparison_alone(watched: Store, upgrade: Upgrade) -> None:
    upgrade(False)
    damage(watched, 3)
    assert pipelines_look(watched, 5, TEXT)["outcome"] == "new"
    (event,) = watched.events(kinds=[EventKind.NOT_READ_AGAIN])
    assert "it and its digest disagree" in event.facts["reason"]


def test_a_removal_is_not_told_while_the_page_where_it_would_stand_is_damaged(watched: Store) -> None:
    shorter = TEXT.partition("<p>Paragraph 7")[0].replace("Kiel", "Riga", 1)
    watched.record(read(looked(5, second=9, text=shorter), None), keep_body=True)
    damage(watched, 4)
    assert compare_owed(watched) == []
    assert "it and its digest disagree" in watched.incidents()[0].detail
    watched.record(read(looked(6, second=9, text=shorter.replace("Riga", "Lübeck", 1)), None), keep_body=True)
    (change,) = compare_owed(watched)
    assert (change.from_version, change.to_version) == (4, 5)


def test_a_program_that_was_upgraded_under_the_service_leaves_comparisons_owed(
    watched: Store, upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(False)
    watched.record(read(looked(5, second=9, text=TEXT), None), keep_body=True)
    outdated = "from crawler import reader; reader.fingerprint = lambda: 'a newer one'; reader.main()"
    monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", outdated])
    assert compare_owed(watched) == []
    assert watched.events(kinds=[EventKind.NOT_READ_AGAIN]) == []
    assert "start it again" in watched.incidents()[0].detail
    upgrade(False)  # started again
    (change,) = compare_owed(watched)
    assert (change.from_version, change.to_version) == (3, 4)
