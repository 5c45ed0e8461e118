"""Steps of claim C1: a pump and labour, submitted by Ann on 12 July, decided by Bob."""

from datetime import date
from typing import Any

from domain.claim_lines import ItemDecision
from domain.facts import Fact
from domain.parts_back import Finding
from domain.use_cases import claiming, returning
from domain.use_cases.booking import Occurrence
from domain.warranty_claim import WarrantyClaim
from tests.domain.desk import BOB, Desk, d, on
from tests.domain.givens import CUSTODY, PUMP, form, maker


def decision(item: int, approved: int, because: str = "") -> ItemDecision:
    return ItemDecision(item=item, approved_minor=approved, because=because)


FULL = (decision(1, 2000), decision(2, 500))
PART = (decision(1, 2000), decision(2, 300, "flat rate"))
NONE = (decision(1, 0, "no"), decision(2, 0, "no"))
SEPTEMBER = d(9, 1)
RETURNABLE: dict[str, Any] = {"machine": "S2", "user": "U2"}


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


def charged_back(desk: Desk, day: date = SEPTEMBER) -> list[Fact]:
    return desk.do(
        claiming.charge_back_claim,
        number="C1", occurrence=Occurrence(day), because="audit",
    )  # fmt: skip


def asked_back(
    desk: Desk, number: str, quantity: int = 1, part: str = PUMP, item: int | None = None,
    day: int = 14,
) -> list[Fact]:  # fmt: skip
    return desk.do(
        returning.request_defective_return, number=number, occurrence=on(7, day), claim="C1",
        part=part, quantity=quantity, to_place=CUSTODY, claim_item=item,
    )  # fmt: skip


def found(desk: Desk, number: str, finding: Finding, day: int = 17) -> list[Fact]:
    """A parcel that was asked back comes, and is inspected on a day of July."""
    desk.do(returning.ship_return, number=number, occurrence=on(7, day - 2))
    desk.do(returning.receive_return, number=number, occurrence=on(7, day - 1))
    return desk.do(returning.inspect_return, number=number, occurrence=on(7, day), finding=finding)
