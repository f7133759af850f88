"""Shares with the uncertainty they have. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, kw_only=True)
class Share:
    """``count`` of ``total``, with the bounds of its 95 % confidence interval (0 to 1)."""

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 of 0 is 0."""
        return self.count / self.total if self.total else 0.0


def wilson(count: int, total: int) -> Share:
    """The Wilson score interval: right also for few cases and for shares near 0 and 1 (Wilson 1927; Brown, Cai, DasGupta 2001)."""
    if total == 0:
        return Share(count=0, total=0, low=0.0, high=1.0)
    share, square = count / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    spread = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    # at the ends the formula is exactly 0 or 1 but for rounding
    low = 0.0 if count == 0 else middle - spread
    high = 1.0 if count == total else middle + spread
    return Share(count=count, total=total, low=max(0.0, low), high=min(1.0, high))
