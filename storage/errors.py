"""Every error a person may see, as one tree; page trouble is an ``Outcome``, not an error.

ZaesurError        exit 1   something expected went wrong; shown as one line, never a traceback
├── UserError      exit 2   wrong use: what is wrong, where, what stayed unchanged, what to do
│   └── Incomparable exit 2 no difference can be told between these two versions
├── NotNow         exit 1   a page cannot be read at the moment; what needs it stays to be done
└── StoreError     exit 1   the database cannot be used: locked, full, damaged, not ours
    ├── TakenAway  exit 1   its files were removed or replaced under the writer; only a new start helps
    ├── Altered    exit 1   a page that is stored does not come out as it was served; everything else can be used
    └── OtherZlib  exit 1   a page is whole, but this machine's zlib does not make the gzip it was served in

Damaged            exit 1   a record does not say what a record says; one line too, but a ValueError: whoever reads many leaves it out and goes on
"""

from __future__ import annotations


class ZaesurError(Exception):
    """The root of all expected errors."""

    exit_code = 1


class UserError(ZaesurError):
    """The input or the way of asking is wrong."""

    exit_code = 2


class Incomparable(UserError):
    """What is left of two versions, or who read them, does not allow a comparison; the message says why."""


class NotNow(ZaesurError):
    """The reader of pages cannot answer for reasons of its own."""


class StoreError(ZaesurError):
    """The database cannot do what was asked; nothing was changed."""


class TakenAway(StoreError):
    """The files of the open database are gone; what is written goes nowhere."""


class Altered(StoreError):
    """The stored bytes of a page and its digest disagree."""


class OtherZlib(StoreError):
    """The plain bytes of a page are as recorded; its coding as served cannot be made again by the zlib of this machine."""


# what reading a record raises where it says something no record of ours says: altered, and a finding like any other
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class Damaged(ValueError):
    """A record cannot be read any more; ``zaesur verify`` names all of them."""
