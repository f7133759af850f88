"""sqlite-utils as every module here uses it: loaded without numpy and pandas, whether or not they are installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _not_loading(*names: str) -> Iterator[None]:
    """While this lasts, importing these modules fails as if they were not installed; those already loaded are left alone."""
    held_back = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(held_back))  # type: ignore[arg-type] # None is how the import system is told "no"
    try:
        yield
    finally:
        for name in held_back:
            del sys.modules[name]


# sqlite-utils looks for both to know their types when rows of theirs are inserted, which no row of ours is;
# loading them takes longer than all the rest of a command that lists changes
with _not_loading("numpy", "pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
