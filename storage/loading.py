"""What other libraries would load for uses that are not ours, they load not: a command answers the sooner."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """While this lasts, importing these modules fails as if they were not installed; those already loaded are left alone."""
    held_back = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(held_back))  # type: ignore[arg-type] # None is how the import system is told "no"
    try:
        yield
    finally:
        for name in held_back:
            del sys.modules[name]
