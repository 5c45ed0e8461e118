"""What a claim pins: the policy's version, and of material the most that its price allows."""

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.claim_lines import ClaimItem, PriceBasis
from domain.claim_states import ClaimState
from domain.errors import NoPrice, OverPrice
from domain.use_cases import base_data, claiming
from domain.warranty_claim import WarrantyClaim
from domain.warranty_policy import WarrantyPolicy
from tests.domain.claim_steps import claim, decided, decision, submitted
from tests.domain.desk import BOB, Desk, d, on, only
from tests.domain.givens import FRAME, LIST, PUMP, SEAL, form, item, maker
from tests.small_maker import policy


def priced(desk: Desk, effective_from: date, minor: int) -> None:
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=effective_from,
        unit_price_minor=minor,
    )  # fmt: skip


def test_material_is_paid_at_its_price_with_handling_on_top_and_not_above() -> None:
    """Two pumps at 19.99 with 5 % come to 41.979, rounded half up."""
    desk = submitted(items=(item(4300, PUMP, 2), item(500)))
    facts = desk.refused(
        OverPrice, claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 13),
        decisions=(decision(1, 4199, "list price"), decision(2, 500)),
    )  # fmt: skip
    assert facts == {
        "claim": "C1", "item": "1", "part": PUMP, "payable_minor": "4198",
        "approved_minor": "4199",
    }  # fmt: skip

    decided(desk, (decision(1, 4198, "list price"), decision(2, 500)))

    assert claim(desk).progress.total.net_minor == 4698


def test_more_may_be_claimed_and_labour_is_not_bounded_by_prices() -> None:
    desk = submitted(items=(item(99_999, PUMP, 1), item(99_999)))
    decided(desk, (decision(1, 2099, "list price"), decision(2, 99_999)))

    assert claim(desk).state is ClaimState.CREDITED


def test_the_price_and_its_version_are_pinned_as_of_the_day_of_the_claim() -> None:
    """It was raised between the failure and the claim, and again after it."""
    desk = maker()
    priced(desk, d(7, 11), 2200)
    priced(desk, d(7, 13), 9000)
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form(failed_on=d(7, 10)))
    priced(desk, d(7, 12), 9000)

    basis = claim(desk).items[0].basis

    assert basis == PriceBasis(
        price_list=LIST, price_version=2, unit_price_minor=2200, handling_rate=Decimal("0.05"),
        payable_minor=2310,
    )  # fmt: skip
    assert claim(desk).items[1].basis is None, "labour has no price"


def test_items_have_numbers_and_name_what_they_follow() -> None:
    desk = submitted(items=(item(500), item(100, SEAL, 1), item(2000, PUMP, 1), item(50)))

    items = claim(desk).items

    assert [(each.item, each.cause_item) for each in items] == [
        (1, 3),
        (2, None),
        (3, None),
        (4, 3),
    ]
    assert replace(items[1], basis=None) == ClaimItem(
        item=2, kind=item(1, SEAL, 1).kind, part=SEAL, quantity=1, inspected_minor=100,
        ordered_minor=100, claimed_minor=100,
    )  # fmt: skip


def test_decisions_name_their_item_whatever_their_order() -> None:
    desk = submitted()
    facts = decided(desk, (decision(2, 300, "flat rate"), decision(1, 2000)))

    assert only(facts, WarrantyClaim.PartlyApproved).decisions == (
        decision(1, 2000), decision(2, 300, "flat rate"),
    )  # fmt: skip


@pytest.mark.parametrize("part", [FRAME, SEAL])
def test_material_without_a_price_is_not_claimed(part: str) -> None:
    """The seal is priced from 1 January on, the frame never."""
    desk = maker()
    before_prices = date(2024, 12, 31)
    desk.do(
        base_data.register_machine,
        serial="S9", model="ZY16", dealer="D01", sold_on=before_prices, user="U9",
    )  # fmt: skip
    day = on(7, 12) if part == FRAME else on(7, 12)._replace(on=before_prices)
    filled_in = form(
        machine="S9", user="U9", failed_on=day.on, items=(item(500), item(100, part, 1))
    )

    facts = desk.refused(
        NoPrice, claiming.submit_claim, number="C1", occurrence=day, form=filled_in
    )

    assert facts == {"part": part, "price_list": LIST, "on": str(day.on)}


def test_a_claim_names_the_policy_and_the_version_whose_terms_it_has() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=policy(effective_from=d(1, 2)))
    desk.do(base_data.set_policy, model="ZY16", terms=policy(effective_from=date(2024, 6, 1)))
    facts = desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())

    taken = only(facts, WarrantyClaim.Submitted)

    assert (taken.policy, taken.policy_version) == ("ZY16", 3)
    [*_, third] = desk.stream("policies/ZY16")
    assert isinstance(third, WarrantyPolicy.Amended)
    assert third.terms.effective_from == date(2024, 6, 1)


def test_the_terms_of_a_policy_are_stored_at_their_usual_values_too() -> None:
    desk = maker()
    [issued] = desk.stream("policies/ZY16")
    stored = desk.ledger.mapper.to_stored_event(issued).state.decode()

    for term in (
        '"handling_rate":"0.05"', '"tolerance_minor":0', '"submission_days":30',
        '"return_days":0', '"chargeback_months":12',
    ):  # fmt: skip
        assert term in stored
