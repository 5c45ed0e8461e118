"""A claim: each way it can be out of order, who decides it, and when it is credited."""

from typing import Any

import pytest

from domain.claim_lines import ItemDecision
from domain.claim_states import ALLOWED, ClaimState
from domain.dealer_account import DealerAccount
from domain.errors import (
    ChargebackWindowOver,
    DomainError,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OverApproval,
    SamePerson,
)
from domain.open_items import OpenBalance
from domain.use_cases import base_data, claiming, returning
from domain.warranty_claim import WarrantyClaim
from tests.domain.account_steps import balance_minor
from tests.domain.claim_steps import (
    FULL,
    NONE,
    PART,
    RETURNABLE,
    charged_back,
    claim,
    decided,
    decision,
    submitted,
)
from tests.domain.desk import ANN, BOB, Desk, UseCase, all_postings, d, kinds, on, only
from tests.domain.givens import CUSTODY, PUMP, form, maker, sold, stocked_maker
from tests.small_maker import revised


def test_a_claim_in_review_is_posted_to_no_account() -> None:
    desk = maker()
    facts = desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12, "CL-1"), form=form())

    assert kinds(facts) == ["Machine.ClaimTaken", "WarrantyClaim.Submitted"]
    assert all_postings(facts) == []
    assert (claim(desk).state, claim(desk).claimed_minor) == (ClaimState.SUBMITTED, 2500)


def test_an_approved_claim_is_credited_at_once_where_nothing_must_come_back() -> None:
    desk = submitted()
    facts = decided(desk, FULL)

    assert kinds(facts) == [
        "WarrantyClaim.Approved", "WarrantyClaim.Credited", "DealerAccount.ClaimCredited",
    ]  # fmt: skip
    assert all_postings(facts) == [("2241", "dealers/D01", -2500), ("2801", "", 2500)]
    assert claim(desk).state is ClaimState.CREDITED
    assert desk.the(DealerAccount, "D01").items == {
        "claims/C1": OpenBalance("2241", -2500, due_on=d(7, 13), effective_on=d(7, 13))
    }


def test_what_is_approved_of_each_line_is_credited_and_no_more() -> None:
    desk = submitted()
    facts = decided(desk, PART)

    assert kinds(facts)[0] == "WarrantyClaim.PartlyApproved"
    assert only(facts, WarrantyClaim.Credited).net_minor == 2300
    assert all_postings(facts) == [("2241", "dealers/D01", -2300), ("2801", "", 2300)]


def test_a_rejected_claim_posts_nothing() -> None:
    desk = submitted()
    facts = decided(desk, NONE)

    assert kinds(facts) == ["WarrantyClaim.Rejected", "Machine.ClaimReleased"]
    assert all_postings(facts) == []
    assert claim(desk).state is ClaimState.REJECTED


def test_where_the_part_must_come_back_the_credit_waits() -> None:
    desk = submitted(**RETURNABLE)
    facts = decided(desk, FULL)

    assert kinds(facts) == ["WarrantyClaim.Approved"]
    assert (claim(desk).state, claim(desk).return_due_on) == (ClaimState.AWAITING_PARTS, d(8, 12))


def test_labour_alone_waits_for_no_part() -> None:
    desk = submitted(**RETURNABLE)
    decided(desk, (decision(1, 0, "own part"), FULL[1]))

    assert (claim(desk).state, claim(desk).return_due_on) == (ClaimState.CREDITED, None)


@pytest.mark.parametrize(
    ("refusal", "actor", "decisions", "facts"),
    [
        (SamePerson, ANN, FULL, {"actor": ANN, "made": "submitted", "action": "adjudicate"}),
        (InvalidValue, BOB, FULL[:1],
         {"field": "decisions", "value": "1",
          "rule": "must decide each of the items 1 to 2 of claim C1 once"}),
        (InvalidValue, BOB, (*FULL, decision(2, 400, "after all")),
         {"field": "decisions", "value": "1, 2, 2",
          "rule": "must decide each of the items 1 to 2 of claim C1 once"}),
        (InvalidValue, BOB, (*FULL, decision(3, 0, "whose?")),
         {"field": "decisions", "value": "1, 2, 3",
          "rule": "must decide each of the items 1 to 2 of claim C1 once"}),
        (OverApproval, BOB, (FULL[0], decision(2, 501)),
         {"claim": "C1", "item": "2", "claimed_minor": "500", "approved_minor": "501"}),
        (InvalidValue, BOB, (FULL[0], decision(2, 499)),
         {"field": "decisions[1].because", "value": "", "rule": "must say why not all"}),
    ],
)  # fmt: skip
def test_a_decision_is_refused(
    refusal: type[DomainError],
    actor: str,
    decisions: tuple[ItemDecision, ...],
    facts: dict[str, str],
) -> None:
    assert facts == submitted().refused(
        refusal, claiming.adjudicate_claim, actor=actor,
        number="C1", occurrence=on(7, 13), decisions=decisions,
    )  # fmt: skip


def test_a_charge_back_reverses_the_credit_as_an_item_of_its_own() -> None:
    desk = submitted()
    decided(desk, PART)
    facts = charged_back(desk)

    assert kinds(facts) == ["WarrantyClaim.ChargedBack", "DealerAccount.ClaimChargedBack"]
    assert all_postings(facts) == [("2241", "dealers/D01", 2300), ("2801", "", -2300)]
    account = desk.the(DealerAccount, "D01")
    assert (balance_minor(account), set(account.items)) == (
        0, {"claims/C1", "claims/C1/chargeback"},
    )  # fmt: skip


def test_the_window_of_a_charge_back_ends_with_its_last_day() -> None:
    def credited_with_a_window_of_two_months() -> Desk:
        desk = maker()
        desk.do(base_data.set_policy, model="ZY16", terms=revised(chargeback_months=2))
        desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())
        decided(desk, FULL)
        return desk

    charged_back(credited_with_a_window_of_two_months(), d(9, 13))
    facts = credited_with_a_window_of_two_months().refused(
        ChargebackWindowOver, claiming.charge_back_claim,
        number="C1", occurrence=on(9, 14), because="audit",
    )  # fmt: skip

    assert facts == {"claim": "C1", "until": "2025-09-13", "on": "2025-09-14"}


ATTEMPTS: dict[str, tuple[UseCase, dict[str, Any]]] = {
    "adjudicate": (
        claiming.adjudicate_claim, {"number": "C1", "occurrence": on(8, 1), "decisions": FULL}
    ),
    "charge back": (
        claiming.charge_back_claim, {"number": "C1", "occurrence": on(8, 1), "because": "audit"}
    ),
    "mark overdue": (
        claiming.mark_claim_overdue, {"number": "C1", "occurrence": on(9, 1)}
    ),
    "request a return": (
        returning.request_defective_return,
        {"number": "R9", "occurrence": on(8, 1), "claim": "C1", "part": PUMP, "quantity": 1,
         "to_place": CUSTODY},
    ),
}  # fmt: skip


def in_state(state: ClaimState) -> Desk:
    """A claim led into a state by commands alone; settling one takes a settlement."""
    desk = submitted(**(RETURNABLE if state is ClaimState.AWAITING_PARTS else {}))
    if state is ClaimState.REJECTED:
        decided(desk, NONE)
    elif state is not ClaimState.SUBMITTED:
        decided(desk, FULL)
    if state is ClaimState.CHARGED_BACK:
        charged_back(desk)
    return desk


@pytest.mark.parametrize(
    "state",
    [ClaimState.SUBMITTED, ClaimState.REJECTED, ClaimState.AWAITING_PARTS, ClaimState.CREDITED,
     ClaimState.CHARGED_BACK],
)  # fmt: skip
def test_what_is_not_in_the_table_of_states_is_refused(state: ClaimState) -> None:
    desk = in_state(state)
    assert claim(desk).state is state
    for action, (use_case, fields) in ATTEMPTS.items():
        if state not in ALLOWED[action]:
            facts = desk.refused(NotAllowedInState, use_case, actor="eve", **fields)
            assert facts == {"kind": "claim", "key": "C1", "state": state, "action": action}


def test_an_unknown_claim_is_refused() -> None:
    facts = maker().refused(
        NotFound, claiming.adjudicate_claim, number="C1", occurrence=on(7, 13), decisions=FULL
    )

    assert facts == {"kind": "WarrantyClaim", "key": "C1"}


def test_claims_and_purchases_of_a_dealer_stand_on_one_account() -> None:
    desk = stocked_maker()
    sold(desk, 1)
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())
    decided(desk, FULL)

    assert balance_minor(desk.the(DealerAccount, "D01")) == 1999 + 260 - 2500
