"""Two steps of a document may count on the same day, and the later one never on the day before."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from domain.errors import BeforeArrival, DomainError, OutOfSequence
from domain.parts_back import Finding
from domain.parts_return import Disposal
from domain.transfer_lines import DiscrepancyCause, Resolution
from domain.use_cases import claiming, returning, settling, transferring
from domain.use_cases.booking import Occurrence
from tests.domain.claim_steps import FULL, decided, submitted
from tests.domain.desk import BOB, Desk, UseCase, d, on
from tests.domain.givens import CUSTODY, NORTH, PUMP, requested, stocked_maker
from tests.domain.return_steps import (
    DEFECTIVE,
    announced,
    inspected,
    received,
    returnable,
    shipped,
)
from tests.domain.test_dealer_settlement import (
    JULY,
    confirmed,
    disputed,
    invoiced,
    issued,
    resolved,
    reviewed,
    traded,
)
from tests.domain.transfer_steps import lines, missing, sent
from tests.domain.transfer_steps import received as unpacked
from tests.domain.transfer_steps import resolved as explained

DAY = timedelta(days=1)


class Step(NamedTuple):
    """A step, after what it follows; `follows` is the day of that, and its name in the refusal."""

    given: Callable[[], Desk]
    use_case: UseCase
    fields: dict[str, Any]
    follows: date
    name: str = ""


def asked() -> Desk:
    desk = stocked_maker()
    requested(desk)
    return desk


def approved() -> Desk:
    desk = asked()
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    return desk


def arrived() -> Desk:
    desk = sent()
    unpacked(desk, 6)
    return desk


def stated() -> Desk:
    desk = traded()
    issued(desk)
    return desk


def settled(*steps: Callable[[Desk], object]) -> Callable[[], Desk]:
    """A desk with a statement that was reviewed, and has taken these steps."""

    def given() -> Desk:
        desk = reviewed()
        for step in steps:
            step(desk)
        return desk

    return given


def its_first_line(desk: Desk) -> object:
    return disputed(desk, 2)


def its_first_line_stands(desk: Desk) -> object:
    return resolved(desk, 2, 0)


def credited() -> Desk:
    desk = submitted()
    decided(desk, FULL)
    return desk


def after(*steps: Callable[[Desk], object]) -> Callable[[], Desk]:
    """A desk with a return that has taken these steps."""

    def given() -> Desk:
        desk = returnable()
        for step in steps:
            step(desk)
        return desk

    return given


def due_long_ago(desk: Desk) -> object:
    return announced(desk, due_on=d(7, 1))


def defective(desk: Desk) -> object:
    return announced(desk, DEFECTIVE)


def discrepant() -> Desk:
    desk = sent()
    missing(desk, 2)
    return desk


def cleared() -> Desk:
    """Four of six pieces came on the 14th, and of the other two it was said what they were."""
    desk = sent()
    unpacked(desk, 4)
    missing(desk, 2)
    explained(desk, 2, Resolution.WRITE_OFF)
    return desk


INVOICES = {"number": JULY, "sales_invoice": "SI-1", "claims_invoice": "CI-1"}
PARCEL: dict[str, Any] = {"number": "R1", "part": PUMP, "quantity": 1, "to_place": CUSTODY}
# Steps that name the step before them.
IN_SEQUENCE = {
    "a transfer is approved": Step(
        asked, transferring.approve_transfer, {"actor": BOB, "number": "T1"}, d(7, 11), "requested"
    ),
    "a transfer is rejected": Step(
        asked, transferring.reject_transfer, {"actor": BOB, "number": "T1", "because": "no"},
        d(7, 11), "requested",
    ),
    "a request is called off": Step(
        asked, transferring.cancel_transfer, {"number": "T1", "because": "no"}, d(7, 11),
        "requested",
    ),
    "an approved transfer is called off": Step(
        approved, transferring.cancel_transfer, {"number": "T1", "because": "no"}, d(7, 11),
        "approved",
    ),
    "a transfer is closed": Step(
        arrived, transferring.close_transfer, {"actor": BOB, "number": "T1"}, d(7, 14), "received"
    ),
    "a transfer of which a piece was missing is closed": Step(
        cleared, transferring.close_transfer, {"actor": BOB, "number": "T1"}, d(7, 16), "resolved"
    ),
    "a statement is reviewed": Step(
        stated, settling.review_statement, {"actor": BOB, "number": JULY}, d(8, 1), "issued"
    ),
    "a line is disputed": Step(
        settled(), settling.dispute_line, {"number": JULY, "line_version": 2, "because": "no"},
        d(8, 1), "reviewed",
    ),
    "a dispute is resolved": Step(
        settled(its_first_line), settling.resolve_dispute,
        {"actor": BOB, "number": JULY, "line_version": 2, "memo_minor": 0, "because": "no"},
        d(8, 1), "disputed",
    ),
    "another line is disputed": Step(
        settled(its_first_line, its_first_line_stands), settling.dispute_line,
        {"number": JULY, "line_version": 3, "because": "no"}, d(8, 3), "resolved",
    ),
    "an invoice is matched": Step(
        settled(confirmed), settling.invoice_settlement, INVOICES, d(8, 1), "confirmed"
    ),
    "a settlement is closed": Step(
        settled(confirmed, invoiced), settling.close_settlement, {"number": JULY}, d(8, 5),
        "invoiced",
    ),
    "a transfer is dispatched": Step(
        approved, transferring.dispatch_transfer, {"number": "T1"}, d(7, 11), "approved"
    ),
    "a claim is decided": Step(
        submitted, claiming.adjudicate_claim,
        {"actor": BOB, "number": "C1", "decisions": FULL}, d(7, 12), "submitted",
    ),
    "a credit is charged back": Step(
        credited, claiming.charge_back_claim, {"number": "C1", "because": "audit"}, d(7, 13),
        "credited",
    ),
    "a replaced part is asked back": Step(
        returnable, returning.request_defective_return, PARCEL | {"claim": "C1"}, d(7, 13),
        "approved",
    ),
    "a sold part is asked back": Step(
        returnable, returning.request_good_return, PARCEL | {"sale": "SA1"}, d(7, 15), "sold"
    ),
    "a good part is shipped": Step(
        after(announced), returning.ship_return, {"number": "R1"}, d(7, 16), "requested"
    ),
    "a defective part is shipped": Step(
        after(defective), returning.ship_return, {"number": "R1"}, d(7, 16), "requested"
    ),
    "a return that was announced is overdue": Step(
        after(due_long_ago), returning.mark_return_overdue, {"number": "R1"}, d(7, 16), "requested"
    ),
    "a return that is under way is overdue": Step(
        after(due_long_ago, shipped), returning.mark_return_overdue, {"number": "R1"}, d(7, 17),
        "shipped",
    ),
    "a return is inspected": Step(
        after(announced, shipped, received), returning.inspect_return,
        {"number": "R1", "finding": Finding.NO_FAULT_FOUND}, d(7, 18), "received",
    ),
    **{
        f"a good part leaves custody: {disposal}": Step(
            after(announced, shipped, received, inspected), returning.dispose_return,
            {"number": "R1", "disposal": disposal, "to_place": NORTH,
             "supplier": "SUP1" if disposal is Disposal.TO_SUPPLIER else ""},
            d(7, 19), "inspected",
        )
        for disposal in (Disposal.SCRAP, Disposal.RESTOCK, Disposal.TO_SUPPLIER)
    },
}  # fmt: skip
# Steps that take pieces from where they came on some day.
AFTER_ARRIVAL = {
    "pieces are received": Step(
        sent, transferring.receive_transfer, {"number": "T1"}, d(7, 12)
    ),
    "some pieces are received": Step(
        sent, transferring.receive_transfer, {"number": "T1", "lines": lines(1)}, d(7, 12)
    ),
    "pieces are found missing": Step(
        sent, transferring.record_discrepancy,
        {"number": "T1", "cause": DiscrepancyCause.SHORT, "part": PUMP, "quantity": 1}, d(7, 12),
    ),
    **{
        f"missing pieces are resolved: {resolution}": Step(
            discrepant, transferring.resolve_discrepancy,
            {"number": "T1", "resolution": resolution, "part": PUMP, "quantity": 1,
             "carrier": "SF"},
            d(7, 15),
        )
        for resolution in Resolution
    },
    "a return is received": Step(
        after(announced, shipped), returning.receive_return, {"number": "R1"}, d(7, 17)
    ),
}  # fmt: skip
STEPS = IN_SEQUENCE | AFTER_ARRIVAL


def refusal_of(step: Step) -> tuple[type[DomainError], dict[str, str]]:
    follows, before = str(step.follows), str(step.follows - DAY)
    if step.name:
        return OutOfSequence, {"step": step.name, "step_on": follows, "on": before}
    return BeforeArrival, {"came_on": follows, "on": before}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_counts_from_the_day_of_the_one_it_follows(step: Step) -> None:
    refusal, facts = refusal_of(step)
    before = Occurrence(step.follows - DAY)
    assert facts == step.given().refused(refusal, step.use_case, occurrence=before, **step.fields)

    for day in (step.follows, step.follows + DAY):
        step.given().do(step.use_case, occurrence=Occurrence(day), **step.fields)


def test_a_part_is_asked_back_from_the_day_of_the_approval_though_it_was_claimed_before() -> None:
    """The claim came in on 12 July and was approved on the 13th: the later one counts."""
    desk = returnable()
    facts = desk.refused(
        OutOfSequence, returning.request_defective_return,
        **PARCEL, claim="C1", occurrence=on(7, 12),
    )  # fmt: skip

    assert facts["step_on"] == "2025-07-13"
