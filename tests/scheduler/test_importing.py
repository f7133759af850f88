"""History from web archives: the same texts and versions come out as went in, each in its place in time, nothing rewritten."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crawler.localsite.rendering import Page, render
from crawler.reading import read
from crawler.urls import identify
from crawler.warc import records
from reports.evidence.bundle import write
from reports.evidence.verify import Bundle
from reports.warc import export
from scheduler.comparing import compare_owed, on_demand
from scheduler.demo import Demonstrated, demonstrate
from scheduler.evidence import gather
from scheduler.importing import Imported, import_warc
from scheduler.proving import prove
from storage import Store
from storage.types import Block, BlockKind, Content, Kind, Look, Origin, Outcome

START = datetime(2026, 3, 1, tzinfo=UTC)
NUMBER = 71703299
URL = f"https://www.dw.com/de/der-hafen/a-{NUMBER}"
TEXTS = {
    "A": "Am Morgen liegen 12 Schiffe im Hafen von Kiel, sagt die Hafenmeisterin.",
    "B": "Am Morgen liegen 15 Schiffe im Hafen von Kiel, sagt die Hafenmeisterin.",
    "C": "Am Morgen liegen 15 Schiffe im Hafen von Kiel, sagt der Hafenmeister Otto Brandt.",
    "D": "Am Abend liegen 15 Schiffe im Hafen von Kiel, sagt der Hafenmeister Otto Brandt.",
}
Importer = Callable[..., Imported]


def page(text: str) -> bytes:
    """The page of an invented article with this sentence in it."""
    more = [
        f"Absatz {n}: Über den Kai weht ein leichter Wind, und die Kräne stehen still bis zum Mittag." for n in range(4)
    ]
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=each) for each in [TEXTS[text], *more])
    content = Content(
        headline=f"Der Hafen, Teil {text}",
        kicker="Kiel",
        teaser="Ein Bericht.",
        authors=("Mara Lindqvist",),
        place="",
        language="de",
        blocks=blocks,
    )
    return render(Page(content=content, number=NUMBER, url=URL, published=START, modified=START)).encode()


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def record(text: str, day: float, url: str = URL, status: str = "200 OK") -> bytes:
    """A response record of an archive."""
    block = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".encode() + page(text)
    fields = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<urn:test:{text}:{day}>",
        "WARC-Date": at(day).isoformat().replace("+00:00", "Z"),
        "WARC-Target-URI": url,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return gzip.compress(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "z.db") as opened:
        yield opened


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Importer:
    """Imports looks given as ``("A", day)`` from a file of their own, and compares."""

    def run(*looks: tuple[str, float], more: bytes = b"") -> Imported:
        file = tmp_path / "archive.warc.gz"
        file.write_bytes(b"".join(record(text, day) for text, day in looks) + more)
        result = import_warc(store, file)
        compare_owed(store)
        return result

    return run


def watch(store: Store, text: str, day: float) -> None:
    """A look of our own."""
    article = identify(URL)
    asked = Look(
        requested_url=URL,
        article=article,
        started=at(day),
        answered=at(day),
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=page(text),
    )
    store.record(read(asked, None))
    compare_owed(store)


def shown(store: Store) -> list[tuple[int, str, str]]:
    """The versions in the order of time: number, origin, first sentence by its letter."""
    letters = {text: letter for letter, text in TEXTS.items()}
    return [
        (
            version.number,
            version.origin.value,
            next(letters[b.text] for b in version.content.blocks if b.text in letters),
        )
        for version in store.versions(f"a-{NUMBER}")
    ]


def pairs(store: Store) -> dict[tuple[int, int], tuple[float, float]]:
    """The changes against the version before, with the days between which each was observed."""
    return {(c.from_version, c.to_version): (_day(c.observed_after), _day(c.observed_by)) for c in store.changes()}


def _day(moment: datetime | None) -> float:
    return (moment - START) / timedelta(days=1) if moment else -1


def test_an_empty_database_tells_the_same_story_after_a_round_trip(tmp_path: Path) -> None:
    done: Demonstrated = demonstrate(tmp_path / "a.db", lambda text: None)
    with Store.open(tmp_path / "a.db") as ours, Store.open(tmp_path / "b.db") as theirs:
        path = export(ours, tmp_path / "all.warc.gz").path
        import_warc(theirs, path)
        compare_owed(theirs)
        for article in ours.articles():
            told = [
                [(v.number, v.content, v.fingerprint) for v in each.versions(article.id) if v.number]
                for each in (ours, theirs)
            ]
            assert told[0] == told[1]
        stories = [
            [
                (c.from_version, c.to_version, c.assessment)
                for c in each.changes(article=done.article.id)
                if c.from_version
            ]
            for each in (ours, theirs)
        ]
        assert stories[0] == stories[1]
        assert len(stories[0]) == 3
        assert prove(theirs).problems == ()
        assert import_warc(ours, path).known == 6, "what we saw ourselves is not brought in again"


def test_history_from_before_we_watched_stands_before_it(store: Store, bring: Importer) -> None:
    watch(store, "C", 10)
    watch(store, "D", 11)
    before = [store.change(1), store.captures()[-1].hash]
    result = bring(("A", 1), ("A", 2), ("B", 3), ("C", 4))
    assert dict(result.looks) == {"new": 1, "unchanged": 2, "changed": 1}
    assert shown(store) == [(3, "archive", "A"), (4, "archive", "B"), (1, "crawl", "C"), (2, "crawl", "D")]
    assert pairs(store) == {(1, 2): (10, 11), (3, 4): (2, 3), (4, 1): (3, 4)}
    assert [store.change(1), store.captures()[-1].hash] == before
    latest = store.latest(f"a-{NUMBER}")
    assert latest is not None
    assert latest.number == 2
    assert prove(store).problems == ()


def test_a_text_that_stood_between_two_looks_splits_what_seemed_one_stretch(store: Store, bring: Importer) -> None:
    for day in (1, 5, 9):
        watch(store, "A", day)
    watch(store, "B", 12)
    bring(("C", 6))
    assert shown(store) == [(1, "crawl", "A"), (3, "archive", "C"), (2, "crawl", "B")]
    assert pairs(store) == {(1, 2): (9, 12), (1, 3): (5, 6), (3, 1): (6, 9)}
    back = next(c for c in store.changes() if (c.from_version, c.to_version) == (3, 1))
    assert Kind.REVERT in back.assessment.kinds
    assert prove(store).problems == ()


def test_a_page_that_could_not_be_read_when_it_was_imported_is_read_when_it_is_imported_again(
    store: Store, bring: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader had been stopped over it, or knew no such layout yet: the text was out of reach for good."""

    def stopped(look: Look, page: bytes, last: Content | None) -> Look:
        return replace(look, outcome=Outcome.SET_ASIDE, reason="the reader ended over it (SIGKILL)", content=None)

    monkeypatch.setattr("scheduler.importing.read_apart", stopped)
    assert bring(("A", 1)).looks == {"set-aside": 1}
    assert bring(("A", 1)).known == 1, "nothing is recorded again while it cannot be read"
    monkeypatch.undo()
    assert bring(("A", 1), ("B", 2)).looks == {"new": 1, "changed": 1}
    assert shown(store) == [(1, "archive", "A"), (2, "archive", "B")]
    assert bring(("A", 1), ("B", 2)).known == 2
    assert prove(store).problems == ()


def test_a_text_that_came_back_later_was_no_return_the_first_time(store: Store, bring: Importer) -> None:
    for day in (1, 5):
        watch(store, "A", day)
    watch(store, "B", 7)
    bring(("D", 0), ("C", 3))
    kinds = {(c.from_version, c.to_version): c.assessment.kinds for c in store.changes()}
    numbers = {letter: number for number, _, letter in shown(store)}
    assert Kind.REVERT in kinds[numbers["C"], numbers["A"]]
    assert Kind.REVERT not in kinds[numbers["D"], numbers["A"]]
    assert prove(store).problems == ()


def test_watching_goes_on_after_history_that_is_newer_than_our_last_look(store: Store, bring: Importer) -> None:
    watch(store, "A", 1)
    bring(("B", 5))
    assert store.validators([f"a-{NUMBER}"]) == {f"a-{NUMBER}": {}}, (
        "a 304 would speak of our own last look, not of what stands last"
    )
    watch(store, "B", 7)
    watch(store, "C", 8)
    assert shown(store) == [(1, "crawl", "A"), (2, "archive", "B"), (3, "crawl", "C")]
    assert pairs(store) == {(1, 2): (1, 5), (2, 3): (7, 8)}


def test_importing_again_changes_nothing(store: Store, bring: Importer) -> None:
    looks = [("A", 1.0), ("B", 2.0), ("A", 3.0)]
    bring(*looks)
    before = (shown(store), pairs(store), len(store.captures()))
    again = bring(*reversed(looks))
    assert (again.known, dict(again.looks)) == (3, {})
    assert (shown(store), pairs(store), len(store.captures())) == before


def revisit(day: float, **refers: str) -> bytes:
    """A record of an archive that says: the same page again."""
    profile = refers.pop("profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest")
    fields = {
        "WARC-Type": "revisit",
        "WARC-Record-ID": f"<urn:test:again:{day}>",
        "WARC-Date": at(day).isoformat().replace("+00:00", "Z"),
        "WARC-Target-URI": URL,
        "WARC-Profile": profile,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": "0",
        **{f"WARC-{name.replace('_', '-')}": value for name, value in refers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return gzip.compress(b"WARC/1.1\r\n" + head.encode() + b"\r\n\r\n\r\n")


REFERRED = [
    {"Refers_To": "<urn:test:A:1>"},
    {"Refers_To_Target_URI": URL, "Refers_To_Date": "2026-03-02T00:00:00Z"},
    {"Payload_Digest": f"sha256:{hashlib.sha256(page('A')).hexdigest()}"},
]


@pytest.mark.parametrize("refers", REFERRED)
def test_a_text_that_came_back_is_a_version_also_where_the_archive_only_says_that_it_was_the_same_page_again(
    store: Store, bring: Importer, refers: dict[str, str]
) -> None:
    result = bring(("A", 1), ("B", 2), more=revisit(3, **refers))
    if "Payload_Digest" in refers:  # a response of an archive that told no digest
        assert result.passed == {"revisit records whose page is nowhere to be found": 1}
        result = bring(("A", 1), ("B", 2), more=revisit(3, **refers))
    assert shown(store) == [(1, "archive", "A"), (2, "archive", "B"), (3, "archive", "A")]
    assert pairs(store) == {(1, 2): (1, 2), (2, 3): (2, 3)}
    (look, *_) = store.captures()
    told = store.record_of(look.id)
    assert (told["provenance"]["record_id"], look.answered) == ("<urn:test:again:3>", at(3))
    assert "headers and page are those of <urn:test:A:1>" in told["normalised"]
    assert prove(store).problems == ()


@pytest.mark.parametrize("refers", REFERRED)
def test_the_page_of_a_revisit_may_stand_in_a_file_that_was_imported_before(
    store: Store, bring: Importer, refers: dict[str, str]
) -> None:
    bring(("A", 1), ("B", 2))
    assert dict(bring(more=revisit(3, **refers)).looks) == {"changed": 1}
    assert shown(store) == [(1, "archive", "A"), (2, "archive", "B"), (3, "archive", "A")]
    assert bring(more=revisit(3, **refers)).known == 1


@pytest.mark.parametrize(
    "refers",
    [
        {"Refers_To": "<urn:test:nothing>"},
        {},
        {"profile": "http://netpreserve.org/warc/1.1/revisit/server-not-modified", "Refers_To": "<urn:test:A:1>"},
    ],
)
def test_a_revisit_of_a_page_that_is_not_there_says_nothing(
    store: Store, bring: Importer, refers: dict[str, str]
) -> None:
    result = bring(("A", 1), more=revisit(3, **refers))
    assert result.passed == {"revisit records whose page is nowhere to be found": 1}
    assert shown(store) == [(1, "archive", "A")]


def test_the_same_page_served_again_comes_back_from_our_own_export(store: Store, tmp_path: Path) -> None:
    for day, text in enumerate("ABA"):
        watch(store, text, day)
    path = export(store, tmp_path / "all.warc.gz").path
    with Store.open(tmp_path / "b.db") as theirs:
        assert import_warc(theirs, path).looks == {"new": 1, "changed": 2}
        assert [letter for _, _, letter in shown(theirs)] == ["A", "B", "A"]


def test_the_text_to_be_searched_is_the_one_that_stands_last_in_time(store: Store, bring: Importer) -> None:
    """Of an article that only archives saw it was the oldest, and stayed so when they saw a later one than we."""

    def newest() -> list[str]:
        return [row["headline"] for row in store._rows("SELECT headline FROM newest_texts")]

    bring(("A", 1), ("B", 2))
    assert newest() == ["Der Hafen, Teil B"]
    watch(store, "C", 5)
    assert newest() == ["Der Hafen, Teil C"]
    bring(("D", 0), ("A", 3))
    assert newest() == ["Der Hafen, Teil C"]
    bring(("D", 6))
    assert newest() == ["Der Hafen, Teil D"]


def test_on_demand_latest_and_the_version_before_go_by_time(store: Store, bring: Importer) -> None:
    watch(store, "C", 10)
    bring(("A", 1), ("B", 2))
    article = identify(URL)
    change = on_demand(store, article, None, None)
    assert (change.from_version, change.to_version) == (3, 1)
    store.set_due(article.id, at(1))
    ((_, headline, _),) = store.upcoming(5)
    last, highest = store.version(article.id, 1), store.version(article.id, 3)
    assert last
    assert highest
    assert headline == last.content.headline != highest.content.headline, "the headline that stands last in time"


def test_the_record_says_where_a_look_comes_from_and_is_under_the_chain(
    store: Store, bring: Importer, tmp_path: Path
) -> None:
    bring(("A", 1), ("B", 2))
    captures = list(reversed(store.captures()))
    record_ = store.record_of(captures[1].id)
    assert record_["origin"] == "archive"
    assert record_["provenance"] == {
        "file": "archive.warc.gz",
        "sha256": hashlib.sha256((tmp_path / "archive.warc.gz").read_bytes()).hexdigest(),
        "offset": len(record("A", 1)),
        "record_id": "<urn:test:B:2>",
        "date": at(2).isoformat().replace("+00:00", "Z"),
    }
    assert all(version.origin is Origin.ARCHIVE for version in store.versions(f"a-{NUMBER}"))
    assert list(store.verify_chain()) == []
    store._db.execute("DROP TRIGGER captures_no_UPDATE")
    store._db.execute("UPDATE captures SET origin = 'crawl' WHERE id = 1")
    assert any("column origin" in problem for problem in store.verify_chain())


def test_a_change_found_in_archives_is_proved_with_where_it_comes_from(
    store: Store, bring: Importer, tmp_path: Path
) -> None:
    bring(("A", 1), ("B", 2))
    (change,) = store.changes()
    write(gather(store, change.id), tmp_path / "bundle")
    bundle = Bundle(str(tmp_path / "bundle"))
    bundle.check()
    assert bundle.problems == []
    for language, words in (("en", "that this program did not make"), ("de", "die dieses Programm nicht erzeugt hat")):
        statement = (tmp_path / "bundle" / f"statement.{language}.html").read_text(encoding="utf-8")
        assert words in statement
        assert "archive.warc.gz" in statement
        assert "&lt;urn:test:B:2&gt;" in statement


def test_what_came_from_archives_leaves_again_without_an_invented_request(
    store: Store, bring: Importer, tmp_path: Path
) -> None:
    bring(("A", 1), ("B", 2))
    watch(store, "C", 3)
    with export(store, tmp_path / "out.warc.gz").path.open("rb") as file:
        kinds = [found.kind for found in records(file, lambda record: True)]
    assert kinds == ["warcinfo", *["response", "metadata"] * 2, "response", "request", "metadata"]


def test_an_article_that_is_known_keeps_its_address_and_is_not_followed(store: Store, bring: Importer) -> None:
    watch(store, "A", 10)
    bring(more=record("B", 1, url=URL.replace("der-hafen", "alter-titel")))
    article = store.article(f"a-{NUMBER}")
    assert article is not None
    assert article.url == URL
    assert not store.is_followed(article.id)


def test_other_pages_redirects_missing_and_wrong_articles_are_told_apart(store: Store, bring: Importer) -> None:
    more = b"".join(
        [
            record("A", 1, url="https://example.org/some/page"),
            record("A", 1, url="https://www.dw.com/de/themen/s-9077"),
            record("A", 2, status="301 Moved"),
            record("A", 2, status="404 Not Found"),
            record("A", 2, url=URL.replace(str(NUMBER), "70000001")),
        ]
    )
    result = bring(("A", 1), more=more)
    assert dict(result.looks) == {"new": 1, "gone": 1, "set-aside": 1}
    assert dict(result.passed) == {"other addresses": 2, "redirect or not modified": 1}
    assert len(shown(store)) == 1


def test_a_broken_file_is_said_with_its_place_and_what_was_whole_is_kept(store: Store, bring: Importer) -> None:
    whole = len(record("A", 1)) + len(record("B", 2))
    result = bring(("A", 1), ("B", 2), more=record("C", 3)[:-100])
    assert f"broken at byte {whole}" in (result.problem or "")
    assert [letter for _, _, letter in shown(store)] == ["A", "B"]
    assert bring(("A", 1), ("B", 2), ("C", 3)).looks == {"changed": 1}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 9), st.booleans()),
        min_size=1,
        max_size=7,
        unique_by=lambda x: x[1],
    )
)
def test_whatever_was_watched_and_whatever_was_brought_in_every_look_shows_what_it_saw(
    tmp_path_factory: pytest.TempPathFactory, looks: list[tuple[str, int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with Store.open(folder / "z.db") as store:
        for text, day, ours in sorted(looks, key=lambda look: look[1]):
            if ours:
                watch(store, text, day)
        for number, (text, day, ours) in enumerate(looks):
            if not ours:
                file = folder / f"{number}.warc.gz"
                file.write_bytes(record(text, day))
                import_warc(store, file)
                compare_owed(store)
        letters: dict[int, str] = {number: letter for number, _, letter in shown(store)}
        saw: dict[Any, str] = {at(day): text for text, day, _ in looks}
        for capture in store.captures():
            assert letters[capture.version or 0] == saw[capture.answered]
        stretches = store.stretches(f"a-{NUMBER}")
        told = [saw[each.first] for each in stretches]
        assert _told_once(told) == _told_once([text for text, _, _ in sorted(looks, key=lambda look: look[1])])
        for change in store.changes():
            assert change.observed_after is not None
            assert change.observed_by is not None
            assert change.observed_after < change.observed_by
        assert store.owed() == []
        assert prove(store).problems == ()


def _told_once(texts: list[str]) -> list[str]:
    """Texts in a row that are the same, once."""
    return [text for text, _ in groupby(texts)]
