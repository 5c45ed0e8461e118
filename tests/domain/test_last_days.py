"""Both sides of every limit: the last day that counts and the first that does not."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain import values
from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.dealer_account import DealerAccount
from domain.errors import (
    InvalidValue,
    LateSubmission,
    NotOverdueYet,
    OutOfWarranty,
    PeriodClosed,
    PeriodOutOfOrder,
    StatementTooEarly,
)
from domain.months import first_day, last_day, month_of, next_month, previous_month
from domain.open_items import OpenBalance
from domain.parts_return import PartsReturn, ReturnKind
from domain.parts_sale import PartsSale
from domain.use_cases import base_data, claiming, closing, returning, selling, settling
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from tests.domain.desk import Desk, d, on
from tests.domain.givens import LIST, MAIN, PUMP, form, item, maker, sold, stocked_maker
from tests.domain.test_parts_return import announced, sold_and_claimed
from tests.small_maker import policy, revised

Check = Callable[[Any], object]


@pytest.mark.parametrize(
    ("check", "inside", "outside"),
    [
        (lambda v: values.day(v, "f"), date(1990, 1, 1), date(1989, 12, 31)),
        (lambda v: values.day(v, "f"), date(2199, 12, 31), date(2200, 1, 1)),
        (lambda v: values.month(v, "f"), "1990-01", "1989-12"),
        (lambda v: values.month(v, "f"), "2199-12", "2200-01"),
        (lambda v: values.code(v, "f"), "a" * 63, "a" * 64),
        (lambda v: values.text(v, "f"), "x" * 500, "x" * 501),
        (lambda v: values.text(v, "f", most=2), "ab", "abc"),
        (lambda v: values.text(v, "f"), "a\x20b", "a\x1fb"),
        (lambda v: values.text(v, "f"), "~", "\x7f"),
        (lambda v: values.quantity(v, "f"), 1, 0),
        (lambda v: values.quantity(v, "f"), 1_000_000, 1_000_001),
        (lambda v: values.amount_minor(v, "f"), 1, 0),
        (lambda v: values.amount_minor(v, "f"), 10**15, 10**15 + 1),
        (lambda v: values.amount_minor(v, "f", zero=True), 0, -1),
        (lambda v: values.product_minor(v, 10, "f"), 0, -1),
        (lambda v: values.product_minor(v, 10, "f"), 10**14, 10**14 + 1),
        (lambda v: values.count(v, "f", most=9), 0, -1),
        (lambda v: values.count(v, "f", most=9), 9, 10),
        (lambda v: values.count(v, "f", most=9, least=2), 2, 1),
        (lambda v: values.rate(v, "f"), Decimal(1), Decimal("1.000001")),
        (lambda v: values.rate(v, "f"), Decimal(0), Decimal("-0.000001")),
        (lambda v: values.rate(v, "f"), Decimal("0.123456"), Decimal("0.1234567")),
    ],
)  # fmt: skip
def test_the_last_value_inside_passes_and_the_first_outside_is_refused(
    check: Check, inside: Any, outside: Any
) -> None:
    check(inside)
    with pytest.raises(InvalidValue):
        check(outside)


@pytest.mark.parametrize(
    ("day", "month", "first", "last", "following"),
    [
        (d(1, 1), "2025-01", d(1, 1), d(1, 31), "2025-02"),
        (d(2, 28), "2025-02", d(2, 1), d(2, 28), "2025-03"),
        (d(3, 1), "2025-03", d(3, 1), d(3, 31), "2025-04"),
        (d(11, 30), "2025-11", d(11, 1), d(11, 30), "2025-12"),
        (d(12, 31), "2025-12", d(12, 1), d(12, 31), "2026-01"),
        (date(999, 9, 9), "0999-09", date(999, 9, 1), date(999, 9, 30), "0999-10"),
    ],
)
def test_a_month_is_from_its_first_day_to_its_last(
    day: date, month: str, first: date, last: date, following: str
) -> None:
    assert month_of(day) == month
    assert (first_day(month), last_day(month)) == (first, last)
    assert (next_month(month), previous_month(following)) == (following, month)


def test_an_item_falls_due_the_agreed_days_after_the_first_of_a_month() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 31))
    sold(desk, 1, "SA2", on(8, 1))

    account = desk.the(DealerAccount, "D01")
    assert [desk.the(PartsSale, number).due_on for number in ("SA1", "SA2")] == [d(8, 30), d(8, 31)]
    assert account.items["sales/SA2"] == OpenBalance("1122", 1999 + 260, d(8, 31), d(8, 1))


def test_a_price_is_in_force_from_the_first_of_a_month_and_not_on_the_day_before() -> None:
    desk = stocked_maker()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=d(8, 1),
        unit_price_minor=2500,
    )  # fmt: skip
    for number, day in (("SA1", on(7, 31)), ("SA2", on(8, 1))):
        desk.do(
            selling.sell_parts, number=number, occurrence=day, dealer="D01", from_place=MAIN,
            lines=(WantedLine(PUMP, 1),),
        )  # fmt: skip

    assert [desk.the(PartsSale, n).lines[PUMP].unit_price_minor for n in ("SA1", "SA2")] == [
        1999, 2500,
    ]  # fmt: skip


def claimed(desk: Desk, number: str, failed_on: date, day: date) -> None:
    desk.do(
        claiming.submit_claim, number=number, occurrence=Occurrence(day),
        form=form(failed_on=failed_on, items=(item(1),)),
    )  # fmt: skip


def not_claimed(desk: Desk, refusal: type[Any], failed_on: date, day: date) -> None:
    desk.refused(
        refusal, claiming.submit_claim, number="C9", occurrence=Occurrence(day),
        form=form(failed_on=failed_on, items=(item(1),)),
    )  # fmt: skip


def test_a_machine_is_covered_from_the_day_it_was_sold_to_the_last_day_of_its_term() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=revised(term_months=2))
    claimed(desk, "C1", d(1, 1), d(1, 1))
    claimed(desk, "C2", d(3, 1), d(3, 1))

    not_claimed(desk, OutOfWarranty, date(2024, 12, 31), d(1, 1))
    not_claimed(desk, OutOfWarranty, d(3, 2), d(3, 2))


def test_a_claim_comes_in_from_the_day_of_the_failure_to_the_last_day_of_the_window() -> None:
    desk = maker()
    claimed(desk, "C1", d(7, 1), d(7, 31))
    claimed(desk, "C2", d(7, 2), d(7, 2))

    not_claimed(desk, LateSubmission, d(7, 3), d(8, 3))
    not_claimed(desk, LateSubmission, d(7, 3), d(7, 2))
    claimed(desk, "C3", d(7, 3), d(8, 2))


@pytest.mark.parametrize(("sold_on", "days"), [(d(6, 30), 30), (d(7, 1), 60), (d(7, 2), 60)])
def test_the_policy_of_the_first_of_a_month_counts_from_that_day(sold_on: date, days: int) -> None:
    desk = maker()
    changed = policy(effective_from=d(7, 1), submission_days=60)
    desk.do(base_data.set_policy, model="ZY16", terms=changed)
    desk.do(
        base_data.register_machine,
        serial="S9", model="ZY16", dealer="D01", sold_on=sold_on, user="U1",
    )  # fmt: skip
    claim = form(machine="S9", failed_on=d(7, 2), items=(item(1),))
    last = d(7, 2) + timedelta(days=days)

    desk.refused(
        LateSubmission, claiming.submit_claim,
        number="C1", occurrence=Occurrence(last + timedelta(days=1)), form=claim,
    )  # fmt: skip
    desk.do(claiming.submit_claim, number="C1", occurrence=Occurrence(last), form=claim)


def test_a_return_is_overdue_from_the_day_after_it_was_due() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)

    facts = desk.refused(
        NotOverdueYet, returning.mark_return_overdue, number="R1", occurrence=on(8, 1)
    )
    assert facts == {"parts_return": "R1", "due_on": "2025-08-01", "on": "2025-08-01"}
    desk.do(returning.mark_return_overdue, number="R1", occurrence=on(8, 2))
    assert desk.the(PartsReturn, "R1").overdue


def test_a_month_is_closed_up_to_its_last_day_and_the_next_is_open_from_its_first() -> None:
    desk = stocked_maker()
    desk.do(closing.soft_close, month="2025-07")
    desk.close_for_good("2025-07")

    desk.refused(
        PeriodClosed, selling.sell_parts, number="SA1", occurrence=on(7, 31), dealer="D01",
        from_place=MAIN, lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip
    sold(desk, 1, "SA1", on(8, 1))
    sold(desk, 1, "SA2", on(7, 31, late=True))

    assert desk.the(PartsSale, "SA2").sold.days == (d(7, 31), d(8, 1))
    assert desk.the(AccountingPeriod, CALENDAR).first_open_day() == d(8, 1)


def test_a_month_is_over_on_the_first_day_after_it_for_closing_and_for_stating() -> None:
    last, after = stocked_maker(), stocked_maker()
    for desk, today in ((last, d(7, 31)), (after, d(8, 1))):
        sold(desk, 1)
        desk.today = today

    assert last.refused(PeriodOutOfOrder, closing.soft_close, month="2025-07") == {
        "month": "2025-07", "on": "2025-07-31",
    }  # fmt: skip
    assert last.refused(
        StatementTooEarly, settling.issue_statement,
        dealer="D01", month="2025-07", occurrence=on(7, 31),
    ) == {"month": "2025-07", "on": "2025-07-31"}  # fmt: skip
    after.do(closing.soft_close, month="2025-07")
    after.do(settling.issue_statement, dealer="D01", month="2025-07")


def test_a_line_of_the_first_stands_on_its_own_month_and_one_of_the_day_before_does_not() -> None:
    desk = stocked_maker()
    for number, day in (("SA1", on(7, 31)), ("SA2", on(8, 1)), ("SA3", on(8, 31))):
        sold(desk, 1, number, day)
    months = desk.the(DealerAccount, "D01").months

    assert {month: sums.line_count for month, sums in months.items()} == {
        "2025-07": 1, "2025-08": 2,
    }  # fmt: skip
