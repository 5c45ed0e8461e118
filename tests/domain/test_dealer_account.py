"""A dealer's account: payments, netting, statements. The balance is always its open items."""

from typing import Any

import pytest

from domain.clearing import Allocation
from domain.dealer_account import DealerAccount
from domain.errors import (
    AlreadyExists,
    DomainError,
    FutureDate,
    NotFound,
    OverAllocation,
    StatementOutOfOrder,
    StatementTooEarly,
    WrongCurrency,
)
from domain.open_items import OpenBalance
from domain.use_cases import selling, settling
from domain.use_cases.booking import Occurrence
from tests.domain.account_steps import balance_minor, opened
from tests.domain.desk import TODAY, Desk, all_postings, command, d, kinds, on, only
from tests.domain.givens import sold, stocked_maker

ONE_PUMP = 1999 + 260  # What one pump is invoiced at, tax included.


def indebted() -> Desk:
    """D01 bought a pump on 20 July (due 19 August), and one back-dated to 15 July (14 August)."""
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 20, "INV-1"))
    sold(desk, 1, "SA2", on(7, 15, "INV-2"))
    return desk


def paid(desk: Desk, amount: int, *allocations: Allocation, number: str = "PM1") -> list[object]:
    return list(desk.do(
        selling.receive_payment, number=number, occurrence=on(7, 25, "BANK-1"), dealer="D01",
        amount_minor=amount, currency="CNY", allocations=allocations,
    ))  # fmt: skip


def items(desk: Desk) -> dict[str, int]:
    account = desk.the(DealerAccount, "D01")
    return {key: item.amount_minor for key, item in account.items.items()}


@pytest.mark.parametrize(("currency", "other"), [("CNY", ""), ("USD", "CNY")])
def test_an_account_names_the_books_currency_only_where_it_is_another(
    currency: str, other: str
) -> None:
    asked = command()
    account = opened(asked, currency=currency)

    assert (account.currency, account.book_currency) == (currency, other)
    assert only(asked.facts, DealerAccount.Opened).book_currency == other


def test_a_payment_clears_the_oldest_due_first() -> None:
    desk = indebted()
    facts = desk.do(
        selling.receive_payment, number="PM1", occurrence=on(7, 25, "BANK-1"), dealer="D01",
        amount_minor=ONE_PUMP + 100, currency="CNY",
    )  # fmt: skip

    assert kinds(facts) == ["Payment.Received", "DealerAccount.PaymentReceived"]
    assert all_postings(facts) == [
        ("1002", "", ONE_PUMP + 100),
        ("1122", "dealers/D01", -ONE_PUMP), ("1122", "dealers/D01", -100),
    ]  # fmt: skip
    assert items(desk) == {"sales/SA1": ONE_PUMP - 100}


def test_a_payment_clears_the_items_it_names() -> None:
    desk = indebted()
    paid(desk, ONE_PUMP, Allocation("sales/SA1", ONE_PUMP))

    assert items(desk) == {"sales/SA2": ONE_PUMP}


def test_what_a_payment_does_not_clear_stays_open_in_the_dealers_favour() -> None:
    desk = indebted()
    paid(desk, 100, Allocation("sales/SA1", 60))
    assert items(desk)["payments/PM1"] == -40

    paid(desk, 3 * ONE_PUMP, number="PM2")

    assert items(desk) == {"payments/PM1": -40, "payments/PM2": -ONE_PUMP - 60}
    assert desk.the(DealerAccount, "D01").items["payments/PM2"] == OpenBalance(
        account="1122", amount_minor=-ONE_PUMP - 60, due_on=d(7, 25), effective_on=d(7, 25)
    )


@pytest.mark.parametrize(
    ("amount", "allocations", "facts"),
    [
        (9999, [Allocation("sales/SA1", ONE_PUMP + 1)],
         {"item": "sales/SA1", "open_minor": "2259", "allocated_minor": "2260"}),
        (9999, [Allocation("sales/SA9", 1)],
         {"item": "sales/SA9", "open_minor": "0", "allocated_minor": "1"}),
        (9999, [Allocation("payments/PM0", 1)],
         {"item": "payments/PM0", "open_minor": "0", "allocated_minor": "1"}),
        (9999, [Allocation("sales/SA1", 2000), Allocation("sales/SA1", 260)],
         {"item": "sales/SA1", "open_minor": "2259", "allocated_minor": "2260"}),
        (100, [Allocation("sales/SA1", 60), Allocation("sales/SA2", 60)],
         {"payment": "PM1", "amount_minor": "100", "allocated_minor": "120"}),
    ],
)  # fmt: skip
def test_no_more_is_allocated_than_is_open_and_was_paid(
    amount: int, allocations: list[Allocation], facts: dict[str, str]
) -> None:
    desk = indebted()
    paid(desk, 3 * ONE_PUMP, Allocation("sales/SA2", 1), number="PM0")  # Leaves a credit open.

    assert facts == desk.refused(
        OverAllocation, selling.receive_payment, number="PM1", occurrence=on(7, 25), dealer="D01",
        amount_minor=amount, currency="CNY", allocations=tuple(allocations),
    )  # fmt: skip


def test_one_item_may_be_cleared_in_two_parts() -> None:
    desk = indebted()
    paid(desk, ONE_PUMP, Allocation("sales/SA1", 2000), Allocation("sales/SA1", 259))

    assert items(desk) == {"sales/SA2": ONE_PUMP}


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (AlreadyExists, {"number": "PM0"}, {"kind": "Payment", "key": "PM0"}),
        (NotFound, {"dealer": "D09"}, {"kind": "DealerAccount", "key": "D09"}),
        (WrongCurrency, {"currency": "USD"},
         {"dealer": "D01", "currency": "USD", "expected": "CNY"}),
        (FutureDate, {"occurrence": Occurrence(TODAY.replace(year=2026))},
         {"date": "2026-12-31", "today": "2025-12-31"}),
    ],
)  # fmt: skip
def test_a_payment_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = indebted()
    paid(desk, 1, number="PM0")
    payment: dict[str, Any] = {
        "number": "PM1", "occurrence": on(7, 25), "dealer": "D01", "amount_minor": 1,
        "currency": "CNY",
    }  # fmt: skip

    assert desk.refused(refusal, selling.receive_payment, **(payment | changes)) == facts


def issued(desk: Desk, month: str) -> DealerAccount.StatementClosed:
    facts = desk.do(settling.issue_statement, dealer="D01", month=month)
    return only(facts, DealerAccount.StatementClosed)


def test_a_statement_nets_the_month_and_opens_where_the_last_closed() -> None:
    desk = indebted()
    paid(desk, 100)
    sold(desk, 1, "SA3", on(8, 2))
    july, august = issued(desk, "2025-07").statement, issued(desk, "2025-08").statement

    assert (july.opening_minor, july.debit_minor, july.credit_minor, july.closing_minor) == (
        0, 2 * ONE_PUMP, 100, 2 * ONE_PUMP - 100,
    )  # fmt: skip
    assert (july.line_count, july.sales_tax_minor, july.claims_minor) == (3, 520, 0)
    assert (august.opening_minor, august.closing_minor) == (
        july.closing_minor, balance_minor(desk.the(DealerAccount, "D01")),
    )  # fmt: skip


def test_what_comes_late_for_a_stated_month_stands_on_the_next_statement() -> None:
    desk = indebted()
    july = issued(desk, "2025-07")

    late = only(sold(desk, 1, "SA3", on(7, 30)), DealerAccount.SaleInvoiced)

    assert (late.effective_on, late.statement_month) == (d(7, 30), "2025-08")
    assert desk.the(DealerAccount, "D01").stated_minor == july.statement.closing_minor
    assert issued(desk, "2025-08").statement.debit_minor == ONE_PUMP


def test_a_month_without_lines_is_stated_too() -> None:
    statement = issued(stocked_maker(), "2025-07").statement

    assert (statement.opening_minor, statement.closing_minor, statement.line_count) == (0, 0, 0)


def test_a_month_is_stated_once() -> None:
    desk = indebted()
    issued(desk, "2025-07")

    facts = desk.refused(AlreadyExists, settling.issue_statement, dealer="D01", month="2025-07")

    assert facts == {"kind": "DealerSettlement", "key": "D01/2025-07"}


def test_a_month_that_is_not_over_is_not_stated() -> None:
    facts = indebted().refused(
        StatementTooEarly, settling.issue_statement,
        dealer="D01", month="2025-12", occurrence=on(12, 31),
    )  # fmt: skip

    assert facts == {"month": "2025-12", "on": "2025-12-31"}


def test_months_are_stated_in_order() -> None:
    desk = indebted()
    sold(desk, 1, "SA3", on(8, 2))
    assert desk.refused(
        StatementOutOfOrder, settling.issue_statement, dealer="D01", month="2025-08"
    ) == {"dealer": "D01", "month": "2025-08", "stated_through": "", "first_open": "2025-07"}
    issued(desk, "2025-07")

    assert desk.refused(
        StatementOutOfOrder, settling.issue_statement, dealer="D01", month="2025-06"
    ) == {"dealer": "D01", "month": "2025-06", "stated_through": "2025-07", "first_open": ""}


def test_an_unknown_dealer_has_no_statement() -> None:
    facts = indebted().refused(NotFound, settling.issue_statement, dealer="D09", month="2025-07")

    assert facts == {"kind": "DealerAccount", "key": "D09"}
