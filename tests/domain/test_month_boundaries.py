"""The last day of a month and the first of the next: closing, stating, booking, counting."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.accounting_period import CALENDAR, AccountingPeriod, PeriodState
from domain.dealer_account import DealerAccount
from domain.errors import (
    FutureDate,
    PeriodClosed,
    PeriodOutOfOrder,
    PeriodSoftClosed,
    SamePerson,
    StatementOutOfOrder,
    StatementTooEarly,
)
from domain.months import first_day, last_day, month_of, next_month, previous_month
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.use_cases import base_data, closing, purchasing, settling
from domain.use_cases.booking import Occurrence
from tests.domain.desk import ANN, BOB, Desk, d, only
from tests.domain.givens import LIST, MAIN, PUMP, bought, maker, sold

DAY = timedelta(days=1)
# Month, its last day, and the first day of the next.
MONTHS = [
    ("2024-02", date(2024, 2, 29), date(2024, 3, 1)),
    ("2024-12", date(2024, 12, 31), date(2025, 1, 1)),
    ("2025-02", date(2025, 2, 28), date(2025, 3, 1)),
    ("2025-04", date(2025, 4, 30), date(2025, 5, 1)),
    ("2025-07", date(2025, 7, 31), date(2025, 8, 1)),
]


def purchase(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "number": "PR-1", "occurrence": occurrence, "supplier": "SUP1", "to_place": MAIN,
        "lines": (PurchaseLine(part=PUMP, quantity=1, value_minor=1),),
    }  # fmt: skip


def soft_closed(month: str) -> Desk:
    desk = maker()
    desk.do(closing.soft_close, month=month)
    return desk


def hard_closed(month: str) -> Desk:
    desk = soft_closed(month)
    desk.close_for_good(month)
    return desk


@pytest.mark.parametrize(("month", "last", "first_of_next"), MONTHS)
def test_a_month_ends_with_its_last_day(month: str, last: date, first_of_next: date) -> None:
    following = month_of(first_of_next)

    assert (month_of(first_day(month)), month_of(last)) == (month, month)
    assert (last_day(month), last + DAY, first_day(following)) == (
        last, first_of_next, first_of_next,
    )  # fmt: skip
    assert (next_month(month), previous_month(following)) == (following, month)


@pytest.mark.parametrize(("month", "last", "first_of_next"), MONTHS)
def test_a_month_can_be_closed_and_stated_on_the_first_of_the_next_and_not_on_its_last(
    month: str, last: date, first_of_next: date
) -> None:
    desk = maker()
    desk.today = last
    facts = {"month": month, "on": str(last)}
    assert desk.refused(PeriodOutOfOrder, closing.soft_close, month=month) == facts
    assert facts == desk.refused(
        StatementTooEarly, settling.issue_statement,
        dealer="D01", month=month, occurrence=Occurrence(last),
    )  # fmt: skip

    desk.today = first_of_next

    desk.do(closing.soft_close, month=month)
    desk.do(settling.issue_statement, dealer="D01", month=month)


@pytest.mark.parametrize(("month", "last", "first_of_next"), MONTHS)
def test_a_closed_month_ends_with_its_last_day(month: str, last: date, first_of_next: date) -> None:
    for day in (first_day(month), last, first_day(month) - DAY):
        hard_closed(month).refused(
            PeriodClosed, purchasing.receive_purchase, **purchase(Occurrence(day))
        )
        soft_closed(month).refused(
            PeriodSoftClosed, purchasing.receive_purchase, **purchase(Occurrence(day))
        )

    for desk in (hard_closed(month), soft_closed(month)):
        received = only(
            desk.do(purchasing.receive_purchase, **purchase(Occurrence(first_of_next))),
            PurchaseReceipt.Received,
        )
        assert (received.effective_on, received.occurred_on) == (first_of_next, first_of_next)


@pytest.mark.parametrize(("month", "last", "first_of_next"), MONTHS)
def test_what_comes_late_for_a_closed_month_counts_on_the_first_of_the_next(
    month: str, last: date, first_of_next: date
) -> None:
    for day in (first_day(month), last):
        desk = hard_closed(month)
        late = purchase(Occurrence(day, late=True))
        received = only(desk.do(purchasing.receive_purchase, **late), PurchaseReceipt.Received)
        assert (received.effective_on, received.occurred_on) == (first_of_next, day)


def test_late_is_not_needed_and_changes_nothing_on_the_first_open_day() -> None:
    late = purchase(Occurrence(d(8, 1), late=True))
    received = only(
        hard_closed("2025-07").do(purchasing.receive_purchase, **late), PurchaseReceipt.Received
    )

    assert (received.effective_on, received.occurred_on) == (d(8, 1), d(8, 1))


@pytest.mark.parametrize(
    ("soft", "hard", "first_open"),
    [
        ("2024-12", "", date(2025, 1, 1)),
        ("2024-12", "2024-12", date(2025, 1, 1)),
        ("2025-02", "2024-12", date(2025, 3, 1)),
        ("2025-11", "2025-11", date(2025, 12, 1)),
    ],
)
def test_the_first_open_day_follows_whatever_is_closed_longest(
    soft: str, hard: str, first_open: date
) -> None:
    desk = soft_closed(soft)
    if hard:
        desk.close_for_good(hard)
    calendar = desk.the(AccountingPeriod, CALENDAR)

    assert calendar.first_open_day() == first_open
    assert calendar.state(month_of(first_open)) is PeriodState.OPEN
    assert calendar.state(month_of(first_open - DAY)) is not PeriodState.OPEN


def test_a_reopened_month_is_open_from_its_first_day_and_the_one_before_is_not() -> None:
    desk = soft_closed("2025-08")
    desk.do(closing.request_reopening, actor=ANN, month="2025-07")
    desk.do(closing.reopen, actor=BOB, month="2025-07")

    desk.refused(PeriodSoftClosed, purchasing.receive_purchase, **purchase(Occurrence(d(6, 30))))
    desk.do(purchasing.receive_purchase, **purchase(Occurrence(d(7, 1))))
    assert desk.the(AccountingPeriod, CALENDAR).first_open_day() == d(7, 1)


def test_an_approval_lets_a_document_into_its_month_and_into_no_other() -> None:
    desk = soft_closed("2025-07")
    approved = ("2025-07", "DN-1", "purchases", "suppliers/SUP1", -1)
    desk.approve(*approved)
    for day, document in ((d(6, 30), "DN-1"), (d(7, 31), "DN-2")):
        desk.refused(
            PeriodSoftClosed, purchasing.receive_purchase, **purchase(Occurrence(day, document))
        )
    desk.refused(
        SamePerson, purchasing.receive_purchase, actor=BOB,
        **purchase(Occurrence(d(7, 31), "DN-1")),
    )  # fmt: skip

    for number, day in (("PR-1", d(7, 1)), ("PR-2", d(7, 31))):
        entry = purchase(Occurrence(day, "DN-1")) | {"number": number}
        desk.do(purchasing.receive_purchase, **entry)
        desk.approve(*approved)


@pytest.mark.parametrize("today", [d(7, 31), d(8, 1), date(2024, 2, 29), d(12, 31)])
def test_today_can_be_booked_and_tomorrow_cannot(today: date) -> None:
    desk = maker()
    desk.today = today
    facts = desk.refused(
        FutureDate, purchasing.receive_purchase, **purchase(Occurrence(today + DAY))
    )
    assert facts == {"date": str(today + DAY), "today": str(today)}

    desk.do(purchasing.receive_purchase, **purchase(Occurrence(today)))


def statement_month(desk: Desk, number: str, day: date) -> str:
    """Of a sale on a day."""
    facts = sold(desk, 1, number, Occurrence(day))
    return only(facts, DealerAccount.SaleInvoiced).statement_month


def long_in_business() -> Desk:
    desk = maker()
    long_ago = date(2023, 1, 1)
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=long_ago,
        unit_price_minor=1999,
    )  # fmt: skip
    bought(desk, 50, 1000, Occurrence(long_ago))
    return desk


@pytest.mark.parametrize(("month", "last", "first_of_next"), MONTHS)
def test_a_line_stands_on_the_statement_of_the_month_of_its_day(
    month: str, last: date, first_of_next: date
) -> None:
    desk = long_in_business()

    assert statement_month(desk, "SA1", first_day(month)) == month
    assert statement_month(desk, "SA2", last) == month
    assert statement_month(desk, "SA3", first_of_next) == next_month(month)
    issued = desk.do(settling.issue_statement, dealer="D01", month=month)
    stated = only(issued, DealerAccount.StatementClosed).statement
    assert (stated.line_count, stated.debit_minor) == (2, 2 * (1999 + 260))


@pytest.mark.parametrize(("month", "last", "first_of_next"), MONTHS)
def test_what_counts_on_the_last_day_of_a_stated_month_stands_on_the_next_statement(
    month: str, last: date, first_of_next: date
) -> None:
    desk = long_in_business()
    desk.do(settling.issue_statement, dealer="D01", month=month)

    assert statement_month(desk, "SA1", last) == next_month(month)
    assert statement_month(desk, "SA2", first_of_next) == next_month(month)
    assert statement_month(desk, "SA3", first_day(next_month(next_month(month)))) == (
        next_month(next_month(month))
    )


def test_the_next_month_can_be_stated_and_one_with_no_line_can_be_passed_over() -> None:
    desk = long_in_business()
    statement_month(desk, "SA1", d(9, 1))
    statement_month(desk, "SA2", d(10, 1))
    desk.do(settling.issue_statement, dealer="D01", month="2025-06")

    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    facts = desk.refused(
        StatementOutOfOrder, settling.issue_statement, dealer="D01", month="2025-11"
    )
    assert (facts["stated_through"], facts["first_open"]) == ("2025-07", "2025-09")
    desk.do(settling.issue_statement, dealer="D01", month="2025-09")  # In August nothing was.
    facts = desk.refused(
        StatementOutOfOrder, settling.issue_statement, dealer="D01", month="2025-08"
    )
    assert (facts["stated_through"], facts["first_open"]) == ("2025-09", "")
