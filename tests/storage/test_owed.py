"""What is owed is known without asking about every version there is, and nothing owed is forgotten."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage import Store
from storage.types import Baseline, Content, Look
from tests.storage.conftest import ARTICLE

Looks = Callable[..., Look]


def compare_all(store: Store) -> None:
    """As the service does, finding no difference."""
    newest = store.newest_version()
    for owed in store.owed():
        store.settle(owed, None, summary="", headline="", observed_after=None, observed_by=None, differ="d")
    store.all_compared(newest)


def test_each_new_version_is_owed_until_it_was_compared(store: Store, look: Looks) -> None:
    for says in ("eins", "zwei"):
        store.record(look(says))
    assert [(owed.old, owed.new) for owed in store.owed()] == [(1, 2)]
    compare_all(store)
    assert store.owed() == store.owed(everything=True) == []
    store.record(look("drei"))
    assert [(owed.old, owed.new) for owed in store.owed()] == [(2, 3)]


def test_versions_of_long_ago_are_owed_again_when_their_article_gets_a_seed(store: Store, look: Looks) -> None:
    for says in ("eins", "zwei"):
        store.record(look(says))
    compare_all(store)
    copy = Content(headline="Die Brücke")
    seed, _ = store.add_seed("seed.txt", b"eins", copy, outlet="dw", language="de", fingerprint="test-1")
    store.link_seed(seed.number, ARTICLE)
    assert [(owed.baseline, owed.old, owed.new) for owed in store.owed()] == [
        (Baseline.SEED, 0, 1),
        (Baseline.SEED, 0, 2),
    ]


def test_a_note_that_cannot_be_true_is_not_believed(store: Store, look: Looks) -> None:
    for says in ("eins", "zwei"):
        store.record(look(says))
    store.all_compared(store.newest_version() + 1)
    assert [(owed.old, owed.new) for owed in store.owed()] == [(1, 2)]


def test_everything_is_asked_about_when_wanted_whatever_was_noted(store: Store, look: Looks) -> None:
    for says in ("eins", "zwei"):
        store.record(look(says))
    store.all_compared(store.newest_version())
    assert store.owed() == []
    assert [(owed.old, owed.new) for owed in store.owed(everything=True)] == [(1, 2)]


@pytest.mark.parametrize("says", ["x", "[]", '{"to": null}', ""])
def test_working_state_that_cannot_be_read_any_more_is_forgotten_and_stops_nothing(
    store: Store, look: Looks, says: str
) -> None:
    """It is no evidence; with one bit of it turned no change could be listed any more."""
    for each in ("eins", "zwei"):
        store.record(look(each))
    store.all_compared(store.newest_version())
    store.remember("a model", {"a": 1})
    store._db.execute("UPDATE memory SET value = ?", [says])
    assert [(owed.old, owed.new) for owed in store.owed()] == [(1, 2)]
    assert store.recall("a model") in (None, {}, {"to": None})
    store.all_compared(store.newest_version())
    assert store.owed() == []
