"""Which refusal wins where a command breaks several rules: parts that come back."""

from typing import Any

from domain.errors import (
    AlreadyExists,
    BeforeArrival,
    DisposalNotAllowed,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    NotOverdueYet,
    OutOfSequence,
    OverReturn,
    PlaceNotAllowed,
)
from domain.parts_back import Finding
from domain.parts_return import Disposal
from domain.use_cases import claiming, returning
from tests.domain.desk import Desk, d, on
from tests.domain.givens import (
    CUSTODY,
    MAIN,
    NORTH,
    PUMP,
    SEAL,
    form,
)
from tests.domain.refusal_order import FUTURE, Broken, closed_months, dates, in_order
from tests.domain.return_steps import announced, inspected, received, returnable, shipped


def asked_back(kind: str, number: str) -> dict[str, Any]:
    return {
        "number": "R0", "occurrence": FUTURE, kind: number, "part": PUMP, "quantity": 9,
        "to_place": "R09",
    }  # fmt: skip


def test_a_replaced_part_its_number_its_place_its_claim_its_day_then_its_pieces() -> None:
    desk = closed_months(returnable())
    announced(desk)
    desk.do(claiming.submit_claim, number="C2", occurrence=on(7, 12), form=form(causal_part=SEAL))
    in_order(
        desk, returning.request_defective_return, asked_back("claim", "C9") | {"number": "R1"},
        Broken(AlreadyExists, {"key": "R1"}, {"number": "R2"}),
        Broken(NotFound, {"kind": "Place"}, {"to_place": MAIN}),
        Broken(PlaceNotAllowed, {"place": MAIN}, {"to_place": CUSTODY}),
        Broken(NotFound, {"kind": "WarrantyClaim"}, {"claim": "C2"}),
        Broken(NotAllowedInState, {"key": "C2"}, {"claim": "C1"}),
        *dates(on(7, 12)),
        Broken(OutOfSequence, {"step": "approved"}, {"occurrence": on(7, 13)}),
        Broken(OverReturn, {"replaced": "1"}, {"quantity": 1}),
    )  # fmt: skip


def test_a_good_part_its_number_its_place_its_sale_its_day_then_its_pieces() -> None:
    desk = closed_months(returnable())
    announced(desk)
    in_order(
        desk, returning.request_good_return, asked_back("sale", "SA9") | {"number": "R1"},
        Broken(AlreadyExists, {"key": "R1"}, {"number": "R2"}),
        Broken(NotFound, {"kind": "Place"}, {"to_place": MAIN}),
        Broken(PlaceNotAllowed, {"place": MAIN}, {"to_place": CUSTODY}),
        Broken(NotFound, {"kind": "PartsSale"}, {"sale": "SA1"}),
        *dates(on(7, 14)),
        Broken(OutOfSequence, {"step": "sold"}, {"occurrence": on(7, 15)}),
        Broken(OverReturn, {"sold": "3"}, {"quantity": 2}),
    )  # fmt: skip


def two_returns(*steps: Any) -> Desk:
    """R1 has taken these steps, R2 none but one too many for any of them."""
    desk = closed_months(returnable())
    for number in ("R1", "R2"):
        desk.do(
            returning.request_good_return, number=number, occurrence=on(7, 16), sale="SA1",
            part=PUMP, quantity=1, to_place=CUSTODY, due_on=d(8, 1),
        )  # fmt: skip
    for step in steps:
        step(desk)
    return desk


def wrong_state(state_of_the_other: str = "requested") -> tuple[Broken, Broken]:
    return (
        Broken(NotFound, {"key": "R9"}, {"number": "R2"}),
        Broken(NotAllowedInState, {"key": "R2", "state": state_of_the_other}, {"number": "R1"}),
    )


def ship_the_other(desk: Desk) -> None:
    desk.do(returning.ship_return, number="R2", occurrence=on(7, 17))


def receive_the_other(desk: Desk) -> None:
    desk.do(returning.receive_return, number="R2", occurrence=on(7, 18))


def test_a_shipment_its_state_its_day_then_its_sequence() -> None:
    """On 14 July it was neither announced nor sold: that it was not announced is said."""
    in_order(
        two_returns(ship_the_other), returning.ship_return,
        {"number": "R9", "occurrence": FUTURE},
        *wrong_state("shipped"),
        *dates(on(7, 14)),
        Broken(OutOfSequence, {"step": "requested"}, {"occurrence": on(7, 16)}),
    )  # fmt: skip


def test_an_overdue_mark_its_state_its_day_then_whether_it_is() -> None:
    in_order(
        two_returns(ship_the_other, receive_the_other), returning.mark_return_overdue,
        {"number": "R9", "occurrence": FUTURE},
        *wrong_state("received"),
        *dates(on(8, 1)),
        Broken(NotOverdueYet, {"parts_return": "R1"}, {"occurrence": on(8, 2)}),
    )  # fmt: skip


def test_a_parcel_its_state_its_day_then_its_arrival() -> None:
    in_order(
        two_returns(shipped), returning.receive_return, {"number": "R9", "occurrence": FUTURE},
        *wrong_state(),
        *dates(on(7, 16)),
        Broken(BeforeArrival, {}, {"occurrence": on(7, 17)}),
    )  # fmt: skip


def test_an_inspection_its_state_its_day_then_its_sequence() -> None:
    in_order(
        two_returns(shipped, received), returning.inspect_return,
        {"number": "R9", "occurrence": FUTURE, "finding": Finding.MISUSE},
        *wrong_state(),
        *dates(on(7, 17)),
        Broken(OutOfSequence, {"step": "received"}, {"occurrence": on(7, 18)}),
    )  # fmt: skip


def test_a_disposal_its_state_its_day_its_kind_the_sequence_then_where_it_goes() -> None:
    in_order(
        two_returns(shipped, received, inspected), returning.dispose_return,
        {"number": "R9", "occurrence": FUTURE, "disposal": Disposal.BACK_TO_DEALER,
         "to_place": ""},
        *wrong_state(),
        *dates(on(7, 17)),
        Broken(DisposalNotAllowed, {"disposal": "back_to_dealer"}, {"disposal": Disposal.RESTOCK}),
        Broken(OutOfSequence, {"step": "inspected"}, {"occurrence": on(7, 20)}),
        Broken(InvalidValue, {"field": "to_place"}, {"to_place": "W09"}),
        Broken(NotFound, {"key": "W09"}, {"to_place": CUSTODY}),
        Broken(PlaceNotAllowed, {"place": CUSTODY}, {"to_place": NORTH}),
    )  # fmt: skip
