"""Open items: which documents a dealer still owes, or is still owed, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from domain.accounts import DEALER_ACCOUNTS
from projections.reading import Reading

# Days past the due date; the last one counts.
AGE_LIMITS: Final = (30, 60, 90, 180)

# The due date is looked for beyond the lines that count: a payment may stand on an earlier day or
# statement than the item it clears. An item is raised once; the first due date said of it stays.
_OPEN: Final = """
    SELECT party, account, item, currency, sum(amount_minor) FILTER (WHERE {lines}),
           (array_agg(due_on ORDER BY position, line_no) FILTER (WHERE due_on IS NOT NULL))[1]
               AS due_on
    FROM {views}.journal_lines
    WHERE account = ANY(%(accounts)s) AND position <= %(position)s
      AND (%(party)s::text IS NULL OR party = %(party)s)
    GROUP BY party, account, item, currency
    HAVING sum(amount_minor) FILTER (WHERE {lines}) <> 0
    ORDER BY party, due_on, item, account, currency
    LIMIT %(limit)s OFFSET %(skip)s
"""
_AS_OF: Final = _OPEN.replace("{lines}", "effective_on <= %(as_of)s")
_STATED: Final = _OPEN.replace("{lines}", "statement_month <= %(month)s AND statement_month <> ''")


class OpenItem(NamedTuple):
    """What is open of one document: owed by the dealer if positive, owed to it if negative."""

    dealer: str
    account: str
    item: str
    currency: str
    amount_minor: int
    due_on: date

    def days_overdue(self, on: date) -> int:
        """Negative while it is not yet due."""
        return (on - self.due_on).days


class OpenByAge(NamedTuple):
    """Open amounts by days past the due date, in minor units of one currency."""

    not_due: int = 0
    days_0_30: int = 0
    days_31_60: int = 0
    days_61_90: int = 0
    days_91_180: int = 0
    over_180: int = 0


@dataclass(frozen=True, slots=True)
class OpenItems:
    as_of: date
    as_of_position: int
    items: tuple[OpenItem, ...]  # By dealer, oldest due first.


def open_items(
    now: Reading,
    as_of: date,
    dealer: str | None = None,
    *,
    skip: int = 0,
    limit: int | None = None,
) -> OpenItems:
    """What is open at the end of a day, of one dealer or of all.

    Pages may skip by number: the items of a day at a position are always the same.
    """
    party = None if dealer is None else f"dealers/{dealer}"
    values = {"as_of": as_of, "party": party, "skip": skip, "limit": limit}
    return OpenItems(as_of, now.position, _items(now, _AS_OF, values))


def stated_items(now: Reading, dealer: str, month: str) -> tuple[OpenItem, ...]:
    """What is open of the lines that stand on a dealer's statements up to a month's."""
    return _items(now, _STATED, {"month": month, "party": f"dealers/{dealer}"})


def by_age(items: Iterable[OpenItem], on: date) -> OpenByAge:
    """Sums items of one currency by how long they are overdue on a day."""
    sums = [0] * len(OpenByAge._fields)
    for item in items:
        days = item.days_overdue(on)
        bucket = 0 if days < 0 else 1 + sum(days > limit for limit in AGE_LIMITS)
        sums[bucket] += item.amount_minor
    return OpenByAge(*sums)


def _items(now: Reading, query: str, values: dict[str, Any]) -> tuple[OpenItem, ...]:
    values = {"skip": 0, "limit": None, **values, "accounts": list(DEALER_ACCOUNTS)}
    rows = now.select(query, values)
    return tuple(
        OpenItem(party.partition("/")[2], account, item, currency, int(amount), due_on)
        for party, account, item, currency, amount, due_on in rows
    )
