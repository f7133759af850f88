"""Figures beside the targets they were set, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One measured value, what it should reach, and whether it did."""

    name: str
    value: float
    target: float
    most: bool

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.value <= self.target if self.most else self.value >= self.target

    @property
    def margin(self) -> float:
        """How far on the good side of the target the value is; below zero when missed."""
        return self.target - self.value if self.most else self.value - self.target

    def __str__(self) -> str:
        """The value with its target."""
        return f"{self.value:.4f} ({'<=' if self.most else '>='} {self.target}{'' if self.met else ' MISSED'})"


@dataclass
class Targets:
    """All figures of a run, by the row of the table they belong to."""

    rows: dict[str, list[Figure]] = field(default_factory=dict)

    def check(self, row: str, value: float, target: float, *, most: bool = False, name: str = "") -> Figure:
        """Remember a figure under a row; ``most`` means that the target is an upper bound."""
        figure = Figure(name, value, target, most)
        self.rows.setdefault(row, []).append(figure)
        return figure

    def missed(self) -> list[str]:
        """The names of the figures that missed their target."""
        return [f"{row} {f.name}".strip() for row, figures in self.rows.items() for f in figures if not f.met]

    def table(self) -> Iterator[str]:
        """A line a row: the figure nearest to its target (or farthest beyond), the target, met or missed."""
        yield f"{'measure':52} {'figure':>9} {'target':>9}  "
        for row, figures in self.rows.items():
            worst = min(figures, key=lambda figure: figure.margin)
            met = sum(figure.met for figure in figures)
            verdict = "met" if met == len(figures) else "MISSED"
            many = f" ({met} of {len(figures)}; worst: {worst.name})" if len(figures) > 1 else ""
            sign = "<=" if worst.most else ">="
            yield f"{row:52} {worst.value:9.4f} {sign} {worst.target:<6}  {verdict}{many}"
