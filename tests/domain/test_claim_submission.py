"""Each way a claim can be out of order has a refusal of its own; the last day still counts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.claim_lines import ClaimedItem, ItemKind
from domain.claim_states import ClaimState
from domain.errors import (
    AlreadyExists,
    CauseNotCovered,
    DocumentsDisagree,
    DomainError,
    DuplicateClaim,
    ForeignMachine,
    FutureDate,
    LateSubmission,
    NoPolicy,
    NotFound,
    OutOfWarranty,
    UserMissing,
    WrongCurrency,
)
from domain.use_cases import base_data, claiming, closing
from domain.use_cases.booking import Occurrence
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import (
    claim,
    submitted,
)
from tests.domain.desk import TODAY, d, on
from tests.domain.givens import PUMP, SEAL, form, item, maker
from tests.small_maker import policy, revised


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
        (DocumentsDisagree, {"items": (item(9), ClaimedItem(
            kind=ItemKind.LABOUR, inspected_minor=500, ordered_minor=501, claimed_minor=499))},
         {"item": "2", "inspected_minor": "500", "ordered_minor": "501", "claimed_minor": "499",
          "tolerance_minor": "0"}),
    ],
)  # fmt: skip
def test_a_claim_out_of_order_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
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
    desk.do(base_data.set_policy, model="ZY16", terms=revised(term_months=6, submission_days=2))
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
    desk.do(base_data.set_policy, model="ZY16", terms=revised(covered_causes=("F2", "F3")))

    facts = desk.refused(
        CauseNotCovered, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form()
    )

    assert facts == {"fault_code": "F1", "model": "ZY16"}
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form(fault_code="F2"))


def test_documents_agree_within_the_tolerance() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=revised(tolerance_minor=10))

    def line(inspected: int) -> tuple[ClaimedItem]:
        return (replace(item(500), inspected_minor=inspected),)

    desk.refused(
        DocumentsDisagree, claiming.submit_claim,
        number="C1", occurrence=on(7, 12), form=form(items=line(489)),
    )  # fmt: skip
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form(items=line(490)))


def test_a_late_claim_is_judged_by_the_day_it_was_submitted() -> None:
    """It counts in August, but it was submitted on 12 July, two days after the failure."""
    desk = maker()
    desk.do(closing.soft_close, month="2025-10")
    desk.close_for_good("2025-10")

    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12, late=True), form=form())

    [fact] = desk.stream("claims/C1")
    assert isinstance(fact, WarrantyClaim.Submitted)
    assert (fact.effective_on, fact.occurred_on) == (d(11, 1), d(7, 12))
