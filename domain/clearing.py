"""What is open on a dealer's account, and which of it a payment or a netting clears first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class OpenBalance:
    """What is still open of one document: owed by the dealer if positive, to it if negative."""

    account: str
    amount_minor: int
    due_on: date


class Allocation(NamedTuple):
    """An amount of a payment set against one open item."""

    item: str
    amount_minor: int


class Netting(NamedTuple):
    """An amount that is set off: from an item in the dealer's favour against one it owes."""

    credit_item: str
    debit_item: str
    amount_minor: int


def by_due(items: Mapping[str, OpenBalance], sign: int) -> list[tuple[str, int]]:
    """Items that are owed by the dealer (1) or to it (-1) with their amounts, oldest due first."""
    rows = [(item.due_on, key, item.amount_minor) for key, item in items.items()]
    return [(key, amount) for _, key, amount in sorted(rows) if amount * sign > 0]


def oldest_due(items: Mapping[str, OpenBalance], amount_minor: int) -> tuple[Allocation, ...]:
    """What an amount pays, oldest due first, until it or the items are used up."""
    chosen = []
    for item, open_minor in by_due(items, 1):
        if amount_minor <= 0:
            break
        chosen.append(Allocation(item, min(open_minor, amount_minor)))
        amount_minor -= open_minor
    return tuple(chosen)


def nettings(items: Mapping[str, OpenBalance]) -> list[Netting]:
    """Sets both sides off against each other, oldest due first, until one side is used up."""
    owed, owing = by_due(items, 1), by_due(items, -1)
    most = len(owed) + len(owing) - 1  # Each netting takes two items and uses up one at least.
    found: list[Netting] = []
    while owed and owing:
        assert len(found) < most, f"nettings go on and use nothing up, as {found[-1]}"
        (debit_item, debit), (credit_item, credit) = owed[0], owing[0]
        amount = min(debit, -credit)
        found.append(Netting(credit_item, debit_item, amount))
        owed[:1] = [(debit_item, debit - amount)] if debit > amount else []
        owing[:1] = [(credit_item, credit + amount)] if -credit > amount else []
    return found
