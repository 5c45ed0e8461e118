"""Inspection decides piece by piece: what is confirmed is credited, and labour with its cause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounting_period import AccountingPeriod
from domain.claim_lines import ItemAmount
from domain.claim_states import ClaimState
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import DuplicateClaim, InvalidValue, OutOfSequence, OverReturn, PeriodSoftClosed
from domain.machine import Machine
from domain.open_items import OpenBalance
from domain.parts_back import Finding
from domain.use_cases import claiming, closing, returning, settling
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import (
    RETURNABLE,
    asked_back,
    claim,
    decided,
    decision,
    found,
    submitted,
)
from tests.domain.desk import BOB, Desk, all_postings, d, kinds, on, only
from tests.domain.givens import CUSTODY, PUMP, SEAL, bought, form, item, maker, sold

CONFIRMED, MISUSE = Finding.CONFIRMED, Finding.MISUSE
LOOKED_AT = ["PartsReturn.Inspected", "WarrantyClaim.ReturnInspected"]
CREDITED = ["WarrantyClaim.Credited", "DealerAccount.ClaimCredited"]


def three_pumps() -> Desk:
    """Three pumps for 50.00, three seals for 4.00, labour 5.00 for the pumps, 1.00 for the seals;
    all of it approved, all parts to come back."""
    items = (item(5000, PUMP, 3), item(400, SEAL, 3), item(500), item(100, cause_item=2))
    desk = submitted(items=items, **RETURNABLE)
    decided(desk, tuple(decision(n, each.claimed_minor) for n, each in enumerate(items, start=1)))
    return desk


def amounts(*by_item: tuple[int, int]) -> tuple[ItemAmount, ...]:
    return tuple(ItemAmount(item=number, amount_minor=minor) for number, minor in by_item)


def test_confirmed_pieces_are_credited_and_refused_ones_are_not() -> None:
    desk = three_pumps()
    for number, quantity, part in (("R1", 2, PUMP), ("R2", 1, PUMP), ("R3", 3, SEAL)):
        asked_back(desk, number, quantity, part)
    assert kinds(found(desk, "R1", CONFIRMED)) == LOOKED_AT
    facts = found(desk, "R2", MISUSE)
    assert kinds(facts) == LOOKED_AT, "the seals are still waited for"
    left = amounts((1, 3333), (2, 400), (3, 500), (4, 100))
    assert only(facts, WarrantyClaim.ReturnInspected).approved == left
    assert claim(desk).progress.approved_minor == 4333

    facts = found(desk, "R3", CONFIRMED)

    assert kinds(facts) == [*LOOKED_AT, *CREDITED]
    assert only(facts, WarrantyClaim.Credited).credited == left
    assert all_postings(facts) == [("2241", "dealers/D01", -4333), ("2801", "", 4333)]
    assert claim(desk).state is ClaimState.CREDITED


def test_one_refused_seal_does_not_deny_the_rest() -> None:
    desk = three_pumps()
    asked_back(desk, "R1", 3)
    asked_back(desk, "R2", 3, SEAL)
    found(desk, "R1", CONFIRMED)

    facts = found(desk, "R2", Finding.WRONG_PART)

    assert only(facts, WarrantyClaim.Credited).credited == amounts((1, 5000), (3, 500))


def test_labour_falls_with_the_last_piece_of_its_cause() -> None:
    desk = three_pumps()
    for number, quantity, part in (("R1", 2, PUMP), ("R2", 1, PUMP), ("R3", 3, SEAL)):
        asked_back(desk, number, quantity, part)
    found(desk, "R1", MISUSE)
    assert claim(desk).progress.approved[3] == 500, "one pump may still bear it out"
    found(desk, "R2", MISUSE)
    assert claim(desk).progress.approved[3] == 0

    facts = found(desk, "R3", CONFIRMED)

    assert only(facts, WarrantyClaim.Credited).credited == amounts((2, 400), (4, 100))


def test_a_line_that_follows_nothing_is_credited_in_any_case() -> None:
    """The causal part is not among the lines: the labour is of no line in particular."""
    items = (item(2000, PUMP, 1), item(500))
    desk = submitted(items=items, causal_part=SEAL, **RETURNABLE)
    decided(desk, (decision(1, 2000), decision(2, 500)))
    assert claim(desk).items[1].cause_item is None
    asked_back(desk, "R1")

    facts = found(desk, "R1", MISUSE)

    assert only(facts, WarrantyClaim.Credited).credited == amounts((2, 500))


def test_labour_whose_cause_need_not_come_back_does_not_wait_for_it() -> None:
    desk = submitted(items=(item(2000, PUMP, 1), item(150, SEAL, 1), item(500)), **RETURNABLE)
    decided(desk, (decision(1, 0, "own pump"), decision(2, 150), decision(3, 500)))
    asked_back(desk, "R1", 1, SEAL)

    facts = found(desk, "R1", MISUSE)

    assert only(facts, WarrantyClaim.Credited).credited == amounts((3, 500))


@pytest.mark.parametrize(
    ("cause_item", "rule"),
    [(2, "must be the number of a material item"), (9, "must be the number of a material item")],
)
def test_a_cause_is_a_material_line_of_the_claim(cause_item: int, rule: str) -> None:
    filled_in = form(items=(item(2000, PUMP, 1), item(500), item(5, cause_item=cause_item)))
    assert maker().refused(
        InvalidValue, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=filled_in
    ) == {"field": "claim.items[2].cause_item", "value": str(cause_item), "rule": rule}


def test_material_follows_nothing() -> None:
    filled_in = form(items=(item(2000, PUMP, 1), item(100, SEAL, 1, cause_item=1)))
    facts = maker().refused(
        InvalidValue, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=filled_in
    )

    assert facts["rule"] == "must be empty for material"


def one_pump_refused() -> Desk:
    desk = submitted(**RETURNABLE)
    decided(desk, (decision(1, 2000), decision(2, 500)))
    asked_back(desk, "R1")
    facts = found(desk, "R1", MISUSE)

    assert kinds(facts) == [*LOOKED_AT, "WarrantyClaim.CreditDenied", "Machine.ClaimReleased"]
    assert only(facts, WarrantyClaim.CreditDenied).because == MISUSE
    assert (claim(desk).state, claim(desk).progress.approved_minor) == (ClaimState.REJECTED, 0)
    assert desk.the(DealerAccount, "D01").items == {}
    return desk


def test_a_claim_of_which_nothing_is_left_is_rejected_and_its_failure_free() -> None:
    desk = one_pump_refused()
    desk.do(claiming.submit_claim, number="C2", occurrence=on(7, 20), form=form(**RETURNABLE))

    assert desk.the(WarrantyClaim, "C2").state is ClaimState.SUBMITTED


def test_a_refused_piece_may_come_again_and_is_credited_then() -> None:
    desk = one_pump_refused()
    facts = asked_back(desk, "R2", day=18)
    assert kinds(facts) == [
        "WarrantyClaim.ReturnRequested", "Machine.ClaimTaken", "PartsReturn.Requested",
    ]  # fmt: skip
    desk.refused(
        DuplicateClaim, claiming.submit_claim,
        number="C2", occurrence=on(7, 20), form=form(**RETURNABLE),
    )  # fmt: skip

    facts = found(desk, "R2", CONFIRMED, day=21)

    assert kinds(facts) == [*LOOKED_AT, *CREDITED]
    assert only(facts, WarrantyClaim.Credited).net_minor == 2500
    assert claim(desk).state is ClaimState.CREDITED


def test_a_piece_that_is_refused_again_leaves_the_failure_free_again() -> None:
    desk = one_pump_refused()
    asked_back(desk, "R2", day=18)

    facts = found(desk, "R2", Finding.NO_FAULT_FOUND, day=21)

    assert kinds(facts)[2:] == ["WarrantyClaim.CreditDenied", "Machine.ClaimReleased"]
    assert desk.the(Machine, "S2").failures == {}
    asked_back(desk, "R3", day=22)


def test_a_piece_does_not_come_again_where_the_failure_was_claimed_anew() -> None:
    desk = one_pump_refused()
    desk.do(claiming.submit_claim, number="C2", occurrence=on(7, 20), form=form(**RETURNABLE))

    facts = desk.refused(
        DuplicateClaim, returning.request_defective_return, number="R2", occurrence=on(7, 21),
        claim="C1", part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip

    assert facts["claim"] == "C2"


def test_a_piece_does_not_come_again_before_it_was_refused() -> None:
    facts = one_pump_refused().refused(
        OutOfSequence, returning.request_defective_return, number="R2", occurrence=on(7, 16),
        claim="C1", part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip

    assert facts == {"step": "inspected", "step_on": "2025-07-17", "on": "2025-07-16"}


def partly_credited() -> Desk:
    """Two pumps of three were confirmed: 33.33 and all labour and seals are credited."""
    desk = three_pumps()
    for number, quantity, part in (("R1", 2, PUMP), ("R2", 1, PUMP), ("R3", 3, SEAL)):
        asked_back(desk, number, quantity, part)
    found(desk, "R2", MISUSE)
    for number in ("R1", "R3"):
        found(desk, number, CONFIRMED)
    assert claim(desk).progress.total.net_minor == 4333
    return desk


def test_a_piece_that_is_confirmed_later_is_credited_by_itself() -> None:
    desk = partly_credited()
    asked_back(desk, "R4", day=18)
    desk.refused(
        OverReturn, returning.request_defective_return, number="R5", occurrence=on(7, 18),
        claim="C1", part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip
    assert claim(desk).state is ClaimState.CREDITED

    facts = found(desk, "R4", CONFIRMED, day=21)

    second = only(facts, WarrantyClaim.Credited)
    assert second.credited == amounts((1, 1667))
    assert second.tax_minor == 650 - 433, "13 % of 50.00, less that of 33.33"
    assert desk.the(DealerAccount, "D01").items == {
        "claims/C1": OpenBalance("2241", -4333, d(7, 17), d(7, 17)),
        "claims/C1/credit-2": OpenBalance("2241", -1667, d(7, 21), d(7, 21)),
    }
    assert claim(desk).progress.approved_minor == claim(desk).progress.total.net_minor == 6000
    back = desk.do(claiming.charge_back_claim, number="C1", occurrence=on(7, 22), because="audit")
    charged_back = only(back, WarrantyClaim.ChargedBack)
    assert (charged_back.net_minor, charged_back.tax_minor) == (6000, 780), "all of it"


def test_a_piece_refused_again_changes_no_credit() -> None:
    desk = partly_credited()
    asked_back(desk, "R4", day=18)

    assert kinds(found(desk, "R4", MISUSE, day=21)) == LOOKED_AT
    assert claim(desk).state is ClaimState.CREDITED


def test_a_charged_back_claim_is_not_credited_again() -> None:
    desk = partly_credited()
    asked_back(desk, "R4", day=18)
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(7, 19), because="audit")

    assert kinds(found(desk, "R4", CONFIRMED, day=21)) == ["PartsReturn.Inspected"]


def settled(desk: Desk, month: int) -> list[str]:
    """A month is stated, agreed, invoiced and netted in the next one: which claims that settles."""
    number = f"D01/2025-{month:02}"
    desk.do(settling.issue_statement, dealer="D01", month=number[4:])
    desk.do(settling.review_statement, actor=BOB, number=number)
    content_hash = desk.the(DealerSettlement, number).statement.content_hash
    desk.do(settling.confirm_statement, number=number, content_hash=content_hash)
    then = on(month + 1, 5)
    desk.do(
        settling.invoice_settlement, number=number, occurrence=then,
        sales_invoice=f"SI-{month}", claims_invoice=f"CI-{month}",
    )  # fmt: skip
    facts = desk.do(settling.close_settlement, number=number, occurrence=then)
    return [fact.originator_id for fact in facts if isinstance(fact, WarrantyClaim.Settled)]


def test_a_claim_is_settled_when_the_last_of_its_credits_is_cleared() -> None:
    """In July a debt of 45.18 clears the first credit, of 43.33, and a part of the second one,
    which is cleared in August."""
    desk = partly_credited()
    asked_back(desk, "R4", day=18)
    found(desk, "R4", CONFIRMED, day=21)
    bought(desk, 10, 1000, on(7, 1))
    sold(desk, 2)
    assert claim(desk).progress.open_items("claims/C1") == ["claims/C1", "claims/C1/credit-2"]
    assert settled(desk, 7) == []

    sold(desk, 3, "SA2", on(8, 20))

    assert settled(desk, 8) == ["claims/C1"]
    assert claim(desk).state is ClaimState.SETTLED


def test_a_credit_counts_on_the_latest_day_among_what_it_waited_for() -> None:
    """The parcel looked at on 25 July is entered before that of the 20th."""
    desk = three_pumps()
    for number, quantity, part in (("R1", 2, PUMP), ("R2", 1, PUMP), ("R3", 3, SEAL)):
        asked_back(desk, number, quantity, part)
    found(desk, "R1", CONFIRMED, day=25)
    found(desk, "R2", CONFIRMED, day=18)

    facts = found(desk, "R3", CONFIRMED, day=20)

    assert only(facts, WarrantyClaim.Credited).effective_on == d(7, 25)
    assert only(facts, DealerAccount.ClaimCredited).effective_on == d(7, 25)
    assert desk.the(DealerAccount, "D01").items["claims/C1"].due_on == d(7, 25)
    assert claim(desk).credited_on == d(7, 25)


def test_a_late_step_among_them_makes_the_credit_count_late() -> None:
    """One parcel was looked at in July and entered when July was closed."""
    desk = three_pumps()
    for number, quantity, part in (("R1", 3, PUMP), ("R2", 3, SEAL)):
        asked_back(desk, number, quantity, part)
    for number in ("R1", "R2"):
        desk.do(returning.ship_return, number=number, occurrence=on(7, 15))
        desk.do(returning.receive_return, number=number, occurrence=on(7, 16))
    desk.do(returning.inspect_return, number="R1", occurrence=on(8, 2), finding=CONFIRMED)
    desk.do(closing.soft_close, month="2025-08")
    desk.close_for_good("2025-07")

    late = on(7, 20, late=True)
    facts = desk.do(returning.inspect_return, number="R2", occurrence=late, finding=CONFIRMED)

    credit = only(facts, WarrantyClaim.Credited)
    assert credit.days == (d(8, 2), d(9, 1))


def test_a_credit_does_not_slip_into_a_month_that_was_soft_closed() -> None:
    """The last step counts in July, what it waited for in August."""
    desk = three_pumps()
    for number, quantity, part in (("R1", 3, PUMP), ("R2", 3, SEAL)):
        asked_back(desk, number, quantity, part)
    found(desk, "R1", CONFIRMED, day=17)
    desk.do(returning.ship_return, number="R2", occurrence=on(7, 15))
    desk.do(returning.receive_return, number="R2", occurrence=on(7, 16))
    desk.do(closing.soft_close, month="2025-07")
    desk.approve("2025-07", "DN-1", "returns", "dealers/D01", -6000)
    inspection = {"number": "R2", "finding": CONFIRMED}
    desk.refused(PeriodSoftClosed, returning.inspect_return, occurrence=on(7, 18), **inspection)

    facts = desk.do(returning.inspect_return, occurrence=on(7, 18, "DN-1"), **inspection)

    assert only(facts, WarrantyClaim.Credited).effective_on == d(7, 18)


def test_a_step_that_enters_two_soft_closed_months_uses_an_approval_of_each() -> None:
    """What was looked at counts in July, the credit it leads to in August."""
    desk = three_pumps()
    for number, quantity, part in (("R1", 3, PUMP), ("R2", 3, SEAL)):
        asked_back(desk, number, quantity, part)
        desk.do(returning.ship_return, number=number, occurrence=on(7, 15))
        desk.do(returning.receive_return, number=number, occurrence=on(7, 16))
    desk.do(returning.inspect_return, number="R1", occurrence=on(8, 2), finding=CONFIRMED)
    desk.do(closing.soft_close, month="2025-08")
    inspection = {"number": "R2", "finding": CONFIRMED}
    then = on(7, 18, "DN-1")
    desk.approve("2025-07", "DN-1", "returns", "dealers/D01", 0)
    desk.refused(PeriodSoftClosed, returning.inspect_return, occurrence=then, **inspection)
    desk.approve("2025-08", "DN-1", "returns", "dealers/D01", -6000)

    facts = desk.do(returning.inspect_return, occurrence=then, **inspection)

    used = [fact.month for fact in facts if isinstance(fact, AccountingPeriod.ApprovalUsed)]
    assert used == ["2025-07", "2025-08"]


@given(st.integers(1, 6296), st.lists(st.booleans(), min_size=3, max_size=3))
def test_shares_of_an_amount_add_up_whatever_comes_first(
    approved: int, confirmed_at_first: list[bool]
) -> None:
    """Piece by piece, the refused ones a second time: in the end all is credited, to the cent."""
    desk = submitted(items=(item(approved, PUMP, 3),), **RETURNABLE)
    decided(desk, (decision(1, approved),))
    for number in range(3):
        asked_back(desk, f"R{number}")
    for number, confirmed in enumerate(confirmed_at_first):
        found(desk, f"R{number}", CONFIRMED if confirmed else MISUSE)
    for number, confirmed in enumerate(confirmed_at_first):
        if not confirmed:
            asked_back(desk, f"A{number}", day=18)
            found(desk, f"A{number}", CONFIRMED, day=21)

    assert claim(desk).progress.total.net_minor == approved
    assert sum(item.amount_minor for item in desk.the(DealerAccount, "D01").items.values()) == (
        -approved
    )
