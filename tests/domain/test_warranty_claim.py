"""A claim: each way it can be out of order, who decides it, and when it is credited."""

from datetime import date

import pytest

from domain.claim_lines import ClaimItem, ItemDecision
from domain.dealer_account import DealerAccount
from domain.errors import (
    AlreadyExists,
    CauseNotCovered,
    ChargebackWindowOver,
    DocumentsDisagree,
    DomainError,
    DuplicateClaim,
    ForeignMachine,
    FutureDate,
    InvalidValue,
    LateSubmission,
    NoPolicy,
    NotAllowedInState,
    NotFound,
    OutOfWarranty,
    OverApproval,
    SamePerson,
    UserMissing,
    WrongCurrency,
)
from domain.facts import Fact
from domain.open_items import OpenItem
from domain.parts_return import Finding
from domain.use_cases import base_data, claiming, closing, returning
from domain.use_cases.booking import Occurrence
from domain.warranty_claim import ALLOWED, ClaimState, WarrantyClaim
from tests.domain.desk import ANN, BOB, TODAY, Desk, UseCase, all_postings, d, kinds, on, only
from tests.domain.givens import CUSTODY, PUMP, SEAL, form, item, maker, policy, sold, stocked_maker

FULL = (ItemDecision(approved_minor=2000), ItemDecision(approved_minor=500))
PART = (ItemDecision(approved_minor=2000), ItemDecision(approved_minor=300, because="flat rate"))
NONE = (ItemDecision(approved_minor=0, because="no"), ItemDecision(approved_minor=0, because="no"))
RETURNABLE = {"machine": "S2", "user": "U2"}


def submitted(**changes: object) -> Desk:
    desk = maker()
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12, "CL-1"), form=form(**changes))
    return desk


def decided(
    desk: Desk, decisions: tuple[ItemDecision, ...], occurrence: Occurrence | None = None
) -> list[Fact]:
    return desk.do(
        claiming.adjudicate_claim, actor=BOB,
        number="C1", occurrence=occurrence or on(7, 13), decisions=decisions,
    )  # fmt: skip


def claim(desk: Desk) -> WarrantyClaim:
    return desk.the(WarrantyClaim, "C1")


def charged_back(desk: Desk, day: date = d(9, 1)) -> list[Fact]:
    return desk.do(
        claiming.charge_back_claim,
        number="C1", occurrence=Occurrence(day), because="audit",
    )  # fmt: skip


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
        "claims/C1": OpenItem(account="2241", amount_minor=-2500, due_on=d(7, 13))
    }


def test_what_is_approved_of_each_line_is_credited_and_no_more() -> None:
    desk = submitted()
    facts = decided(desk, PART)

    assert kinds(facts)[0] == "WarrantyClaim.PartlyApproved"
    assert only(facts, WarrantyClaim.Credited).amount_minor == 2300
    assert all_postings(facts) == [("2241", "dealers/D01", -2300), ("2801", "", 2300)]


def test_a_rejected_claim_posts_nothing() -> None:
    desk = submitted()
    facts = decided(desk, NONE)

    assert kinds(facts) == ["WarrantyClaim.Rejected"]
    assert all_postings(facts) == []
    assert claim(desk).state is ClaimState.REJECTED


def test_where_the_part_must_come_back_the_credit_waits() -> None:
    desk = submitted(**RETURNABLE)
    facts = decided(desk, FULL)

    assert kinds(facts) == ["WarrantyClaim.Approved"]
    assert (claim(desk).state, claim(desk).return_due_on) == (ClaimState.AWAITING_PARTS, d(8, 12))


def test_labour_alone_waits_for_no_part() -> None:
    desk = submitted(**RETURNABLE)
    decided(desk, (ItemDecision(approved_minor=0, because="own part"), FULL[1]))

    assert (claim(desk).state, claim(desk).return_due_on) == (ClaimState.CREDITED, None)


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (NotFound, {"dealer": "D09"}, {"kind": "Dealer", "key": "D09"}),
        (NotFound, {"machine": "S9"}, {"kind": "Machine", "key": "S9"}),
        (NotFound, {"causal_part": "X"}, {"kind": "Part", "key": "X"}),
        (NotFound, {"items": (item(1, "X", 1),)}, {"kind": "Part", "key": "X"}),
        (WrongCurrency, {"currency": "USD"},
         {"dealer": "D01", "currency": "USD", "expected": "CNY"}),
        (ForeignMachine, {"dealer": "D02"},
         {"machine": "S1", "dealer": "D02", "registered_dealer": "D01"}),
        (UserMissing, {"user": ""}, {"machine": "S1", "user": "", "registered_user": "U1"}),
        (UserMissing, {"user": "U2"}, {"machine": "S1", "user": "U2", "registered_user": "U1"}),
        (UserMissing, {"machine": "S3", "user": ""},
         {"machine": "S3", "user": "", "registered_user": ""}),
        (OutOfWarranty, {"failed_on": date(2024, 12, 31)},
         {"machine": "S1", "failed_on": "2024-12-31", "covered_from": "2025-01-01",
          "covered_until": "2027-01-01"}),
        (LateSubmission, {"failed_on": d(6, 11)},
         {"failed_on": "2025-06-11", "latest": "2025-07-11", "submitted_on": "2025-07-12"}),
        (LateSubmission, {"failed_on": d(7, 13)},
         {"failed_on": "2025-07-13", "latest": "2025-08-12", "submitted_on": "2025-07-12"}),
        (DocumentsDisagree, {"items": (item(9), ClaimItem(
            kind="labour", inspected_minor=500, ordered_minor=501, claimed_minor=499))},
         {"item": "1", "inspected_minor": "500", "ordered_minor": "501", "claimed_minor": "499",
          "tolerance_minor": "0"}),
    ],
)  # fmt: skip
def test_a_claim_out_of_order_is_refused(
    refusal: type[DomainError], changes: dict[str, object], facts: dict[str, str]
) -> None:
    assert facts == maker().refused(
        refusal, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form(**changes)
    )


def test_a_claim_number_is_given_once_and_the_future_has_no_claims() -> None:
    desk = submitted()

    assert desk.refused(
        AlreadyExists, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form()
    ) == {"kind": "WarrantyClaim", "key": "C1"}
    desk.refused(
        FutureDate, claiming.submit_claim,
        number="C2", occurrence=Occurrence(TODAY.replace(year=2026)), form=form(causal_part=SEAL),
    )  # fmt: skip


def test_the_same_failure_is_claimed_once() -> None:
    desk = submitted()
    facts = desk.refused(
        DuplicateClaim, claiming.submit_claim, number="C2", occurrence=on(7, 12), form=form()
    )
    assert facts == {
        "claim": "C1", "serial": "S1", "failed_on": "2025-07-10", "causal_part": PUMP,
    }  # fmt: skip

    for number, other in (("C3", {"causal_part": SEAL}), ("C4", {"failed_on": d(7, 11)})):
        desk.do(claiming.submit_claim, number=number, occurrence=on(7, 12), form=form(**other))


def test_term_and_submission_include_their_last_day() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=policy(term_months=6, submission_days=2))
    last = {"failed_on": d(7, 1), "items": (item(1),)}
    over = {"failed_on": d(7, 2), "items": (item(1),)}

    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 3), form=form(**last))
    assert desk.refused(
        OutOfWarranty, claiming.submit_claim, number="C2", occurrence=on(7, 3), form=form(**over)
    )["covered_until"] == "2025-07-01"  # fmt: skip
    desk.refused(
        LateSubmission, claiming.submit_claim,
        number="C2", occurrence=on(7, 4), form=form(causal_part=SEAL, **last),
    )  # fmt: skip


def test_the_policy_in_force_when_the_machine_was_sold_decides() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=policy(effective_from=d(1, 2), term_months=1))
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())

    assert claim(desk).state is ClaimState.SUBMITTED


@pytest.mark.parametrize(("model", "sold_on"), [("ZY99", d(1, 1)), ("ZY16", date(2019, 12, 31))])
def test_without_a_policy_on_the_day_of_sale_nothing_is_covered(model: str, sold_on: date) -> None:
    desk = maker()
    desk.do(
        base_data.register_machine,
        serial="S9", model=model, dealer="D01", sold_on=sold_on, user="U9",
    )  # fmt: skip

    facts = desk.refused(
        NoPolicy, claiming.submit_claim,
        number="C1", occurrence=on(7, 12), form=form(machine="S9", user="U9"),
    )  # fmt: skip

    assert facts == {"model": model, "sold_on": str(sold_on)}


def test_a_cause_outside_the_policy_is_refused() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=policy(covered_causes=("F2", "F3")))

    facts = desk.refused(
        CauseNotCovered, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form()
    )

    assert facts == {"fault_code": "F1", "model": "ZY16"}
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form(fault_code="F2"))


def test_documents_agree_within_the_tolerance() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=policy(tolerance_minor=10))

    def line(inspected: int) -> tuple[ClaimItem]:
        return (item(500).model_copy(update={"inspected_minor": inspected}),)

    desk.refused(
        DocumentsDisagree, claiming.submit_claim,
        number="C1", occurrence=on(7, 12), form=form(items=line(489)),
    )  # fmt: skip
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form(items=line(490)))


def test_a_late_claim_is_judged_by_the_day_it_was_submitted() -> None:
    """It counts in August, but it was submitted on 12 July, two days after the failure."""
    desk = maker()
    desk.do(closing.soft_close, month="2025-10")
    desk.do(closing.hard_close, month="2025-10")

    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12, late=True), form=form())

    [fact] = [f for f in desk.ledger.events.get("claims/C1") if kinds([f])]
    assert (fact.effective_on, fact.occurred_on) == (d(11, 1), d(7, 12))


@pytest.mark.parametrize(
    ("refusal", "actor", "decisions", "facts"),
    [
        (SamePerson, ANN, FULL, {"actor": ANN, "made": "submitted", "action": "adjudicate"}),
        (InvalidValue, BOB, FULL[:1],
         {"field": "decisions", "value": "1",
          "rule": "must decide each of the 2 items of claim C1"}),
        (OverApproval, BOB, (FULL[0], ItemDecision(approved_minor=501)),
         {"claim": "C1", "item": "1", "claimed_minor": "500", "approved_minor": "501"}),
        (InvalidValue, BOB, (FULL[0], ItemDecision(approved_minor=499)),
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
    assert (account.balance_minor, set(account.items)) == (
        0, {"claims/C1", "claims/C1/chargeback"},
    )  # fmt: skip


def test_the_window_of_a_charge_back_ends_with_its_last_day() -> None:
    def credited_with_a_window_of_two_months() -> Desk:
        desk = maker()
        desk.do(base_data.set_policy, model="ZY16", terms=policy(chargeback_months=2))
        desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())
        decided(desk, FULL)
        return desk

    charged_back(credited_with_a_window_of_two_months(), d(9, 13))
    facts = credited_with_a_window_of_two_months().refused(
        ChargebackWindowOver, claiming.charge_back_claim,
        number="C1", occurrence=on(9, 14), because="audit",
    )  # fmt: skip

    assert facts == {"claim": "C1", "until": "2025-09-13", "on": "2025-09-14"}


ATTEMPTS: dict[str, tuple[UseCase, dict[str, object]]] = {
    "adjudicate": (
        claiming.adjudicate_claim, {"number": "C1", "occurrence": on(8, 1), "decisions": FULL}
    ),
    "charge back": (
        claiming.charge_back_claim, {"number": "C1", "occurrence": on(8, 1), "because": "audit"}
    ),
    "request a return": (
        returning.request_defective_return,
        {"number": "R9", "occurrence": on(8, 1), "claim": "C1", "part": PUMP, "quantity": 1,
         "to_place": CUSTODY},
    ),
}  # fmt: skip


def in_state(state: ClaimState) -> Desk:
    """A claim led into a state by commands alone, where they can be reached without a settlement."""
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


def parcel(desk: Desk, number: str, quantity: int, finding: Finding) -> list[Fact]:
    """A defective return from request to inspection; the facts are those of the inspection."""
    desk.do(
        returning.request_defective_return, number=number, occurrence=on(7, 14), claim="C1",
        part=PUMP, quantity=quantity, to_place=CUSTODY,
    )  # fmt: skip
    desk.do(returning.ship_return, number=number, occurrence=on(7, 15))
    desk.do(returning.receive_return, number=number, occurrence=on(7, 16))
    return desk.do(returning.inspect_return, number=number, occurrence=on(7, 17), finding=finding)


def two_pumps_awaited() -> Desk:
    desk = submitted(items=(item(4000, PUMP, 2),), **RETURNABLE)
    decided(desk, (ItemDecision(approved_minor=4000),))
    return desk


def test_the_last_confirmed_piece_releases_the_credit() -> None:
    desk = two_pumps_awaited()
    assert kinds(parcel(desk, "R1", 1, Finding.CONFIRMED)) == [
        "PartsReturn.Inspected", "WarrantyClaim.ReturnInspected",
    ]  # fmt: skip
    assert claim(desk).state is ClaimState.AWAITING_PARTS

    facts = parcel(desk, "R2", 1, Finding.CONFIRMED)

    assert kinds(facts)[2:] == ["WarrantyClaim.Credited", "DealerAccount.ClaimCredited"]
    assert all_postings(facts) == [("2241", "dealers/D01", -4000), ("2801", "", 4000)]


@pytest.mark.parametrize("finding", [Finding.NO_FAULT_FOUND, Finding.MISUSE, Finding.WRONG_PART])
def test_a_piece_that_does_not_bear_the_claim_out_denies_the_credit(finding: Finding) -> None:
    desk = two_pumps_awaited()
    desk.do(
        returning.request_defective_return, number="R2", occurrence=on(7, 14), claim="C1",
        part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip

    facts = parcel(desk, "R1", 1, finding)

    assert only(facts, WarrantyClaim.CreditDenied).because == finding
    assert claim(desk).state is ClaimState.REJECTED
    for use_case in (returning.ship_return, returning.receive_return):
        desk.do(use_case, number="R2", occurrence=on(7, 18))
    later = desk.do(
        returning.inspect_return,
        number="R2", occurrence=on(7, 18), finding=Finding.CONFIRMED,
    )  # fmt: skip
    assert kinds(later) == ["PartsReturn.Inspected"], "it changes the claim no more"
    assert desk.the(DealerAccount, "D01").items == {}


def test_claims_and_purchases_of_a_dealer_stand_on_one_account() -> None:
    desk = stocked_maker()
    sold(desk, 1)
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())
    decided(desk, FULL)

    assert desk.the(DealerAccount, "D01").balance_minor == 1999 + 260 - 2500
