"""Steps of claim C1: a pump and labour, submitted by Ann on 12 July, decided by Bob."""

from datetime import date
from typing import Any

from domain.claim_lines import ItemDecision
from domain.facts import Fact
from domain.use_cases import claiming
from domain.use_cases.booking import Occurrence
from domain.warranty_claim import WarrantyClaim
from tests.domain.desk import BOB, Desk, d, on
from tests.domain.givens import form, maker

FULL = (ItemDecision(approved_minor=2000), ItemDecision(approved_minor=500))
PART = (ItemDecision(approved_minor=2000), ItemDecision(approved_minor=300, because="flat rate"))
NONE = (ItemDecision(approved_minor=0, because="no"), ItemDecision(approved_minor=0, because="no"))
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
