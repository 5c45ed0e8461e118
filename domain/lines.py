"""The double entry a fact carries: movements of parts and postings of money.

Lines are decided once, under the price and policy then in force, and every view is a sum over
them (docs/domain.md, "The one idea"). A fact's postings sum to zero in each currency, and all of
them in the book's, or else `Ledger.decide` does not record it. The inventory postings beside a
movement equal the value of its layers.
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

    `functional_minor` is what it is worth in the book's currency, if that is another one. What a
    rate has gained or lost is of that currency alone: it has an amount of 0.
    """

    account: str
    party: str = ""
    amount_minor: int
    currency: str
    functional_minor: int | None = None
    item: str = ""
    due_on: date | None = None


def transferred(
    debit: tuple[str, str],
    credit: tuple[str, str],
    amount_minor: int,
    currency: str,
    functional_minor: int | None = None,
) -> tuple[Posting, ...]:
    """Debits one (account, party) and credits another; what is zero has no postings."""
    if not amount_minor and not functional_minor:
        return ()
    back = None if functional_minor is None else -functional_minor
    return (
        Posting(
            account=debit[0], party=debit[1], amount_minor=amount_minor, currency=currency,
            functional_minor=functional_minor,
        ),
        Posting(
            account=credit[0], party=credit[1], amount_minor=-amount_minor, currency=currency,
            functional_minor=back,
        ),
    )  # fmt: skip


class Unbalanced(AssertionError):  # noqa: N818 - Named after what is the matter.
    """A defect, and no refusal: a rule has made postings that do not add up."""

    def __init__(self, topic: str, left_over: dict[str, int]) -> None:
        super().__init__(f"the postings of {topic} do not balance: {left_over} are left over")


class Unconverted(AssertionError):  # noqa: N818 - Named after what is the matter.
    """A defect: a posting lacks what it is worth in the book's currency, or says it twice."""

    def __init__(self, account: str, currency: str, book_currency: str) -> None:
        super().__init__(
            f"a posting on {account} in {currency} must have a functional amount if and only if"
            f" the book is in another currency than that; it is in {book_currency}"
        )


def imbalance(postings: Iterable[Posting], book_currency: str) -> dict[str, int]:
    """Currencies in which debits and credits differ, and by how much; empty when balanced.

    The worth of all postings in the book's currency is named apart, where one is in another. An
    amount that lacks its worth, or has one and needs none, is a defect.
    """
    sums: dict[str, int] = {}
    functional = 0
    foreign = False
    for posting in postings:
        currency, minor = posting.currency, posting.functional_minor
        sums[currency] = sums.get(currency, 0) + posting.amount_minor
        if (minor is None) is not (currency == book_currency):
            raise Unconverted(posting.account, currency, book_currency)
        foreign = foreign or minor is not None
        functional += posting.amount_minor if minor is None else minor
    left_over = {currency: rest for currency, rest in sums.items() if rest}
    if foreign and functional:
        left_over[f"{book_currency}, functional"] = functional
    return left_over
