"""Sums that no 64-bit number holds: they are written, folded, stated, read and shown, exactly."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.dealer_account import DealerAccount
from domain.facts import Command
from domain.ledger import Ledger
from domain.values import MAX_AMOUNT_MINOR
from projections.books.trial_balance import TrialBalance, trial_balance
from projections.dealers.dealer_statement import DealerStatement, dealer_statement
from projections.dealers.open_items import open_items
from server.api.conversions.book import ShownBook
from server.api.conversions.statements import (
    open_item_message,
    statement_message,
    trial_balance_message,
)
from tests.domain.account_steps import raised
from tests.domain.desk import counted
from tests.projections.bookkeeping import Bookkeeper
from tests.small_maker import SmallMaker, terms

JUNE, END = date(2025, 6, 10), date(2025, 6, 30)
LARGEST = 10**18  # Of an amount, and more than any document comes to.
ITEMS = 20
SUM = ITEMS * LARGEST
DOLLARS = 3 * MAX_AMOUNT_MINOR
WORTH = 3 * MAX_AMOUNT_MINOR * 10**9  # At the highest rate there may be.
BOOK = ShownBook("main", "CNY")

assert SUM > 2**63
assert WORTH > 2**63


@pytest.fixture
def large(bookkeeper: Bookkeeper) -> Bookkeeper:
    """Twenty items of D01 at the limit; three payments of D03 at the limit, in dollars."""
    maker = SmallMaker(
        dealers={"D01": terms("JPY"), "D02": terms(), "D03": terms("USD")},
        exchange_rates={
            "JPY": {date(2020, 1, 1): Decimal("0.05")},
            "USD": {date(2020, 1, 1): Decimal(10**9)},
        },
    )
    bookkeeper.open_for_business(maker)

    def invoice(ledger: Ledger, command: Command, /) -> DealerAccount:
        account = ledger.get(DealerAccount, "D02")
        for number in range(ITEMS):
            entry = raised(account, "1122", f"sales/{number}", LARGEST, JUNE)
            account.post(
                command,
                DealerAccount.SaleInvoiced,
                counted(JUNE, "INV").caused_by(account.next_step),
                entry,
            )
        return account

    bookkeeper.do(invoice)
    for number in range(3):
        bookkeeper.pay(f"Z-{number}", JUNE, MAX_AMOUNT_MINOR, dealer="D03", currency="USD")
    return bookkeeper


def looked_at(large: Bookkeeper) -> tuple[TrialBalance, Any, DealerStatement]:
    with large.look() as now:
        statement = dealer_statement(now, "D02", "2025-06")
        assert statement is not None
        return trial_balance(now, END), open_items(now, END), statement


def test_the_books_hold_them(large: Bookkeeper) -> None:
    balance, items, statement = looked_at(large)

    sums = {(line.account, line.currency): line for line in balance.accounts}
    assert sums["1122", "CNY"].debit_minor == SUM
    assert sums["1002", "USD"].debit_minor == DOLLARS
    assert sums["1002", "USD"].functional_debit_minor == WORTH
    assert balance.difference_minor == {"CNY": 0, "USD": 0}
    assert balance.functional_difference_minor == 0
    assert statement.closing_minor == SUM
    assert sum(item.amount_minor for item in items.items if item.dealer == "D02") == SUM
    assert sum(item.functional_minor for item in items.items) == -WORTH


def test_a_month_is_stated_and_what_it_left_open_is_kept(large: Bookkeeper) -> None:
    large.state("2025-06", dealer="D02")
    large.state("2025-06", dealer="D03")

    _, items, statement = looked_at(large)

    assert statement.issued is not None
    assert statement.issued.statement.closing_minor == SUM
    assert statement.content_hash == statement.issued.statement.content_hash
    assert sum(item.functional_minor for item in items.items) == -WORTH


def test_an_account_is_loaded_again_as_it_was(large: Bookkeeper) -> None:
    held = vars(large.ledger.get(DealerAccount, "D02")).copy()
    large.ledger.forget()

    assert vars(large.ledger.get(DealerAccount, "D02")) == held


def test_the_api_shows_them_to_the_last_unit(large: Bookkeeper) -> None:
    balance, items, statement = looked_at(large)

    shown = statement_message(statement, BOOK)
    assert shown.closing.units == SUM // 100, "as cents it is more than 64 bits, as yuan it is not"
    accounts = {
        (line.account, line.balance.currency_code): line
        for line in trial_balance_message(balance, BOOK).accounts
    }
    worth = accounts["1002", "USD"].functional_debit
    assert (worth.currency_code, worth.units, worth.nanos) == ("CNY", 0, 0)
    assert Decimal(worth.large.value) == Decimal(WORTH).scaleb(-2)
    assert accounts["1002", "USD"].functional_credit.HasField("large") is False
    dollars = [open_item_message(item, END, BOOK) for item in items.items if item.dealer == "D03"]
    assert {item.functional.large.value for item in dollars} == {f"-{WORTH // 300}.00"}
