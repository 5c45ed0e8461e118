"""Half a minor unit goes away from nought, on both sides: what is taken back is what was given."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.parts_sale import PartsSale
from domain.use_cases import base_data, claiming, selling, settling
from domain.use_cases.selling import WantedLine
from domain.values import of_rate, share
from tests.domain.claim_steps import decided, decision
from tests.domain.desk import BOB, Desk, d, on
from tests.domain.givens import LIST, MAIN, PUMP, SEAL, bought, form, item, stocked_maker

VAT = Decimal("0.13")


@pytest.mark.parametrize(
    ("amount", "rate", "rounded"),
    [
        (49, "0.01", 0), (50, "0.01", 1), (51, "0.01", 1),
        (149, "0.01", 1), (150, "0.01", 2), (151, "0.01", 2),
        (249, "0.01", 2), (250, "0.01", 3), (251, "0.01", 3),
        (349, "0.01", 3), (350, "0.01", 4), (351, "0.01", 4),
        (50, "0.13", 7), (149, "0.13", 19), (150, "0.13", 20), (250, "0.13", 33),
        (499_999, "0.000001", 0), (500_000, "0.000001", 1), (1_499_999, "0.000001", 1),
        (10**15, "0.999999", 999_999_000_000_000), (10**15, "1", 10**15), (7, "0", 0),
        (0, "0.13", 0), (1, "0.499999", 0), (1, "0.5", 1), (1, "0.500001", 1),
    ],
)  # fmt: skip
def test_half_a_minor_unit_and_what_lies_beside_it(amount: int, rate: str, rounded: int) -> None:
    assert of_rate(amount, Decimal(rate)) == rounded
    assert of_rate(-amount, Decimal(rate)) == -rounded


@given(amount=st.integers(0, 10**15), rate=st.decimals(min_value=0, max_value=1, places=6))
@example(amount=50, rate=Decimal("0.01"))
@example(amount=1, rate=Decimal("0.5"))
def test_what_is_taken_back_is_to_the_minor_unit_what_was_given(amount: int, rate: Decimal) -> None:
    assert of_rate(-amount, rate) == -of_rate(amount, rate)


@pytest.mark.parametrize(
    ("unit_minor", "pieces", "tax"),
    [(1, 3, 0), (1, 4, 1), (50, 1, 7), (150, 1, 20), (49, 1, 6), (250, 1, 33), (350, 1, 46)],
)
def test_the_tax_of_a_line_is_rounded_half_up(unit_minor: int, pieces: int, tax: int) -> None:
    desk = stocked_maker()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=d(7, 2),
        unit_price_minor=unit_minor,
    )  # fmt: skip
    desk.do(
        selling.sell_parts, number="SA1", occurrence=on(7, 15), dealer="D01", from_place=MAIN,
        lines=(WantedLine(PUMP, pieces),),
    )  # fmt: skip

    assert desk.the(PartsSale, "SA1").lines[PUMP].tax_minor == tax


def test_each_line_is_rounded_and_not_their_sum() -> None:
    """Two lines of 0.50: 0.065 each is 0.07 each, though 13 % of 1.00 are 0.13."""
    desk = stocked_maker()
    bought(desk, 1, 1, on(7, 1), part=SEAL)
    for part in (PUMP, SEAL):
        desk.do(
            base_data.set_price, price_list=LIST, part=part, effective_from=d(7, 2),
            unit_price_minor=50,
        )  # fmt: skip
    desk.do(
        selling.sell_parts, number="SA1", occurrence=on(7, 15), dealer="D01", from_place=MAIN,
        lines=(WantedLine(PUMP, 1), WantedLine(SEAL, 1)),
    )  # fmt: skip

    assert desk.the(DealerAccount, "D01").items["sales/SA1"].amount_minor == 100 + 14


def claims_taxed(desk: Desk, month: str, day: int) -> int:
    """What the dealer's invoice of its claims of a month adds to what the dealer owes."""
    number = f"D01/{month}"
    occurrence = on(int(month[5:]) + 1, day)
    before = dict(desk.the(DealerAccount, "D01").items)
    desk.do(settling.issue_statement, dealer="D01", month=month)
    desk.do(settling.review_statement, actor=BOB, number=number)
    stated = desk.the(DealerSettlement, number).statement
    desk.do(settling.confirm_statement, number=number, content_hash=stated.content_hash)
    desk.do(
        settling.invoice_settlement, number=number, occurrence=occurrence, claims_invoice="CI-1"
    )
    after = desk.the(DealerAccount, "D01").items
    return sum(after[key].amount_minor for key in after.keys() - before.keys())


@pytest.mark.parametrize(("credit", "tax"), [(49, 6), (50, 7), (150, 20), (3, 0), (4, 1)])
def test_the_tax_of_a_credit_and_of_its_charge_back_are_the_same(credit: int, tax: int) -> None:
    desk = stocked_maker()
    claimed = form(items=(item(credit),))
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=claimed)
    decided(desk, (decision(1, credit),))
    given = claims_taxed(desk, "2025-07", 2)
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(8, 10), because="audit")

    assert (given, claims_taxed(desk, "2025-08", 2)) == (-tax, tax)


@given(
    amount=st.integers(-(10**6), 10**6), parts=st.lists(st.integers(1, 500), min_size=1, max_size=8)
)
@example(amount=1, parts=[1, 1])
@example(amount=-200, parts=[1, 1, 1])
def test_the_parts_of_a_whole_take_all_of_its_amount_each_within_a_minor_unit(
    amount: int, parts: list[int]
) -> None:
    whole, before, taken = sum(parts), 0, []
    for part in parts:
        taken.append(share(amount, before, part, whole))
        before += part

    assert sum(taken) == amount
    assert all(
        abs(Fraction(amount * part, whole) - found) <= 1
        for part, found in zip(parts, taken, strict=True)
    )
    assert [share(amount, 0, -part, -whole) for part in parts] == [
        share(amount, 0, part, whole) for part in parts
    ]
    assert [share(-amount, 0, part, whole) for part in parts] == [
        -share(amount, 0, part, whole) for part in parts
    ]


@pytest.mark.parametrize(
    ("amount", "before", "part", "whole", "taken"),
    [
        (200, 0, 1, 3, 67), (200, 1, 1, 3, 66), (200, 2, 1, 3, 67), (520, 0, -2259, -4518, 260),
        (520, 0, -2259, 4518, -260), (1, 0, 1, 2, 1), (1, 1, 1, 2, 0), (0, 0, 1, 2, 0),
    ],
)  # fmt: skip
def test_a_part_of_an_amount_is_rounded_half_up(
    amount: int, before: int, part: int, whole: int, taken: int
) -> None:
    assert share(amount, before, part, whole) == taken
