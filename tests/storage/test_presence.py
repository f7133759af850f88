"""One look that finds an article missing is an observation; two spaced ones that agree make it gone; a return is told too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scheduler.plan.observing import TROUBLE
from storage import Store
from storage.presence import AGREEING
from storage.types import EventKind, Look, Origin, Outcome

Looks = Callable[..., Look]
GONE, BUSY = Outcome.GONE, Outcome.FETCH_FAILED
HOUR = timedelta(hours=1)


def kinds(store: Store) -> list[str]:
    return [event.kind.value for event in store.events(article="a-100")]


def test_missing_once_is_no_goodbye_and_a_look_too_soon_does_not_agree(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    told = [store.record(look(outcome=GONE)).event for _ in range(5)]
    assert [event.kind if event else None for event in told] == [EventKind.MISSING, None, None, None, None]
    assert store.gone() == []


def test_a_second_look_that_agrees_makes_it_gone_and_a_third_says_nothing_new(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    for outcome in (GONE, BUSY, GONE, GONE):
        store.record(look(outcome=outcome, later=HOUR))
    assert kinds(store) == ["missing-once", "gone"]
    (event,) = store.gone()
    missing = store.events(kinds=[EventKind.MISSING])[0]
    assert event.facts["since"] == missing.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert event.capture == 4


def test_a_look_between_that_shows_the_article_begins_anew(store: Store, look: Looks) -> None:
    for says in ("eins", None, "eins", None, "eins"):
        store.record(look(says, later=HOUR) if says else look(outcome=GONE, later=HOUR))
    assert kinds(store) == ["missing-once", "back", "missing-once", "back"]


def test_a_reappearance_is_told_with_how_long_it_was_away(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    store.record(look(outcome=GONE, later=HOUR))
    gone = store.record(look(outcome=GONE, later=HOUR)).event
    back = store.record(look("zwei", later=HOUR))
    assert gone is not None
    assert back.event is not None
    assert (back.event.kind, back.event.facts["after"]) == (EventKind.BACK, "gone")
    assert back.version is not None
    assert back.version.number == 2
    assert store.gone() == []


def test_an_address_that_never_showed_an_article_is_not_gone(store: Store, look: Looks) -> None:
    for _ in range(3):
        store.record(look(outcome=GONE, later=HOUR))
    assert store.events() == []


def test_the_revisit_plan_makes_the_second_look_when_it_can_agree() -> None:
    first, _ = TROUBLE[Outcome.GONE]
    assert AGREEING <= timedelta(seconds=first) <= timedelta(hours=2)


@given(st.lists(st.tuples(st.sampled_from(["seen", "gone", "failed", "aside"]), st.integers(1, 180)), max_size=30))
def test_gone_is_only_ever_said_of_two_spaced_looks_with_nothing_seen_between(looks: list[tuple[str, int]]) -> None:
    from datetime import UTC, datetime

    from storage.presence import Word, presence_after

    outcomes = {"seen": Outcome.UNCHANGED, "gone": GONE, "failed": BUSY, "aside": Outcome.SET_ASIDE}
    at, last, missing = datetime(2026, 1, 1, tzinfo=UTC), None, None
    for name, minutes in looks:
        at += timedelta(minutes=minutes)
        kind = presence_after(last, outcomes[name], at)
        missing = None if name == "seen" else at if name == "gone" and missing is None else missing
        if kind is EventKind.GONE:
            assert missing is not None
            assert at - missing >= AGREEING
        if name == "gone" and missing is not None and at - missing >= AGREEING:
            assert EventKind.GONE in (kind, last.kind if last else None)
        last = Word(kind=kind, at=at) if kind else last


def test_a_slug_that_comes_back_is_noted_and_is_the_address_again(store: Store, look: Looks) -> None:
    one, two = "https://example.org/de/eins/a-100", "https://example.org/de/zwei/a-100"
    for url in (one, two, one):
        store.record(look("eins", url=url))
    assert [event.facts["to"] for event in store.events(kinds=[EventKind.ADDRESS])] == [two, one]
    article = store.article("a-100")
    assert article is not None
    assert article.url == one
    assert store.find_article(two) == article


def test_a_look_that_failed_says_nothing_of_the_address(store: Store, look: Looks) -> None:
    one, two = "https://example.org/de/eins/a-100", "https://example.org/de/zwei/a-100"
    for url, outcome in ((one, None), (two, None), (one, BUSY)):
        store.record(look("eins", url=url, outcome=outcome))
    article = store.article("a-100")
    assert article is not None
    assert article.url == two


def test_a_doubt_that_lasts_is_believed_and_one_that_ends_is_not(store: Store, look: Looks) -> None:
    aside = {"outcome": Outcome.SET_ASIDE, "doubt": "shortened"}
    store.record(look("ein langer Text"))
    early = [store.record(look("kurz", later=HOUR, **aside)).capture.outcome for _ in range(4)]
    store.record(look("ein langer Text"))
    again = [store.record(look("kurz", later=4 * HOUR, **aside)).capture for _ in range(4)]
    assert set(early) == {Outcome.SET_ASIDE}
    assert [capture.outcome.value for capture in again] == ["set-aside"] * 3 + ["changed"]
    assert "believed after 4 looks" in (again[-1].reason or "")
    assert list(store.verify_chain()) == []


def test_doubts_of_different_kinds_do_not_agree(store: Store, look: Looks) -> None:
    store.record(look("ein langer Text"))
    for doubt in ("stale", "shortened", "garbled", "incomplete", "stale"):
        captured = store.record(look("kurz", outcome=Outcome.SET_ASIDE, doubt=doubt, later=12 * HOUR)).capture
        assert captured.outcome is Outcome.SET_ASIDE


def test_an_article_that_only_archives_saw_may_be_gone_and_the_records_agree(store: Store, look: Looks) -> None:
    """``verify`` accused the events of it: the looks that told them came after no version of our own."""
    store.record(look(outcome=GONE, body=b"404"))
    archived = look("eins")
    store.record_archived(replace(archived, origin=Origin.ARCHIVE, body=b"eins"))
    kinds = [store.record(look(outcome=GONE, body=b"404", later=AGREEING)).event for _ in range(2)]
    assert [event and event.kind for event in kinds] == [EventKind.MISSING, EventKind.GONE]
    assert list(store.verify_chain()) == []
    back = store.record(look("eins")).event
    assert back is not None
    assert back.kind is EventKind.BACK
    assert list(store.verify_chain()) == []


def test_a_doubt_that_lasts_is_believed_of_archives_too_in_the_order_of_time(store: Store, look: Looks) -> None:
    """A text that stood for weeks, and was seen each day by an archive, was never brought in."""

    def archived(says: str, *, doubt: str | None = None) -> Look:
        outcome = Outcome.SET_ASIDE if doubt else None
        return replace(look(says, outcome=outcome, doubt=doubt, later=6 * HOUR), origin=Origin.ARCHIVE)

    first, *doubted, last = (
        archived("eins"),
        *(archived("kurz", doubt="shortened") for _ in range(3)),
        archived("eins"),
    )
    for each in (first, last, *doubted):
        store.record_archived(each)
    outcomes = [capture.outcome for capture in store.captures()[::-1]]
    assert outcomes == [
        Outcome.NEW,
        Outcome.UNCHANGED,
        Outcome.SET_ASIDE,
        Outcome.SET_ASIDE,
        Outcome.CHANGED,
    ]
    assert [stretch.version for stretch in store.stretches("a-100")] == [1, 2, 1]
    assert list(store.verify_chain()) == []


def test_what_an_archive_saw_long_ago_ends_no_doubt_of_today(store: Store, look: Looks) -> None:
    store.record(look("eins"))
    doubted = [look("kurz", outcome=Outcome.SET_ASIDE, doubt="shortened", later=6 * HOUR) for _ in range(3)]
    for each in doubted[:2]:
        store.record(each)
    long_ago = look("eins")
    long_ago = replace(
        long_ago, origin=Origin.ARCHIVE, started=long_ago.started - 99 * HOUR, answered=long_ago.started - 99 * HOUR
    )
    store.record_archived(long_ago)
    assert store.record(doubted[2]).capture.outcome is Outcome.CHANGED


def test_a_doubt_is_believed_in_time_though_a_clock_was_wrong_when_it_began(store: Store, look: Looks) -> None:
    """Its looks of 2030 kept the text that stands there from being believed until then."""
    store.record(look("ein langer Text"))
    for after in (40_000 * HOUR, HOUR):
        store.record(look("kurz", outcome=Outcome.SET_ASIDE, doubt="shortened", later=after))
    told = [
        store.record(look("kurz", outcome=Outcome.SET_ASIDE, doubt="shortened", later=after)).capture.outcome
        for after in (-39_000 * HOUR, 6 * HOUR, 6 * HOUR)
    ]
    assert told == [Outcome.SET_ASIDE, Outcome.SET_ASIDE, Outcome.CHANGED]


def test_an_article_is_called_gone_in_time_though_a_clock_was_wrong_when_it_was_missed_first(
    store: Store, look: Looks
) -> None:
    store.record(look("eins"))
    store.record(look(outcome=GONE, later=40_000 * HOUR))
    assert [store.record(look(outcome=GONE, later=-39_000 * HOUR)).event is not None] == [True]
    assert store.gone() == []
    store.record(look(outcome=GONE, later=AGREEING))
    assert kinds(store) == ["missing-once", "missing-once", "gone"]
    assert list(store.verify_chain()) == []
