"""What a look teaches, and what is kept of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scheduler.plan import Followed, Model, Observation, hinted, learn, next_due, observe
from scheduler.plan.model import FIRST
from scheduler.plan.observing import belief, chance
from storage.types import Outcome

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
TROUBLES = (Outcome.GONE, Outcome.SET_ASIDE, Outcome.FETCH_FAILED, Outcome.EXTRACT_FAILED, Outcome.MOVED)


def seen(age: timedelta = timedelta()) -> Followed:
    """An article first looked at just now, published ``age`` ago."""
    return observe(Followed.start(NOW, NOW - age), Outcome.NEW, NOW, Model())


def test_state_survives_json() -> None:
    state = hinted(hinted(seen(), "feed", "a"), "feed", "b")
    state = observe(state, Outcome.GONE, NOW, Model())
    assert Followed.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_state_of_a_later_version_is_still_read() -> None:
    assert Followed.from_json(seen().to_json() | {"mood": 1}) == seen()


def test_model_survives_json_and_still_decides_the_same() -> None:
    model = Model()
    for hour in range(1, 60):
        learn(model, Observation(seen(), Outcome.CHANGED, NOW + timedelta(hours=hour)))
    model.refit()
    again = Model.from_json(json.loads(json.dumps(model.to_json())))
    assert again == model
    assert next_due(seen(), NOW, again) == next_due(seen(), NOW, model)


def test_only_another_stamp_of_the_same_source_is_a_hint() -> None:
    state = hinted(seen(), "feed", "Mon")
    assert state.hints == 0
    assert hinted(state, "feed", "Mon") is state
    assert hinted(state, "sitemap", "Tue").hints == 0
    assert hinted(state, "feed", "Tue").hints == 1


def test_a_look_uses_up_the_hints() -> None:
    state = hinted(hinted(seen(), "feed", "a"), "feed", "b")
    assert observe(state, Outcome.UNCHANGED, NOW + timedelta(hours=1), Model()).hints == 0


@pytest.mark.parametrize("outcome", TROUBLES)
def test_trouble_leaves_the_belief_alone_and_is_tried_again_soon_then_more_rarely(outcome: Outcome) -> None:
    before = seen()
    first = observe(before, outcome, NOW, Model())
    second = observe(first, outcome, NOW, Model())
    assert (first.alpha, first.beta, first.last_look) == (before.alpha, before.beta, before.last_look)
    assert NOW < next_due(first, NOW, Model()) <= NOW + timedelta(hours=1)
    assert next_due(second, NOW, Model()) - NOW == 2 * (next_due(first, NOW, Model()) - NOW)


@pytest.mark.parametrize("outcome", TROUBLES)
def test_trouble_never_waits_longer_than_the_floor(outcome: Outcome) -> None:
    state = seen()
    for _ in range(60):
        state = observe(state, outcome, NOW, Model())
    assert next_due(state, NOW, Model()) <= NOW + timedelta(days=30)


def test_retry_after_is_kept() -> None:
    state = observe(seen(), Outcome.FETCH_FAILED, NOW, Model(), retry_after=timedelta(hours=7))
    assert next_due(state, NOW, Model()) == NOW + timedelta(hours=7)


def test_a_flip_is_looked_at_again_within_minutes() -> None:
    state = observe(seen(timedelta(days=9)), Outcome.CHANGED, NOW, Model(), flip=True)
    assert next_due(state, NOW, Model()) == NOW + timedelta(minutes=5)


def test_a_good_look_ends_the_short_schedule() -> None:
    state = observe(observe(seen(), Outcome.GONE, NOW, Model()), Outcome.UNCHANGED, NOW, Model())
    assert (state.failures, state.retry_at) == (0, None)


@settings(max_examples=100)
@given(alpha=st.floats(0.05, 50), beta=st.floats(0.01, 100), hazard=st.floats(0, 50), changed=st.booleans())
def test_a_change_raises_the_believed_rate_and_none_never_does(
    alpha: float, beta: float, hazard: float, changed: bool
) -> None:
    after_alpha, after_beta = belief(alpha, beta, hazard, changed=changed)
    assert after_alpha > 0
    assert after_beta > 0
    before, after = alpha / beta, after_alpha / after_beta
    assert after >= before * (1 - 1e-6) if changed else after <= before


def test_a_failed_look_teaches_the_model_nothing() -> None:
    model = Model()
    for outcome in TROUBLES:
        learn(model, Observation(seen(), outcome, NOW + timedelta(hours=1)))
    assert model == Model()


def test_edits_seen_late_in_life_raise_the_late_hazard() -> None:
    model, old = Model(), seen(timedelta(days=40))
    before = model.hazard(old, (NOW + timedelta(days=1)).timestamp())
    for _ in range(30):
        learn(model, Observation(old, Outcome.CHANGED, NOW + timedelta(days=1)))
    model.refit()
    assert model.hazard(old, (NOW + timedelta(days=1)).timestamp()) > 2 * before


def test_hints_that_prove_false_lose_their_weight() -> None:
    model, state = Model(), hinted(hinted(seen(), "feed", "a"), "feed", "b")
    for _ in range(100):
        learn(model, Observation(state, Outcome.UNCHANGED, NOW + timedelta(minutes=10)))
    assert model.truthful < 0.05


def test_an_ordinary_week_has_a_mean_of_one() -> None:
    week = timedelta(days=7).total_seconds()
    assert Model().rhythm(NOW.timestamp(), NOW.timestamp() + week) == pytest.approx(1)


@settings(max_examples=100)
@given(age=st.floats(0, 20_000), wait=st.floats(-5, 3_000), taught=st.integers(0, 20))
def test_what_is_expected_is_the_same_asked_of_one_article_of_many_or_for_many_moments(
    age: float, wait: float, taught: int
) -> None:
    model, state = Model(), seen(timedelta(hours=age))
    for hour in range(1, taught):
        learn(model, Observation(state, Outcome.CHANGED, NOW + timedelta(hours=hour)))
    model.refit()
    at = (NOW + timedelta(hours=wait)).timestamp()
    expected = pytest.approx(model.hazard(state, at), rel=1e-6, abs=1e-9)
    ahead = pytest.approx(model.coming(age + wait), rel=1e-6, abs=1e-9)
    hazard, coming = model.outlook(state)(at)
    assert hazard == expected
    assert coming == ahead
    worths, hazards = model.weigh([state, Followed.start(NOW), state], at)
    assert hazards == [expected, 0.0, expected]
    worth = pytest.approx(model.worth(state, hazards[0], model.coming(age + wait)), abs=1e-9)
    assert worths == [worth, FIRST, worth]


def test_a_newsroom_is_thought_to_edit_when_it_publishes_until_edits_tell_otherwise() -> None:
    model, midnight = Model(), NOW.replace(hour=0)
    for day in range(28):
        for hour in range(8, 12):
            at = midnight + timedelta(days=day, hours=hour)
            learn(model, Observation(Followed.start(at, at), Outcome.NEW, at))
        learn(model, Observation(seen(), Outcome.UNCHANGED, at))
    morning, night = (model.rhythm(at, at) for at in ((NOW - timedelta(hours=h)).timestamp() for h in (3, 10)))
    assert morning > 2 > 1 > night
    for _ in range(500):
        before = replace(seen(), last_look=midnight.timestamp() + 3600, published=midnight.timestamp())
        learn(model, Observation(before, Outcome.CHANGED, midnight + timedelta(hours=3)))
    model.refit()
    assert model.rhythm(midnight.timestamp() + 7200, midnight.timestamp() + 7200) > morning


def test_articles_found_long_after_they_were_published_do_not_tell_when_the_newsroom_publishes() -> None:
    model = Model()
    learn(model, Observation(Followed.start(NOW, NOW - timedelta(days=2)), Outcome.NEW, NOW))
    assert model == Model()


@settings(max_examples=100)
@given(alpha=st.floats(0.1, 20), beta=st.floats(0.05, 20), wait=st.floats(0.1, 500))
def test_as_many_edits_are_learned_from_as_were_expected(alpha: float, beta: float, wait: float) -> None:
    model, state = Model(), replace(seen(), alpha=alpha, beta=beta)
    at = NOW + timedelta(hours=wait)
    hazard = model.hazard(state, at.timestamp())
    changed = 1 - (beta / (beta + hazard)) ** alpha
    learn(model, Observation(state, Outcome.CHANGED, at))
    assert model.groups[""][0] * changed == pytest.approx(alpha / beta * hazard, rel=1e-4)


def test_the_memory_of_earlier_releases_is_read() -> None:
    kept = Model(turn=7, threshold=0.003).to_json()
    del kept["archive_level"]
    again = Model.from_json(kept | {"old_threshold": 0.002})
    assert (again.turn, again.threshold, again.edits) == (7, 0.003, Model().edits)


@given(st.floats(1e-9, 50))
@example(3.0000000000000004e-09)  # told as fewer than none when the chance was 1 - exp(-x)
def test_edits_missed_between_two_looks_are_never_fewer_than_none(expected: float) -> None:
    assert 0 < chance(expected) <= min(1, expected)
    assert expected / chance(expected) - 1 >= 0
