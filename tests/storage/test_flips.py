"""A text that comes back is a return; from the second quick return on it flaps, is kept whole and told once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.comparing import compare_owed
from storage import Store
from storage.flips import FLAPPING, Appeared, Return, returns
from storage.types import Baseline, Change, Kind, Look

Looks = Callable[..., Look]
A, B = "Der Pegel stieg auf 5 Meter.", "Der Pegel stieg auf 9 Meter."
HOUR = timedelta(hours=1)


def flipped(store: Store, look: Looks, texts: str, later: timedelta = HOUR) -> list[Change]:
    """The changes of an article that said these texts in turn."""
    for letter in texts:
        store.record(look({"A": A, "B": B}.get(letter, letter), later=later))
        compare_owed(store)
    return sorted(store.changes(baseline=Baseline.PREVIOUS), key=lambda change: change.id)


def test_the_first_return_is_an_edit_like_any_other_with_the_weight_of_what_it_undoes(
    store: Store, look: Looks
) -> None:
    there, back = flipped(store, look, "ABA")
    assert (back.assessment.kinds[0], back.assessment.weight) == (Kind.REVERT, there.assessment.weight)
    assert (back.episode, Kind.FLAPPING in back.assessment.kinds) == (None, False)
    assert back.assessment.disclosure is there.assessment.disclosure


def test_flapping_keeps_every_version_and_tells_once(store: Store, look: Looks) -> None:
    changes = flipped(store, look, "ABABABAB")
    assert [version.number for version in store.versions("a-100")] == list(range(1, 9))
    assert [Kind.FLAPPING in change.assessment.kinds for change in changes] == [False, False] + [True] * 5
    assert [change.episode for change in changes] == [None, None, None] + [changes[2].id] * 4
    assert store.grouped(changes[2].id) == [change.id for change in changes[3:]]
    told = store.changes(baseline=Baseline.PREVIOUS, folded=True)
    assert {change.id for change in told} == {change.id for change in changes[:3]}
    assert list(store.verify_chain()) == []


def test_a_return_after_two_quiet_days_is_told_again(store: Store, look: Looks) -> None:
    flipped(store, look, "ABABA")
    changes = flipped(store, look, "BA", later=FLAPPING + HOUR)
    assert [change.episode is None for change in changes] == [True, True, True, False, True, True]
    assert [Kind.FLAPPING in change.assessment.kinds for change in changes[-2:]] == [False, False]


def test_a_new_text_within_an_episode_is_told(store: Store, look: Looks) -> None:
    changes = flipped(store, look, "ABABC")
    assert (changes[-1].episode, Kind.REVERT in changes[-1].assessment.kinds) == (None, False)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 100)), max_size=20))
def test_a_version_is_a_return_exactly_when_its_text_stood_there_before(said: list[tuple[str, int]]) -> None:
    at, versions = datetime(2026, 1, 1, tzinfo=UTC), list[Appeared]()
    for text, hours in said:
        at += timedelta(hours=hours)
        if not versions or versions[-1].digest != text:
            versions.append(Appeared(number=len(versions) + 1, digest=text, at=at))
    found = returns(versions)
    for index, version in enumerate(versions):
        assert (version.number in found) == any(v.digest == version.digest for v in versions[:index])
    times = {version.number: version.at for version in versions}
    order = sorted(found)
    for before, number in pairwise(order):
        quick = times[number] - times[before] <= FLAPPING
        assert (found[number].episode is not None) == quick
    assert not order or found[order[0]] == Return(number=order[0])


def test_a_headline_says_whether_it_held_on_the_next_look(store: Store, look: Looks) -> None:
    store.record(look(A))
    assert store.headline_held("a-100", 1) == (None, None)
    second = store.record(look(B)).capture
    assert store.headline_held("a-100", 1) == (True, second.answered)


def test_returns_far_apart_are_not_one_flapping_because_a_clock_was_set_back() -> None:
    """Taken for one, the later edits were told to nobody."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    days = [0, 1, 2, -700, -690]
    told = returns(Appeared(number=n, digest="AB"[n % 2], at=start + timedelta(days=day)) for n, day in enumerate(days))
    assert [told[n].episode for n in (2, 3, 4)] == [None, None, None]
