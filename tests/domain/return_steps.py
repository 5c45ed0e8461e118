"""Steps of return R1: three pumps of SA1, sold on 15 July, or the pump of claim C1 of 13 July."""

from datetime import date
from typing import Any

from domain.facts import Fact
from domain.parts_back import Finding
from domain.parts_return import Disposal, ReturnKind
from domain.use_cases import returning
from domain.use_cases.booking import Occurrence
from tests.domain.claim_steps import FULL, RETURNABLE, decided, submitted
from tests.domain.desk import Desk, d, on
from tests.domain.givens import CUSTODY, PUMP, bought, sold

GOOD, DEFECTIVE = ReturnKind.GOOD, ReturnKind.DEFECTIVE
ANNOUNCED_ON = d(7, 16)
_FINDS = {GOOD: Finding.NO_FAULT_FOUND, DEFECTIVE: Finding.CONFIRMED}


def returnable() -> Desk:
    """Three of ten pumps were sold, and a claim waits for one that was replaced."""
    desk = submitted(**RETURNABLE)
    decided(desk, FULL)
    bought(desk, 10, 1000, on(7, 1))
    sold(desk, 3)
    return desk


def announced(
    desk: Desk, kind: ReturnKind = GOOD, quantity: int = 1, due_on: date | None = None
) -> list[Fact]:
    common: dict[str, Any] = {
        "number": "R1", "occurrence": Occurrence(ANNOUNCED_ON), "part": PUMP, "quantity": quantity,
        "to_place": CUSTODY,
    }  # fmt: skip
    if kind is GOOD:
        return desk.do(returning.request_good_return, sale="SA1", due_on=due_on, **common)
    return desk.do(returning.request_defective_return, claim="C1", **common)


def shipped(desk: Desk, day: int = 17) -> list[Fact]:
    return desk.do(returning.ship_return, number="R1", occurrence=on(7, day))


def received(desk: Desk, day: int = 18) -> list[Fact]:
    return desk.do(returning.receive_return, number="R1", occurrence=on(7, day))


def inspected(desk: Desk, kind: ReturnKind = GOOD, day: int = 19) -> list[Fact]:
    """Found to be what it should be."""
    return desk.do(
        returning.inspect_return, number="R1", occurrence=on(7, day), finding=_FINDS[kind]
    )


def scrapped(desk: Desk, day: int = 20) -> list[Fact]:
    return desk.do(
        returning.dispose_return, number="R1", occurrence=on(7, day), disposal=Disposal.SCRAP
    )
