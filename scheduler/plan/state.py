"""What the revisit policy remembers of one followed article."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from storage.types import Outcome

START_ALPHA = 0.8  # how unlike one another articles are before anything is known of them (gamma shape)


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One article's history as far as planning needs it. All times are seconds since 1970, UTC.

    ``last_look`` is the last look that showed the text, ``tried`` the last one at all. ``alpha`` and ``beta``
    are the gamma belief about the article's rate of edits, relative to an ordinary article of its age; ``hints``
    counts what the outlet's feeds announced since ``last_look``; ``stamps`` are the dates they last gave, by source.
    ``retry_at`` is set after trouble: then it, and not the value of a look, says when the article is due.
    """

    first_seen: float
    published: float | None = None
    last_look: float | None = None
    last_change: float | None = None
    tried: float | None = None
    alpha: float = START_ALPHA
    beta: float = 1.0
    hints: int = 0
    stamps: Mapping[str, str] = msgspec.field(default_factory=dict)
    failures: int = 0
    outcome: Outcome | None = None
    retry_at: float | None = None
    group: str = ""

    @classmethod
    def start(cls, first_seen: datetime, published: datetime | None = None, group: str = "") -> Followed:
        """A newly found article; ``group`` (a section, a language) lets it borrow experience from others."""
        return cls(
            first_seen=first_seen.timestamp(), published=published.timestamp() if published else None, group=group
        )

    @property
    def born(self) -> float:
        """When it was published, as far as known."""
        return self.first_seen if self.published is None else self.published

    def to_json(self) -> dict[str, Any]:
        """Plain values for a row."""
        return asdict(self) | {"stamps": dict(self.stamps), "outcome": self.outcome and self.outcome.value}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Followed:
        """The state a row holds; names this version does not know are left out."""
        known = {name: value for name, value in row.items() if name in _NAMES}
        if known.get("outcome"):
            known["outcome"] = Outcome(known["outcome"])
        return cls(**known)


_NAMES = Followed.__struct_fields__


def hinted(state: Followed, source: str, stamp: str) -> Followed:
    """The state after ``source`` gave ``stamp`` (a date, a title, a slug) for the article.

    Only a stamp unlike the one stored is a hint; stamps are never compared with our clock, and the first of a
    source says nothing.
    """
    before = state.stamps.get(source)
    if before == stamp:
        return state
    stamps = {**state.stamps, source: stamp}
    return replace(state, stamps=stamps, hints=state.hints + (before is not None))
