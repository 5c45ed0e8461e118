"""Chance that repeats: everything is drawn from a seed, and shares come out as they should."""

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Deck:
    """Deals outcomes in the given shares: exact over each full deck, in random order."""

    def __init__(self, random: Random, shares: Mapping[str, int]) -> None:
        self._random = random
        self._cards = [outcome for outcome, share in shares.items() for _ in range(share)]
        self._left: list[str] = []

    def deal(self) -> str:
        if not self._left:
            self._left = self._random.sample(self._cards, len(self._cards))
        return self._left.pop()


class Coin:
    """Falls on True in so many of a hundred throws."""

    def __init__(self, random: Random, percent: int) -> None:
        self._deck = Deck(random, {"yes": percent, "no": 100 - percent})

    def throw(self) -> bool:
        return self._deck.deal() == "yes"


class Weighted:
    """Draws an index in proportion to its weight."""

    def __init__(self, random: Random, weights: Iterable[float]) -> None:
        self._random = random
        self._sums = list(accumulate(weights))

    def draw(self) -> int:
        return bisect(self._sums, self._random.random() * self._sums[-1])


class Quota:
    """Spreads a number a month over its working days, without losing fractions."""

    def __init__(self, per_month: int) -> None:
        self._per_month = per_month
        self._given = 0
        self._days = 0

    def today(self) -> int:
        """How many are due on the next of the 26 working days of a month."""
        self._days += 1
        due = self._per_month * self._days // 26 - self._given
        self._given += due
        return due


def one_of(random: Random, choices: Sequence[T]) -> T:
    return choices[int(random.random() * len(choices))]


def days_after(random: Random, day: date, least: int, most: int) -> date:
    """A working day so many days later: Sundays are moved to Mondays."""
    found = day + timedelta(days=random.randint(least, most))
    return found + timedelta(days=1) if found.weekday() == 6 else found
