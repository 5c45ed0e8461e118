"""The double entry a fact carries: movements of parts and postings of money.

Lines are decided once, under the price and policy then in force, and every view is a sum over
them (docs/domain.md, "The one idea"). A fact's postings sum to zero in each currency, or else
`Ledger.decide` does not record it. The inventory postings beside a movement equal its layers times
their unit cost.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec import field

from domain.layers import Layer
from domain.stored import Stored

# As many postings fit into an entry of the log, whatever names they hold. A fact that would have
# more is recorded as several, each of which balances.
MOST_POSTINGS: Final = 64


class Movement(Stored):
    """Layers of a part that go from one place to another.

    Each layer's `arrived_on` and `counts_from` are of its arrival at `from_place`; it arrives at
    `to_place` on the fact's `occurred_on`, and counts there from its `effective_on`. Virtual places
    start with "@" (see domain/places.py).
    """

    part: str
    from_place: str = field(name="from")
    to_place: str = field(name="to")
    layers: tuple[Layer, ...]


class Posting(Stored):
    """An amount on an account: debit positive, credit negative, in minor units of `currency`.

    `party` is whose part of the account it is: `dealers/D01`, `suppliers/S01`, `places/W01`, or
    empty where the account is not divided. Postings on a dealer's account name the open `item`
    (a document) that they raise or clear, and the day it is due when they raise it.
    """

    account: str
    party: str = ""
    amount_minor: int
    currency: str
    item: str = ""
    due_on: date | None = None


def transferred(
    debit: tuple[str, str], credit: tuple[str, str], amount_minor: int, currency: str
) -> tuple[Posting, ...]:
    """Debits one (account, party) and credits another; an amount of zero has no postings."""
    if amount_minor == 0:
        return ()
    return (
        Posting(account=debit[0], party=debit[1], amount_minor=amount_minor, currency=currency),
        Posting(account=credit[0], party=credit[1], amount_minor=-amount_minor, currency=currency),
    )


class Unbalanced(AssertionError):  # noqa: N818 - Named after what is the matter.
    """A defect, and no refusal: a rule has made postings that do not add up."""

    def __init__(self, topic: str, left_over: dict[str, int]) -> None:
        super().__init__(f"the postings of {topic} do not balance: {left_over} are left over")


def imbalance(postings: Iterable[Posting]) -> dict[str, int]:
    """Currencies in which debits and credits differ, and by how much; empty when balanced."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_minor
    return {currency: rest for currency, rest in sums.items() if rest}
