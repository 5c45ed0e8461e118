"""The day something falls due, and the day after: over the ends of months, years and February."""

from datetime import date, timedelta

import pytest

from domain.dealer_account import DealerAccount
from domain.errors import NotOverdueYet
from domain.parts_return import PartsReturn, ReturnKind
from domain.return_states import ReturnState
from domain.use_cases import base_data, claiming, returning
from domain.use_cases.booking import Occurrence
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import FULL
from tests.domain.desk import BOB, Desk, d, kinds, only
from tests.domain.givens import LIST, PUMP, bought, form, maker, sold
from tests.domain.return_steps import announced, received, returnable, shipped
from tests.small_maker import policy, terms

DAY = timedelta(days=1)
LONG_AGO = date(2023, 1, 1)


def long_in_business() -> Desk:
    """Pumps since 2023, and a machine S9 that was sold then."""
    desk = maker()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=LONG_AGO,
        unit_price_minor=1999,
    )  # fmt: skip
    desk.do(
        base_data.register_machine,
        serial="S9", model="ZY35", dealer="D01", sold_on=LONG_AGO, user="U9",
    )  # fmt: skip
    bought(desk, 10, 1000, Occurrence(LONG_AGO))
    return desk


@pytest.mark.parametrize(
    ("sold_on", "payment_days", "due_on"),
    [
        (d(7, 15), 0, d(7, 15)),
        (d(7, 31), 1, d(8, 1)),
        (d(7, 1), 30, d(7, 31)),
        (d(7, 1), 31, d(8, 1)),
        (d(2, 28), 1, d(3, 1)),
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, date(2024, 3, 1)),
        (date(2024, 2, 1), 30, date(2024, 3, 2)),
        (d(12, 31), 1, date(2026, 1, 1)),
        (d(12, 31), 60, date(2026, 3, 1)),
    ],
)
def test_an_invoice_is_due_so_many_days_after_the_sale(
    sold_on: date, payment_days: int, due_on: date
) -> None:
    desk = long_in_business()
    agreed = terms(payment_days=payment_days)
    desk.do(base_data.register_dealer, code="D11", terms=agreed)

    sold(desk, 1, occurrence=Occurrence(sold_on), dealer="D11")

    [item] = desk.the(DealerAccount, "D11").items.values()
    assert item.due_on == due_on


@pytest.mark.parametrize(
    ("approved_on", "return_days", "due_on"),
    [
        (d(7, 1), 30, d(7, 31)),
        (d(7, 31), 1, d(8, 1)),
        (d(2, 28), 1, d(3, 1)),
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (d(12, 31), 1, date(2026, 1, 1)),
    ],
)
def test_a_replaced_part_is_due_so_many_days_after_the_approval(
    approved_on: date, return_days: int, due_on: date
) -> None:
    desk = long_in_business()
    desk.do(
        base_data.set_policy,
        model="ZY35",
        terms=policy(effective_from=LONG_AGO, return_days=return_days, term_months=60),
    )
    day = Occurrence(approved_on)
    failed = form(machine="S9", user="U9", failed_on=approved_on)
    desk.do(claiming.submit_claim, number="C1", occurrence=day, form=failed)
    facts = desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=day, decisions=FULL
    )

    assert only(facts, WarrantyClaim.Approved).return_due_on == due_on


@pytest.mark.parametrize("due_on", [d(7, 31), d(8, 1), d(8, 15), d(12, 30)])
def test_a_return_is_overdue_from_the_day_after_it_was_due(due_on: date) -> None:
    desk = returnable()
    announced(desk, due_on=due_on)
    for early in (due_on - DAY, due_on):
        facts = desk.refused(
            NotOverdueYet, returning.mark_return_overdue, number="R1", occurrence=Occurrence(early)
        )
        assert facts == {"parts_return": "R1", "due_on": str(due_on), "on": str(early)}

    facts_of_the_day_after = desk.do(
        returning.mark_return_overdue, number="R1", occurrence=Occurrence(due_on + DAY)
    )

    assert kinds(facts_of_the_day_after) == ["PartsReturn.Overdue"]


@pytest.mark.parametrize("kind", ReturnKind)
def test_a_parcel_under_way_can_be_overdue_and_still_comes(kind: ReturnKind) -> None:
    desk = returnable()
    announced(desk, kind, due_on=d(8, 12))
    shipped(desk)
    desk.do(returning.mark_return_overdue, number="R1", occurrence=Occurrence(d(8, 13)))
    received(desk)

    parcel = desk.the(PartsReturn, "R1")
    assert (parcel.state, parcel.overdue, parcel.due_on) == (
        ReturnState.RECEIVED, True, d(8, 12),
    )  # fmt: skip
