"""Open the records for a command that only reads, with nothing owed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import Store
from storage.errors import StoreError


@contextmanager
def ready(path: Path) -> Iterator[Store]:
    """The store, read-only, after the comparisons still owed were made.

    They are owed only when a spider was run by hand or a process was killed between recording and comparing. While the service
    holds the writer's lock it makes them itself, so there is nothing to wait for. Where nothing can be written they are made in a
    copy: a list that leaves a change out without a word would say that there is none.
    """
    with Store.open(path, write=False) as store:
        owed = any(True for _ in store.owed())
    trouble = _record_owed(path) if owed and not Store.locked(path) else None
    with Store.aside(path) if trouble else Store.open(path, write=False) as store:
        if trouble:
            _compare(store)
            sys.stderr.write(f"{trouble}. What was still to be compared was compared in a copy\n")
        yield store


def _record_owed(path: Path) -> StoreError | None:
    """Make the comparisons; why they could not be recorded."""
    try:
        with Store.open(path) as store:
            _compare(store)
    except StoreError as error:  # a disk that is read-only or full, the files of another user
        return error
    return None


def _compare(store: Store) -> None:
    from scheduler.comparing import compare_owed  # brings the whole engine with it, which is seldom needed

    compare_owed(store)
