"""A price or a policy counts from its own day on, to the day before the next one's."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.changes import VersionExists
from domain.errors import NoPolicy, NoPrice
from domain.parts_sale import PartsSale
from domain.price_list import ListedPrice, PriceListKind
from domain.use_cases import base_data, claiming, selling
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from domain.warranty_claim import WarrantyClaim
from tests.domain.desk import Desk, d, on, only
from tests.domain.givens import LIST, MAIN, PUMP, bought, form, maker, sold
from tests.small_maker import policy

DAY = timedelta(days=1)


def priced(*versions: tuple[date, int]) -> Desk:
    """Pumps that cost 19.99 from 1 January on, and what these versions say."""
    desk = maker()
    bought(desk, 50, 1000, Occurrence(date(2024, 1, 1)))
    for effective_from, minor in versions:
        desk.do(
            base_data.set_price, price_list=LIST, part=PUMP, effective_from=effective_from,
            unit_price_minor=minor,
        )  # fmt: skip
    return desk


def price_on(desk: Desk, day: date) -> int:
    """What a pump is sold at on a day."""
    number = f"SA-{day}"
    sold(desk, 1, number, Occurrence(day))
    return desk.the(PartsSale, number).lines[PUMP].net_minor


def test_a_price_counts_from_its_own_day_to_the_day_before_the_next() -> None:
    desk = priced((d(8, 1), 2500), (d(3, 1), 2200))

    days = [d(1, 1), d(2, 28), d(3, 1), d(3, 2), d(7, 31), d(8, 1), d(12, 31)]
    assert [price_on(desk, day) for day in days] == [1999, 1999, 2200, 2200, 2200, 2500, 2500]


def test_before_its_first_version_a_part_has_no_price() -> None:
    desk = priced()
    facts = desk.refused(
        NoPrice, selling.sell_parts, number="SA1", occurrence=Occurrence(d(1, 1) - DAY),
        dealer="D01", from_place=MAIN, lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip

    assert facts["on"] == "2024-12-31"
    assert price_on(desk, d(1, 1)) == 1999


def test_a_price_is_corrected_from_another_day_on_and_what_was_sold_stays() -> None:
    desk = priced((d(3, 1), 2200))
    before = price_on(desk, d(3, 1))
    same_day: dict[str, Any] = {"price_list": LIST, "part": PUMP, "effective_from": d(3, 1)}

    facts = desk.refused(VersionExists, base_data.set_price, **same_day, unit_price_minor=2300)
    assert (facts["effective_from"], facts["known"], facts["given"]) == (
        "2025-03-01", "unit_price 22.00 CNY", "unit_price 23.00 CNY",
    )  # fmt: skip
    desk.do(base_data.set_price, **same_day | {"effective_from": d(3, 2)}, unit_price_minor=2300)

    assert [price_on(desk, day) for day in (d(2, 28), d(3, 2), d(12, 31))] == [1999, 2300, 2300]
    assert (before, desk.the(PartsSale, "SA-2025-03-01").lines[PUMP].net_minor) == (2200, 2200)


def test_the_same_price_said_again_changes_nothing_that_a_sale_can_pin() -> None:
    desk = priced((d(3, 1), 2200), (d(3, 1), 2200))

    assert list(desk.the(ListedPrice, f"{LIST}/{PUMP}").prices) == [
        (d(1, 1), 1999, 1), (d(3, 1), 2200, 2),
    ]  # fmt: skip


def test_a_price_put_between_two_others_counts_between_them() -> None:
    desk = priced((d(5, 1), 3000), (d(4, 30), 2500))

    days = [d(4, 29), d(4, 30), d(5, 1)]
    assert [price_on(desk, day) for day in days] == [1999, 2500, 3000]


def test_the_guide_price_is_not_what_a_dealer_pays() -> None:
    desk = priced()
    desk.do(
        base_data.open_price_list,
        kind=PriceListKind.GUIDE, currency="CNY", vat_rate=Decimal("0.13"),
    )  # fmt: skip
    desk.do(
        base_data.set_price, price_list="guide-CNY", part=PUMP, effective_from=d(7, 1),
        unit_price_minor=9999,
    )  # fmt: skip

    assert price_on(desk, d(7, 15)) == 1999


CLAIM: dict[str, Any] = {
    "number": "C1", "occurrence": on(7, 12), "form": form(machine="S9", user="U9"),
}  # fmt: skip


def covered(sold_on: date, *policies: tuple[date, int]) -> Desk:
    """A machine sold on a day, and policies that leave so many days to return a part."""
    desk = maker()
    for effective_from, return_days in policies:
        version = policy(effective_from=effective_from, return_days=return_days, term_months=60)
        desk.do(base_data.set_policy, model="ZY99", terms=version)
    desk.do(
        base_data.register_machine,
        serial="S9", model="ZY99", dealer="D01", sold_on=sold_on, user="U9",
    )  # fmt: skip
    return desk


@pytest.mark.parametrize(
    ("sold_on", "return_days"),
    [
        (date(2024, 2, 1), 10),
        (date(2024, 2, 29), 10),
        (date(2024, 3, 1), 20),
        (date(2024, 12, 31), 20),
        (d(1, 1), 30),
        (d(1, 2), 30),
    ],
)
def test_the_policy_counts_that_was_in_force_on_the_very_day_of_the_sale(
    sold_on: date, return_days: int
) -> None:
    versions = [(d(1, 1), 30), (date(2024, 2, 1), 10), (date(2024, 3, 1), 20)]
    desk = covered(sold_on, *versions)

    submitted = only(desk.do(claiming.submit_claim, **CLAIM), WarrantyClaim.Submitted)

    assert submitted.return_days == return_days


def test_a_machine_sold_the_day_before_the_first_policy_has_none() -> None:
    desk = covered(date(2024, 1, 31), (date(2024, 2, 1), 10))

    facts = desk.refused(NoPolicy, claiming.submit_claim, **CLAIM)

    assert facts == {"model": "ZY99", "sold_on": "2024-01-31"}


def test_a_claim_keeps_the_terms_it_was_submitted_under() -> None:
    desk = covered(d(1, 1), (date(2024, 2, 1), 10))
    desk.do(claiming.submit_claim, **CLAIM)
    later = policy(effective_from=date(2024, 2, 2), return_days=99)
    desk.do(base_data.set_policy, model="ZY99", terms=later)

    assert desk.the(WarrantyClaim, "C1").return_days == 10
