"""Looks become captures, and versions only when the text is another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from storage import Store
from storage.errors import UserError
from storage.types import (
    Article,
    Assessment,
    Baseline,
    Content,
    Diff,
    Disclosure,
    Edit,
    EditOp,
    EventKind,
    Field,
    Kind,
    Look,
    Outcome,
    Shown,
    Span,
    SpanOp,
    Weight,
)

Looks = Callable[..., Look]


def test_a_version_is_made_only_when_the_text_differs(store: Store, look: Looks) -> None:
    outcomes = [store.record(look(says)).capture.outcome for says in ("eins", "eins", "zwei", "eins")]
    assert outcomes == [Outcome.NEW, Outcome.UNCHANGED, Outcome.CHANGED, Outcome.CHANGED]
    assert [version.number for version in store.versions("a-100")] == [1, 2, 3]


def test_looks_recorded_at_once_meet_those_before_them_and_are_all_or_none(store: Store, look: Looks) -> None:
    said = [look(says) for says in ("eins", "eins", "zwei")]
    stale = Shown(capture=1, version=1, region="r", relied=0, modified=None)
    with pytest.raises(ValueError, match="does not show the latest version"):
        store.record_all([*said, replace(look("eins"), same_as=stale)])
    assert store.captures() == []
    recorded = store.record_all(said)
    assert [each.capture.outcome for each in recorded] == [Outcome.NEW, Outcome.UNCHANGED, Outcome.CHANGED]
    assert [each.capture for each in reversed(recorded)] == store.captures()
    assert list(store.verify_chain()) == []


def test_when_an_article_says_it_was_published_is_told_by_the_version_that_stands_last(
    store: Store, look: Looks
) -> None:
    """As the version's text says it, however that is kept: whole, as a difference, read anew, or taken down."""
    told: list[str | None] = [store.published("a-100")]
    for says, at in (("eins", None), ("zwei", "2026-03-01"), ("drei", "2026-03-01"), ("vier", "2026-03-02T08:00:00Z")):
        brought = look(says)
        content = replace(brought.content or Content(headline=""), published=at)
        store.record(replace(brought, content=content))
        told.append(store.published("a-100"))
    store.reextracted("a-100", 4, replace(content, published="2026-03-03"), "test-2")
    told.append(store.published("a-100"))
    assert told == [None, None, "2026-03-01", "2026-03-01", "2026-03-02T08:00:00Z", "2026-03-03"]
    store.take_down("a-100", "a court said so")
    assert store.published("a-100") is None


def test_going_back_and_forth_between_two_programs_is_no_change(store: Store, look: Looks) -> None:
    """Extractors A and B read the same page differently; A, B, A, B on an unchanged page brings no version."""
    a, b = replace(look("eins"), fingerprint="A"), replace(look("eins, anders gelesen"), fingerprint="B")
    for brought in (a, b, a, b, b, a):
        latest = store.latest("a-100")
        if latest and brought.content and latest.fingerprint != brought.fingerprint:  # as crawler.reading.refresh does
            store.reextracted("a-100", latest.number, brought.content, brought.fingerprint)
        store.record(replace(brought, started=brought.started + timedelta(minutes=len(store.captures()))))
    assert [capture.outcome for capture in reversed(store.captures())] == [Outcome.NEW, *[Outcome.UNCHANGED] * 5]
    assert len(store.versions("a-100")) == 1


def test_what_an_extractor_reads_that_never_read_the_last_version_is_a_new_start_unless_it_was_read_so_before(
    store: Store, look: Looks
) -> None:
    """By A, by B anew (other words), then by C: the words of either are no news; any others cannot be told from an edit."""
    store.record(replace(look("eins"), fingerprint="A"))
    again = look("eins, anders gelesen").content
    assert again is not None
    store.reextracted("a-100", 1, again, "B")
    outcomes = [
        store.record(replace(look(says), fingerprint=program)).capture.outcome
        for says, program in (("eins", "C"), ("eins, anders gelesen", "C"), ("zwei", "C"), ("drei", "C"), ("eins", "A"))
    ]
    assert outcomes == [Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.NEW, Outcome.CHANGED, Outcome.NEW]


def test_that_a_version_cannot_be_read_again_is_noted_once_until_it_can(store: Store, look: Looks) -> None:
    store.record(replace(look("eins"), fingerprint="A"))
    for _ in range(2):
        store.not_read_again("a-100", 1, "B", "no text found")
    (event,) = store.events(kinds=[EventKind.NOT_READ_AGAIN])
    assert store.unread() == store.unread("a-100") == [event]
    assert list(store.verify_chain()) == []
    content = look("eins").content
    assert content is not None
    store.reextracted("a-100", 1, content, "B")
    assert store.unread() == []
    assert store.events(kinds=[EventKind.NOT_READ_AGAIN]) == [event]
    assert list(store.verify_chain()) == []


def test_the_same_look_recorded_again_after_a_lost_acknowledgement_is_one_capture(store: Store, look: Looks) -> None:
    brought = replace(look("eins"), monotonic=17.5)
    first, again = store.record(brought), store.record(brought)
    assert again.capture == first.capture
    assert (again.version, again.created) == (first.version, False)
    assert len(store.captures()) == 1
    store.record(replace(brought, monotonic=18.5))
    assert len(store.captures()) == 2


def test_an_unchanged_or_not_modified_look_extends_last_seen(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    store.record(look("eins"))
    last = store.record(look(outcome=Outcome.NOT_MODIFIED))
    version = store.latest("a-100")
    assert version is not None
    assert (last.capture.version, version.last_seen) == (1, last.capture.answered)
    assert store.last_seen("a-100", 1) == version.last_seen


@pytest.mark.parametrize("outcome", [Outcome.SET_ASIDE, Outcome.GONE, Outcome.EXTRACT_FAILED, Outcome.FETCH_FAILED])
def test_a_failed_look_keeps_its_page_and_makes_no_version(store: Store, look: Looks, outcome: Outcome) -> None:
    recorded = store.record(look(outcome=outcome, body=b"\x00consent"))
    assert recorded.version is None
    assert store.body(recorded.capture.body_sha256 or "") == b"\x00consent"
    assert store.versions("a-100") == []


def test_validators_come_only_from_a_look_that_showed_the_version(store: Store, look: Looks) -> None:
    store.record(look("eins", etag='"1"'))
    assert store.validators(["a-100"]) == {"a-100": {"etag": '"1"'}}
    store.record(look(outcome=Outcome.SET_ASIDE, body=b"x", etag='"bad"'))
    assert store.validators(["a-100"]) == {"a-100": {}}


def test_an_answer_not_modified_leaves_the_validators_its_request_named(store: Store, look: Looks) -> None:
    store.record(look("eins", etag='"1"'))
    asked = (("Accept", "text/html"), ("If-None-Match", '"1"'), ("If-Modified-Since", "Sun, 01 Mar 2026 00:00:00 GMT"))
    for _ in range(3):
        # what such an answer says of itself is not believed: its body was never seen
        store.record(replace(look(outcome=Outcome.NOT_MODIFIED, etag='"other"'), request_headers=asked))
    named = {"etag": '"1"', "last-modified": "Sun, 01 Mar 2026 00:00:00 GMT"}
    assert store.validators(["a-100", "a-999"]) == {"a-100": named}
    store.record(look("zwei", etag='"2"'))
    assert store.validators(["a-100"]) == {"a-100": {"etag": '"2"'}}


def test_an_article_is_found_by_id_number_and_every_url_it_had(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    store.set_url("a-100", "https://example.org/de/neu/a-100")
    for name in ("a-100", "100", "https://example.org/de/brücke/a-100", "https://example.org/de/neu/a-100"):
        assert store.find_article(name) is not None, name


def test_a_number_never_names_an_article_of_another_outlet(store: Store) -> None:
    url = "https://example.org/news-100"
    store.add_article(Article(id=url, outlet="other", url=url, language="en"))
    assert store.find_article("100") is None


def test_comparisons_are_owed_until_they_are_settled(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    store.record(look("zwei"))
    (owed,) = store.owed()
    assert (owed.baseline, owed.old, owed.new) == (Baseline.PREVIOUS, 1, 2)
    nothing = store.settle(owed, None, summary="", headline="", observed_after=None, observed_by=None, differ="d")
    assert (nothing, store.owed()) == (None, [])


def test_a_seed_is_not_linked_to_another_language_edition(store: Store) -> None:
    content = Content(headline="Die Brücke")
    seed, made = store.add_seed("a.txt", b"a", content, outlet="dw", language="de", fingerprint="f")
    _, again = store.add_seed("b.txt", b"a", content, outlet="dw", language="de", fingerprint="f")
    assert (made, again) == (True, False)
    english = Article(id="a-7", outlet="dw", url="https://example.org/en/a-7", language="en")
    with pytest.raises(UserError, match="language edition"):
        store.link_seed(seed.number, english)
    assert store.article("a-7") is None


def test_a_change_is_found_by_its_words_weight_and_silence(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    store.record(look("Zwei Tote"))
    spans = (Span(op=SpanOp.DROP, text="eins"), Span(op=SpanOp.ADD, text="Zwei Tote"))
    edit = Edit(op=EditOp.EDIT, field=Field.BODY, old="eins", new="Zwei Tote", spans=spans)
    assessment = Assessment(
        diff=Diff(edits=(edit,)),
        kinds=(Kind.HEADLINE,),
        weight=Weight.SUBSTANTIVE,
        disclosure=Disclosure.SILENT,
        reason="r",
    )
    (owed,) = store.owed()
    made = store.settle(owed, assessment, summary="s", headline="h", observed_after=None, observed_by=None, differ="d")
    assert store.changes(search="zwei TOTE", weight=Weight.EDITORIAL, silent=True, kind="headline") == [made]
    assert store.changes(search="vier") == store.changes(limit=0) == []
    assert list(store.verify_chain()) == []
