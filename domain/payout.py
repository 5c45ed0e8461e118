"""Money paid out to a dealer 付款; the credits it pays stand on the dealer's account."""

from collections.abc import Sequence
from typing import Self

from domain.clearing import Allocation, Amounts
from domain.conversion import Conversion
from domain.dealer_account import DealerAccount
from domain.errors import NotACredit, OutOfSequence, OverPayout
from domain.facts import Aggregate, Booking, Command, FirstBookedFact
from domain.open_items import OpenBalance
from domain.values import money_text


class Payout(Aggregate):
    """A refund of what was paid too much, or the payment of claims and other credits."""

    TOPIC = "partsledger:Payout"
    KIND = "payouts"

    class Paid(FirstBookedFact):
        TOPIC = "partsledger:Payout.Paid"
        dealer: str
        amount_minor: int
        currency: str

    def __init__(self, dealer: str, amount_minor: int, currency: str) -> None:
        self.dealer = dealer
        self.amount_minor = amount_minor
        self.currency = currency

    @classmethod
    def pay(
        cls,
        command: Command,
        number: str,
        booking: Booking,
        account: DealerAccount,
        amount_minor: int,
        allocations: Sequence[Allocation],
        conversion: Conversion | None,
    ) -> tuple[Self, list[str]]:
        """The payout, and the items that it pays.

        It pays the credits that are named, or else the oldest ones, and each to its last minor
        unit: money that pays nothing does not go out. A credit is not paid before it counts.
        """
        chosen = _credits_paid(account, booking, amount_minor, allocations)
        payout = cls._first(
            cls.Paid, number, command, booking,
            dealer=account.dealer, amount_minor=amount_minor, currency=account.currency,
        )  # fmt: skip
        account.pay_out(command, booking.caused_by(payout.last_step), chosen, conversion)
        return payout, list(chosen)


def _credits_paid(
    account: DealerAccount,
    booking: Booking,
    amount_minor: int,
    allocations: Sequence[Allocation],
) -> Amounts:
    """What is paid of each credit. Refuses more than there is of them on the day of the payout."""
    if allocations:
        return _as_named(account, booking, allocations)
    day = booking.effective_on
    chosen: Amounts = {}
    left_minor = amount_minor
    for item, open_minor in account.items.owing:
        if account.items[item].effective_on > day:
            continue
        if part_minor := min(-open_minor, left_minor):
            chosen[item] = part_minor
            left_minor -= part_minor
    if left_minor:
        credit_minor = amount_minor - left_minor
        raise OverPayout(
            f"{account.dealer} is owed {money_text(credit_minor, account.currency)} on {day},"
            f" {money_text(amount_minor, account.currency)} paid out",
            dealer=account.dealer, credit_minor=credit_minor, amount_minor=amount_minor, on=day,
        )  # fmt: skip
    return chosen


def _as_named(
    account: DealerAccount, booking: Booking, allocations: Sequence[Allocation]
) -> Amounts:
    chosen: Amounts = {}
    for item, part_minor in allocations:
        chosen[item] = chosen.get(item, 0) + part_minor
    for item, part_minor in chosen.items():
        credit = _credit(account, item)
        if credit.effective_on > booking.effective_on:
            raise OutOfSequence(
                f"{item} counts from {credit.effective_on}: it cannot be paid out on"
                f" {booking.effective_on}",
                step=item, step_on=credit.effective_on, on=booking.effective_on,
            )  # fmt: skip
        if part_minor > -credit.amount_minor:
            raise OverPayout(
                f"{item}: {money_text(-credit.amount_minor, account.currency)} owed to"
                f" {account.dealer}, {money_text(part_minor, account.currency)} paid out",
                item=item, credit_minor=-credit.amount_minor, amount_minor=part_minor,
            )  # fmt: skip
    return chosen


def _credit(account: DealerAccount, item: str) -> OpenBalance:
    """An open item in the dealer's favour."""
    found = account.items.get(item)
    if found is None or found.amount_minor > 0:
        owed_minor = 0 if found is None else found.amount_minor
        raise NotACredit(
            f"{item} is no credit of {account.dealer}, which owes"
            f" {money_text(owed_minor, account.currency)} on it: only a credit is paid out",
            item=item, dealer=account.dealer, owed_minor=owed_minor,
        )  # fmt: skip
    return found
