"""Which of what is open on a dealer's account is set off against what, and on which day.

An amount that is set off counts no earlier than the younger of its two items: until that one is
there, the other is an item of its own. It leaves with what it was worth in the book's currency when
it was raised; what another rate makes of it is the exchange difference.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Final, NamedTuple

from domain import accounts
from domain.days import Days
from domain.errors import OverAllocation
from domain.facts import Booking
from domain.lines import MOST_POSTINGS, Posting
from domain.open_items import OpenBalance, OpenItems
from domain.values import money_text

# As many items are set off in one fact: a payment has the bank beside them and what is left over,
# and where the book is in another currency, the exchange difference.
MOST_ITEMS: Final = MOST_POSTINGS - 3

# By item, in minor units.
Amounts = dict[str, int]


class Allocation(NamedTuple):
    """An amount of a payment set against one open item."""

    item: str
    amount_minor: int


class Netting(NamedTuple):
    """An amount that is set off: from an item in the dealer's favour against one it owes."""

    credit_item: str
    debit_item: str
    amount_minor: int


def with_difference(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """With what exchange rates have gained or lost between these postings on 6061, if anything: an
    amount of 0 that is worth something in the book's currency."""
    found = tuple(postings)
    left = sum(posting.functional_minor or 0 for posting in found)
    if not left:
        return found
    difference = Posting(
        account=accounts.EXCHANGE_DIFFERENCE, amount_minor=0, currency=found[0].currency,
        functional_minor=-left,
    )  # fmt: skip
    return (*found, difference)


def oldest_due(items: OpenItems, amount_minor: int) -> tuple[Allocation, ...]:
    """What an amount pays, oldest due first, until it or the items are used up."""
    chosen = []
    for item, open_minor in items.owed:
        if amount_minor <= 0:
            break
        chosen.append(Allocation(item, min(open_minor, amount_minor)))
        amount_minor -= open_minor
    return tuple(chosen)


def allocated(
    items: OpenItems,
    payment: str,
    amount_minor: int,
    currency: str,
    allocations: Sequence[Allocation],
) -> Amounts:
    """What a payment pays of each item: as allocated, or else oldest due first.

    Refuses more than is open of an item, and more than was paid.
    """
    chosen: Amounts = {}
    for item, part_minor in allocations or oldest_due(items, amount_minor):
        chosen[item] = chosen.get(item, 0) + part_minor
    for item, part_minor in chosen.items():
        open_minor = max(0, items[item].amount_minor) if item in items else 0
        if part_minor > open_minor:
            raise OverAllocation(
                f"{item}: {money_text(open_minor, currency)} open,"
                f" {money_text(part_minor, currency)} allocated",
                item=item, open_minor=open_minor, allocated_minor=part_minor,
            )  # fmt: skip
    if (sum_minor := sum(chosen.values())) > amount_minor:
        raise OverAllocation(
            f"{payment}: {money_text(sum_minor, currency)} allocated of"
            f" {money_text(amount_minor, currency)}",
            payment=payment, amount_minor=amount_minor, allocated_minor=sum_minor,
        )  # fmt: skip
    return chosen


def nettings(items: OpenItems) -> list[Netting]:
    """Sets both sides off against each other, oldest due first, until one side is used up."""
    owed, owing = deque(items.owed), deque(items.owing)
    most = len(owed) + len(owing) - 1  # Each netting takes two items and uses up one at least.
    found: list[Netting] = []
    while owed and owing:
        assert len(found) < most, f"nettings go on and use nothing up, as {found[-1]}"
        (debit_item, debit), (credit_item, credit) = owed.popleft(), owing.popleft()
        amount = min(debit, -credit)
        found.append(Netting(credit_item, debit_item, amount))
        if debit > amount:
            owed.appendleft((debit_item, debit - amount))
        if -credit > amount:
            owing.appendleft((credit_item, credit + amount))
    return found


def in_facts(
    items: Mapping[str, OpenBalance], pairs: Iterable[Netting], booking: Booking, open_from: date
) -> list[tuple[Booking, Amounts]]:
    """Which facts set these pairs off: when each counts, and what it changes, in order of days.

    A pair counts with the booking, or with the younger of its items, if that is later. No month is
    closed from `open_from` on. Of one day there are several facts where one would be too long for
    an entry; each balances by itself.
    """
    days: defaultdict[Booking, list[Netting]] = defaultdict(list)
    for pair in pairs:
        younger = max(items[pair.credit_item].effective_on, items[pair.debit_item].effective_on)
        days[_booked(booking, younger, open_from)].append(pair)
    in_order = sorted(days, key=attrgetter("effective_on"))
    return [(day, amounts) for day in in_order for amounts in _fitting(days[day])]


def _booked(booking: Booking, younger: date, open_from: date) -> Booking:
    """On the day of the younger item, or where its month is closed on the first open day."""
    if younger <= booking.effective_on:
        return booking
    return booking._replace(days=Days(younger, max(younger, open_from)))


def _fitting(pairs: Iterable[Netting]) -> Iterator[Amounts]:
    """The pairs in their order, as many at a time as fit into a fact."""
    amounts: Amounts = {}
    for credit_item, debit_item, amount in pairs:
        if len(amounts) > MOST_ITEMS:
            yield amounts
            amounts = {}
        amounts[credit_item] = amounts.get(credit_item, 0) + amount
        amounts[debit_item] = amounts.get(debit_item, 0) - amount
    if amounts:
        yield amounts
