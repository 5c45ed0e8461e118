"""One failure is claimed once: until the claim is rejected. And its parts are due in any case."""

from typing import Any

import pytest

from domain.claim_states import ClaimState
from domain.errors import DuplicateClaim, NotAllowedInState, NotOverdueYet
from domain.machine import Machine
from domain.parts_back import Finding
from domain.use_cases import base_data, claiming, closing
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import (
    FULL,
    NONE,
    RETURNABLE,
    asked_back,
    claim,
    decided,
    decision,
    found,
    submitted,
)
from tests.domain.desk import Desk, d, kinds, on, only
from tests.domain.givens import PUMP, form, item, maker
from tests.small_maker import revised

CLAIMED_AGAIN: dict[str, Any] = {"number": "C2", "occurrence": on(7, 20), "form": form()}


def test_a_rejected_claim_makes_room_for_another_of_the_same_failure() -> None:
    desk = submitted()
    desk.refused(DuplicateClaim, claiming.submit_claim, **CLAIMED_AGAIN)
    facts = decided(desk, NONE)
    assert kinds(facts) == ["WarrantyClaim.Rejected", "Machine.ClaimReleased"]
    assert only(facts, Machine.ClaimReleased).claim == "C1"

    desk.do(claiming.submit_claim, **CLAIMED_AGAIN)

    assert desk.the(WarrantyClaim, "C2").state is ClaimState.SUBMITTED
    assert desk.the(Machine, "S1").failures == {(d(7, 10), PUMP): "C2"}


def test_a_claim_that_stands_does_not() -> None:
    desk = submitted()
    decided(desk, (decision(1, 0, "own part"), decision(2, 1, "goodwill")))
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(7, 14), because="audit")

    assert desk.refused(DuplicateClaim, claiming.submit_claim, **CLAIMED_AGAIN)["claim"] == "C1"


def awaiting(pieces: int = 1) -> Desk:
    """So many pumps are due back on 12 August."""
    desk = submitted(items=(item(2000 * pieces, PUMP, pieces),), **RETURNABLE)
    decided(desk, (decision(1, 2000 * pieces),))
    return desk


def test_parts_that_nobody_announced_are_overdue_from_the_day_after_they_were_due() -> None:
    desk = awaiting()
    mark = {"number": "C1"}
    facts = desk.refused(NotOverdueYet, claiming.mark_claim_overdue, occurrence=on(8, 12), **mark)
    assert facts == {"claim": "C1", "due_on": "2025-08-12", "on": "2025-08-12"}

    assert kinds(desk.do(claiming.mark_claim_overdue, occurrence=on(8, 13), **mark)) == [
        "WarrantyClaim.ReturnOverdue"
    ]

    assert claim(desk).overdue
    desk.refused(NotOverdueYet, claiming.mark_claim_overdue, occurrence=on(8, 14), **mark)
    asked_back(desk, "R1")
    found(desk, "R1", Finding.CONFIRMED)
    assert claim(desk).state is ClaimState.CREDITED, "it can still come"


@pytest.mark.parametrize(("announced", "overdue"), [(0, True), (1, True), (2, False)])
def test_what_was_announced_is_for_its_return_to_say(announced: int, overdue: bool) -> None:
    desk = awaiting(2)
    for number in range(announced):
        asked_back(desk, f"R{number}")
    marked: dict[str, Any] = {"number": "C1", "occurrence": on(9, 1)}
    if overdue:
        desk.do(claiming.mark_claim_overdue, **marked)
    else:
        desk.refused(NotOverdueYet, claiming.mark_claim_overdue, **marked)


def test_the_duty_runs_from_the_day_it_was_decided_and_not_from_the_day_that_counts() -> None:
    """Decided on 13 July, which was closed when it was entered: due on 12 August all the same."""
    desk = submitted(**RETURNABLE)
    desk.do(closing.soft_close, month="2025-08")
    desk.close_for_good("2025-07")
    decided(desk, FULL, on(7, 13, late=True))
    assert claim(desk).return_due_on == d(8, 12)

    desk.do(claiming.mark_claim_overdue, number="C1", occurrence=on(9, 2))


def test_where_nothing_has_to_come_back_nothing_is_overdue() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=revised(return_days=0))
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12), form=form())
    decided(desk, FULL)

    desk.refused(NotAllowedInState, claiming.mark_claim_overdue, number="C1", occurrence=on(12, 1))
