"""The note of the last verification that passed, beside the database: from where on a short one goes on. A hint, never evidence.

It is not in the database, because whoever verifies only reads that. One that is lost, damaged, or of an earlier schema makes the next
verification a whole one; one that was forged spares what it names until the round comes there, or ``zaesur verify`` does.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import msgspec

from storage.content import decode, encode
from storage.place import beside
from storage.schema import SCHEMA


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """What was there, and passed: the ends of the three chains, the last place in each table and how many rows it had.

    ``at``: when. ``whole``: when a verification of everything began last. ``walked``: the older rows were compared with their seals
    anew up to this seal, in the round that began at ``round``; the round before it began at ``before``.
    """

    at: str
    whole: str
    seal: int
    seal_hash: str
    look: int
    look_hash: str
    event: int
    event_hash: str
    places: dict[str, int] = msgspec.field(default_factory=dict)
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    schema: int = SCHEMA
    walked: int = 0
    round: str = ""
    before: str = ""


def name_of(database: Path) -> Path:
    """Where the note of a database is."""
    return beside(database, "-verified")


def read_passed(database: Path) -> Passed | None:
    """The note; ``None`` where there is none, or none that can be believed to be as it was written."""
    try:
        told, _, digest = name_of(database).read_bytes().rstrip(b"\n").rpartition(b" ")
        if hashlib.sha256(told).hexdigest().encode() != digest:
            return None
        passed = decode(told, Passed)
        return passed if passed.schema == SCHEMA else None  # a migration may have moved rows to other places
    except (OSError, msgspec.DecodeError):
        return None


def write_passed(database: Path, passed: Passed) -> bool:
    """Write the note, whole or not at all; whether it could be."""
    name, told = name_of(database), encode(passed).encode()
    part = name.with_name(f"{name.name}.part")
    with contextlib.suppress(OSError):
        part.write_bytes(told + b" " + hashlib.sha256(told).hexdigest().encode() + b"\n")
        part.replace(name)
        return True
    return False
