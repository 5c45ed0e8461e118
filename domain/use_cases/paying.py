"""Pays money out to dealers in credit."""

from domain.clearing import Allocation
from domain.dealer_account import DealerAccount
from domain.errors import WrongCurrency
from domain.facts import Command
from domain.ledger import Ledger
from domain.payout import Payout
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.converting import conversion_on
from domain.use_cases.crediting import settle_cleared


def pay_out(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    dealer: str,
    amount_minor: int,
    currency: str,
    allocations: tuple[Allocation, ...] = (),
) -> Payout:
    """Pays the credits named, which add up to the amount, or else the oldest; settles claims."""
    ledger.require_new(Payout, number)
    account = ledger.get(DealerAccount, dealer)
    if currency != account.currency:
        raise WrongCurrency(
            f"{dealer} settles in {account.currency}, not {currency}",
            dealer=dealer, currency=currency, expected=account.currency,
        )  # fmt: skip
    booking = book(ledger, command, occurrence, number)
    conversion = conversion_on(ledger, currency, booking.occurred_on)
    payout, paid = Payout.pay(
        command, number, booking, account, amount_minor, allocations, conversion
    )
    settle_cleared(
        ledger, command, account, dict.fromkeys(paid, booking.caused_by(payout.last_step))
    )
    return ledger.add(payout)
