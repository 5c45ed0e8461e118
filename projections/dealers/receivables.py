"""Receivables: what each dealer owes and is owed, by how long it is overdue.

The same open items as elsewhere, added up: a dealer's row is the sum of its open items on that day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from projections.dealers.open_items import OpenByAge, OpenItem, by_age, open_items
from projections.engine.reading import Reading


class Receivable(NamedTuple):
    """All open items of one dealer, or of all of them, in one currency.

    `functional_minor` is what they were worth in the book's currency when they were raised, where
    that is another one, and 0 where it is not.
    """

    dealer: str  # Empty in a total.
    currency: str
    open_by_age: OpenByAge
    functional_minor: int


@dataclass(frozen=True, slots=True)
class Receivables:
    as_of: date
    as_of_position: int
    dealers: tuple[Receivable, ...]  # By dealer and currency; of those with open items.
    totals: tuple[Receivable, ...]  # One of each currency, by its code.


def receivables(now: Reading, as_of: date) -> Receivables:
    """What is open at the end of a day, of all dealers."""
    found = open_items(now, as_of).items
    return Receivables(
        as_of,
        now.position,
        _sums(((item.dealer, item) for item in found), as_of),
        _sums((("", item) for item in found), as_of),
    )


def _sums(items: Iterable[tuple[str, OpenItem]], as_of: date) -> tuple[Receivable, ...]:
    groups = [
        (dealer, currency, [item for _, item in group])
        for (dealer, currency), group in groupby(sorted(items, key=_group), key=_group)
    ]
    return tuple(
        Receivable(
            dealer, currency, by_age(found, as_of), sum(item.functional_minor for item in found)
        )
        for dealer, currency, found in groups
    )


def _group(of: tuple[str, OpenItem]) -> tuple[str, str]:
    dealer, item = of
    return dealer, item.currency
