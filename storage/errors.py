"""Every error a person may see, as one tree; page trouble is an ``Outcome``, not an error.

ZaesurError        exit 1   something expected went wrong; shown as one line, never a traceback
├── UserError      exit 2   wrong use: what is wrong, where, what stayed unchanged, what to do
└── StoreError     exit 1   the database cannot be used: locked, full, damaged, not ours
    └── TakenAway  exit 1   its files were removed or replaced under the writer; only a new start helps
"""

from __future__ import annotations


class ZaesurError(Exception):
    """The root of all expected errors."""

    exit_code = 1


class UserError(ZaesurError):
    """The input or the way of asking is wrong."""

    exit_code = 2


class StoreError(ZaesurError):
    """The database cannot do what was asked; nothing was changed."""


class TakenAway(StoreError):
    """The files of the open database are gone; what is written goes nowhere."""
