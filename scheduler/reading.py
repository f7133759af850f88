"""Open the records for a command that only reads, with nothing owed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import Store


@contextmanager
def ready(path: Path) -> Iterator[Store]:
    """The store, read-only, after the comparisons still owed were made.

    They are owed only when a spider was run by hand or a process was killed between recording and comparing. While the service
    holds the writer's lock it makes them itself, so there is nothing to wait for.
    """
    with Store.open(path, write=False) as store:
        owed = any(True for _ in store.owed())
    if owed and not Store.locked(path):
        from scheduler.comparing import compare_owed  # brings the whole engine with it, which is seldom needed

        with Store.open(path) as store:
            compare_owed(store)
    with Store.open(path, write=False) as store:
        yield store
