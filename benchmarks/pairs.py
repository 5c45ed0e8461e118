"""Paired runs: A B A B …, so that what slows the machine down slows both down.

A ratio is taken within each pair, and the median of the ratios is what counts. How far the
ratios lie apart says how much to believe it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

AT_LEAST: Final = "≥"
AT_MOST: Final = "≤"


class Pair(NamedTuple):
    """What was measured of the baseline and of ours, one right after the other; same unit."""

    baseline: float
    ours: float

    @property
    def ratio(self) -> float:
        return self.ours / self.baseline


class Goal(NamedTuple):
    """What the ratio is to be; rates are to be at least something, times at most."""

    sign: str
    value: float

    def met(self, ratio: float) -> bool:
        return ratio >= self.value if self.sign == AT_LEAST else ratio <= self.value

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}×"


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured against what, in which unit, and whether it does."""

    number: str
    name: str
    against: str
    unit: str
    pairs: tuple[Pair, ...]
    goal: Goal
    note: str = ""

    def __post_init__(self) -> None:
        if not self.pairs:
            raise ValueError(f"{self.number} was not measured")

    @property
    def baseline(self) -> float:
        return median(pair.baseline for pair in self.pairs)

    @property
    def ours(self) -> float:
        return median(pair.ours for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios, which is not the ratio of the medians."""
        return median(pair.ratio for pair in self.pairs)

    @property
    def spread(self) -> tuple[float, float]:
        ratios = [pair.ratio for pair in self.pairs]
        return min(ratios), max(ratios)

    @property
    def met(self) -> bool:
        return self.goal.met(self.ratio)


def paired(
    count: int, baseline: Callable[[], float], ours: Callable[[], float]
) -> tuple[Pair, ...]:
    """Runs both in turn, `count` times each."""
    return tuple(Pair(baseline(), ours()) for _ in range(count))


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed."""
    if not values:
        raise ValueError("no value was measured")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
