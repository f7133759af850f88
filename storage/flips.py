"""Texts that come back: A, B, A is a return; returns that follow one another quickly are one episode of flapping. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

FLAPPING = timedelta(hours=48)  # between two returns of one episode: an A/B test, or edge copies that take turns


class Appeared(msgspec.Struct, frozen=True, kw_only=True):
    """A version as far as flips need it: its number, the digest of its text and when it was first seen."""

    number: int
    digest: str
    at: datetime


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A version whose text stood there before. ``episode`` is the version from which on this is flapping, if it is."""

    number: int
    episode: int | None = None


def returns(versions: Iterable[Appeared]) -> dict[int, Return]:
    """The versions that are returns, by number."""
    return {each.number: each for each in in_turn(versions) if each is not None}


def in_turn(versions: Iterable[Appeared]) -> list[Return | None]:
    """For each version in turn whether it is a return; the first of an episode is an edit like any other, from the second on it flaps."""
    found: list[Return | None] = []
    earlier: set[str] = set()
    before: Appeared | None = None
    last: datetime | None = None
    episode: int | None = None
    for version in versions:
        found.append(None)
        if before and version.digest in earlier and version.digest != before.digest:
            quick = last is not None and abs(version.at - last) <= FLAPPING  # a clock may have been set back
            episode = (episode or version.number) if quick else None
            found[-1] = Return(number=version.number, episode=episode)
            last = version.at
        if before:
            earlier.add(before.digest)
        before = version
    return found
