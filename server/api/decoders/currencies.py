"""Checks of currencies that need the ledger: requests hold amounts with their currency."""

from typing import Any

from domain.errors import WrongCurrency
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.writing.submission import UseCase


def in_book_currency(currency: str, use_case: UseCase) -> UseCase:
    """The use case, after a check that this is the book's currency."""

    def checked(ledger: Ledger, command: Command) -> Aggregate:
        _require(currency, ledger.currency, "the book is kept")
        return use_case(ledger, command)

    return checked


def in_currency_of(kind: type[Aggregate], key: str, currency: str, use_case: UseCase) -> UseCase:
    """The use case, after a check that this is the document's currency.

    A request without amounts has no currency, and is not checked.
    """

    def checked(ledger: Ledger, command: Command) -> Aggregate:
        document: Any = ledger.get(kind, key)
        _require(currency or document.currency, document.currency, f"{document.id} is")
        return use_case(ledger, command)

    return checked


def _require(currency: str, expected: str, whose: str) -> None:
    if currency != expected:
        raise WrongCurrency(
            f"{whose} in {expected}, not {currency}", currency=currency, expected=expected
        )
