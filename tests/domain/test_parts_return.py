"""Parts on their way back: custody at every step, deadlines as facts, where each part may go."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.dealer_account import DealerAccount
from domain.errors import (
    AlreadyExists,
    BeforeArrival,
    DisposalNotAllowed,
    DomainError,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    NotOverdueYet,
    OutOfSequence,
    OverReturn,
    PlaceNotAllowed,
)
from domain.facts import Fact
from domain.parts_back import Finding
from domain.parts_return import DISPOSALS, Disposal, PartsReturn, ReturnKind
from domain.purchase_receipt import PurchaseLine
from domain.return_states import ALLOWED, ReturnState
from domain.stock_item import StockItem
from domain.use_cases import claiming, purchasing, returning, selling
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from tests.domain.claim_steps import decision
from tests.domain.desk import (
    BOB,
    Desk,
    UseCase,
    all_postings,
    d,
    kinds,
    layer,
    movements,
    on,
    only,
)
from tests.domain.givens import CUSTODY, MAIN, NORTH, PUMP, SEAL, form, item, sold, stocked_maker


def sold_and_claimed() -> Desk:
    """Twelve pumps sold on 15 July (SA1); a claim for two whose parts must be back by 12 August."""
    desk = stocked_maker()
    sold(desk, 12)
    desk.do(
        claiming.submit_claim, number="C1", occurrence=on(7, 12),
        form=form(machine="S2", user="U2", items=(item(4000, PUMP, 2),)),
    )  # fmt: skip
    desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 13),
        decisions=(decision(1, 4000),),
    )  # fmt: skip
    return desk


def announced(desk: Desk, kind: ReturnKind, number: str = "R1", quantity: int = 1) -> list[Fact]:
    common: dict[str, Any] = {
        "number": number, "occurrence": on(7, 16), "part": PUMP, "quantity": quantity,
        "to_place": CUSTODY,
    }  # fmt: skip
    if kind is ReturnKind.GOOD:
        return desk.do(returning.request_good_return, sale="SA1", due_on=d(8, 1), **common)
    return desk.do(returning.request_defective_return, claim="C1", **common)


def shipped(desk: Desk, number: str = "R1", day: int = 17) -> list[Fact]:
    return desk.do(returning.ship_return, number=number, occurrence=on(7, day), waybill="SF-1")


def received(desk: Desk, number: str = "R1", day: int = 18) -> list[Fact]:
    return desk.do(returning.receive_return, number=number, occurrence=on(7, day))


def inspected(desk: Desk, finding: Finding, number: str = "R1") -> list[Fact]:
    return desk.do(returning.inspect_return, number=number, occurrence=on(7, 19), finding=finding)


def disposed(desk: Desk, disposal: Disposal, to_place: str = "", number: str = "R1") -> list[Fact]:
    return desk.do(
        returning.dispose_return,
        number=number, occurrence=on(7, 20), disposal=disposal, to_place=to_place,
    )  # fmt: skip


def in_custody(kind: ReturnKind, finding: Finding, quantity: int = 1) -> Desk:
    desk = sold_and_claimed()
    announced(desk, kind, quantity=quantity)
    shipped(desk)
    received(desk)
    inspected(desk, finding)
    return desk


def test_a_good_part_is_stock_again_from_the_day_it_is_shipped() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD, quantity=11)
    at_dealer = (layer(10, 1000, d(7, 1), d(7, 15)), layer(1, 1200, d(7, 10), d(7, 15)))

    facts = shipped(desk)

    assert movements(facts[0]) == [(PUMP, "@sold", "@in-transit", at_dealer)]
    assert all_postings(facts) == [("1408", "", 11_200), ("6401", "", -11_200)]
    facts = received(desk)
    assert all_postings(facts) == [("1407", "places/R01", 11_200), ("1408", "", -11_200)]


def test_an_accepted_good_part_is_credited_at_the_price_paid() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD, quantity=3)
    shipped(desk)
    received(desk)
    net, tax = 3 * 1999, 780  # Of 31.18 on twelve: half up.

    facts = inspected(desk, Finding.NO_FAULT_FOUND)

    assert kinds(facts) == ["PartsReturn.Inspected", "DealerAccount.ReturnCredited"]
    assert all_postings(facts) == [
        ("1122", "dealers/D01", -net - tax), ("2221.pend", "", tax), ("6001", "", net),
    ]  # fmt: skip
    assert desk.the(DealerAccount, "D01").items["returns/R1"].amount_minor == -net - tax


@pytest.mark.parametrize("finding", [Finding.CONFIRMED, Finding.MISUSE, Finding.WRONG_PART])
def test_a_good_part_that_is_not_faultless_is_not_credited(finding: Finding) -> None:
    desk = in_custody(ReturnKind.GOOD, finding)

    assert set(desk.the(DealerAccount, "D01").items) == {"sales/SA1"}
    facts = disposed(desk, Disposal.BACK_TO_DEALER)
    assert all_postings(facts) == [("1407", "places/R01", -1000), ("6401", "", 1000)]


def test_a_good_part_goes_on_the_shelf_again_as_old_as_it_is() -> None:
    desk = in_custody(ReturnKind.GOOD, Finding.NO_FAULT_FOUND)

    facts = disposed(desk, Disposal.RESTOCK, NORTH)

    assert desk.the(StockItem, f"{NORTH}/{PUMP}").layers == (layer(1, 1000, d(7, 1), d(7, 20)),)
    assert desk.the(StockItem, f"{CUSTODY}/{PUMP}").layers == ()
    assert all_postings(facts) == [
        ("1405", "places/W02", 1000), ("1407", "places/R01", -1000),
        ("1408", "", -1000), ("1408", "", 1000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("disposal", "to_place", "debit"),
    [
        (Disposal.SCRAP, "@scrap", ("6701", "", 1000)),
        (Disposal.TO_SUPPLIER, "@supplier", ("2202", "suppliers/SUP1", 1000)),
    ],
)
def test_a_good_part_that_is_not_restocked_is_written_down_or_owed_by_its_supplier(
    disposal: Disposal, to_place: str, debit: tuple[str, str, int]
) -> None:
    facts = disposed(in_custody(ReturnKind.GOOD, Finding.NO_FAULT_FOUND), disposal)

    assert all_postings(facts) == sorted([("1407", "places/R01", -1000), debit])
    assert movements(facts[1]) == [(PUMP, CUSTODY, to_place, (layer(1, 1000, d(7, 1), d(7, 18)),))]


@pytest.mark.parametrize(
    ("kind", "finding", "disposal", "supplier", "rule"),
    [
        (ReturnKind.GOOD, Finding.NO_FAULT_FOUND, Disposal.TO_SUPPLIER, "S01",
         "must be empty, or whom it is from: SUP1"),
        (ReturnKind.GOOD, Finding.NO_FAULT_FOUND, Disposal.SCRAP, "S01",
         "must be empty for scrap"),
        (ReturnKind.DEFECTIVE, Finding.CONFIRMED, Disposal.SCRAP, "S01",
         "must be empty for scrap"),
    ],
)  # fmt: skip
def test_only_the_supplier_it_came_from_is_named_for_a_good_part(
    kind: ReturnKind, finding: Finding, disposal: Disposal, supplier: str, rule: str
) -> None:
    assert in_custody(kind, finding).refused(
        InvalidValue, returning.dispose_return,
        number="R1", occurrence=on(7, 20), disposal=disposal, supplier=supplier,
    ) == {"field": "supplier", "value": supplier, "rule": rule}  # fmt: skip


def test_each_piece_of_a_parcel_goes_back_to_the_supplier_it_came_from() -> None:
    """Two of S03's are worth 3.33 together, and one of S07's 10.00."""
    desk = sold_and_claimed()
    for number, supplier, quantity, value in (("PR-A", "S03", 2, 333), ("PR-B", "S07", 1, 1000)):
        line = PurchaseLine(part=PUMP, quantity=quantity, value_minor=value)
        desk.do(
            purchasing.receive_purchase, number=number, occurrence=on(7, 15), supplier=supplier,
            to_place=NORTH, lines=(line,),
        )  # fmt: skip
    desk.do(
        selling.sell_parts, number="SA2", occurrence=on(7, 15), dealer="D01", from_place=NORTH,
        lines=(WantedLine(PUMP, 3),),
    )  # fmt: skip
    desk.do(
        returning.request_good_return, number="R1", occurrence=on(7, 16), sale="SA2", part=PUMP,
        quantity=3, to_place=CUSTODY,
    )  # fmt: skip
    shipped(desk)
    received(desk)
    inspected(desk, Finding.NO_FAULT_FOUND)

    facts = disposed(desk, Disposal.TO_SUPPLIER)

    assert all_postings(facts) == [
        ("1407", "places/R01", -1000), ("1407", "places/R01", -333),
        ("2202", "suppliers/S03", 333), ("2202", "suppliers/S07", 1000),
    ]  # fmt: skip
    assert only(facts, PartsReturn.Disposed).supplier == "", "their layers say whose they are"
    assert desk.the(StockItem, f"{CUSTODY}/{PUMP}").layers == ()


def test_a_defective_part_goes_to_a_supplier_who_owes_nothing_for_it() -> None:
    desk = in_custody(ReturnKind.DEFECTIVE, Finding.CONFIRMED)
    facts = desk.do(
        returning.dispose_return,
        number="R1", occurrence=on(7, 20), disposal=Disposal.TO_SUPPLIER,
    )  # fmt: skip

    assert all_postings(facts) == []


def test_a_defective_part_moves_and_is_worth_nothing() -> None:
    desk = sold_and_claimed()
    facts = announced(desk, ReturnKind.DEFECTIVE)
    facts += shipped(desk)
    facts += received(desk)
    facts += disposed(in_custody(ReturnKind.DEFECTIVE, Finding.CONFIRMED), Disposal.SCRAP)

    moved = [move for fact in facts if hasattr(fact, "movements") for move in movements(fact)]
    assert [(move[1], move[2]) for move in moved] == [
        ("@machine", "@in-transit"), ("@in-transit", CUSTODY), (CUSTODY, "@scrap"),
    ]  # fmt: skip
    assert all_postings(facts) == []


def test_a_defective_part_is_not_exchanged_for_the_good_one_beside_it() -> None:
    """Both lie in the same room under the same number; the good one is older and has a cost."""
    desk = in_custody(ReturnKind.GOOD, Finding.NO_FAULT_FOUND)
    announced(desk, ReturnKind.DEFECTIVE, "R2")
    shipped(desk, "R2")
    received(desk, "R2")
    inspected(desk, Finding.CONFIRMED, "R2")

    assert all_postings(disposed(desk, Disposal.SCRAP, number="R2")) == []
    disposed(desk, Disposal.RESTOCK, NORTH)

    assert desk.the(StockItem, f"{NORTH}/{PUMP}").layers == (layer(1, 1000, d(7, 1), d(7, 20)),)


def test_where_a_part_may_go_is_what_the_documentation_says() -> None:
    assert {
        key: {disposal.value for disposal in allowed} for key, allowed in DISPOSALS.items()
    } == {
        (ReturnKind.DEFECTIVE, True): {"scrap", "to_supplier"},
        (ReturnKind.DEFECTIVE, False): {"scrap", "back_to_dealer"},
        (ReturnKind.GOOD, True): {"restock", "scrap", "to_supplier"},
        (ReturnKind.GOOD, False): {"back_to_dealer"},
    }


@pytest.mark.parametrize("kind", ReturnKind)
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("disposal", Disposal)
def test_a_part_goes_only_where_its_inspection_lets_it(
    kind: ReturnKind, finding: Finding, disposal: Disposal
) -> None:
    desk = in_custody(kind, finding)
    if disposal in DISPOSALS[(kind, desk.the(PartsReturn, "R1").accepted)]:
        disposed(desk, disposal, MAIN)
        assert desk.the(PartsReturn, "R1").state is ReturnState.DISPOSED
        return
    facts = desk.refused(
        DisposalNotAllowed, returning.dispose_return,
        number="R1", occurrence=on(7, 20), disposal=disposal, to_place=MAIN,
    )  # fmt: skip
    assert facts == {"parts_return": "R1", "kind": kind, "finding": finding, "disposal": disposal}


@pytest.mark.parametrize(
    ("refusal", "to_place", "facts"),
    [
        (InvalidValue, "", {"field": "to_place", "value": "", "rule": "is required to restock"}),
        (PlaceNotAllowed, CUSTODY,
         {"place": CUSTODY, "kind": "warehouse", "action": "restock at"}),
        (NotFound, "W09", {"kind": "Place", "key": "W09"}),
    ],
)  # fmt: skip
def test_a_good_part_is_restocked_at_a_warehouse_only(
    refusal: type[DomainError], to_place: str, facts: dict[str, str]
) -> None:
    desk = in_custody(ReturnKind.GOOD, Finding.NO_FAULT_FOUND)

    assert facts == desk.refused(
        refusal, returning.dispose_return,
        number="R1", occurrence=on(7, 20), disposal=Disposal.RESTOCK, to_place=to_place,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ReturnKind)
def test_a_deadline_that_passes_is_a_fact_and_only_once(kind: ReturnKind) -> None:
    desk = sold_and_claimed()
    announced(desk, kind)
    due = d(8, 1) if kind is ReturnKind.GOOD else d(8, 12)
    mark = {"number": "R1"}
    assert desk.refused(
        NotOverdueYet, returning.mark_return_overdue, occurrence=Occurrence(due), **mark
    ) == {"parts_return": "R1", "due_on": str(due), "on": str(due)}  # fmt: skip

    after = Occurrence(due.replace(day=due.day + 1))
    assert kinds(desk.do(returning.mark_return_overdue, occurrence=after, **mark)) == [
        "PartsReturn.Overdue"
    ]

    desk.refused(NotOverdueYet, returning.mark_return_overdue, occurrence=after, **mark)
    assert desk.the(PartsReturn, "R1").state is ReturnState.REQUESTED, "it can still come"


def test_without_a_deadline_nothing_is_overdue() -> None:
    desk = sold_and_claimed()
    desk.do(
        returning.request_good_return, number="R1", occurrence=on(7, 16), sale="SA1", part=PUMP,
        quantity=1, to_place=CUSTODY,
    )  # fmt: skip

    facts = desk.refused(
        NotOverdueYet, returning.mark_return_overdue, number="R1", occurrence=on(12, 31)
    )

    assert facts["due_on"] == ""


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (AlreadyExists, {"number": "R0"}, {"kind": "PartsReturn", "key": "R0"}),
        (PlaceNotAllowed, {"to_place": MAIN},
         {"place": MAIN, "kind": "custody", "action": "return a part to"}),
        (NotFound, {"to_place": "R09"}, {"kind": "Place", "key": "R09"}),
        (NotFound, {"sale": "SA9"}, {"kind": "PartsSale", "key": "SA9"}),
        (OverReturn, {"quantity": 12},
         {"sale": "SA1", "part": PUMP, "sold": "12", "returned": "1", "requested": "12"}),
        (OverReturn, {"part": SEAL},
         {"sale": "SA1", "part": SEAL, "sold": "0", "returned": "0", "requested": "1"}),
    ],
)  # fmt: skip
def test_a_good_return_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD, "R0")
    request: dict[str, Any] = {
        "number": "R1", "occurrence": on(7, 16), "sale": "SA1", "part": PUMP, "quantity": 1,
        "to_place": CUSTODY,
    }  # fmt: skip

    assert facts == desk.refused(refusal, returning.request_good_return, **(request | changes))


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (AlreadyExists, {"number": "R0"}, {"kind": "PartsReturn", "key": "R0"}),
        (PlaceNotAllowed, {"to_place": MAIN},
         {"place": MAIN, "kind": "custody", "action": "return a defective part to"}),
        (NotFound, {"claim": "C9"}, {"kind": "WarrantyClaim", "key": "C9"}),
        (OverReturn, {"quantity": 2},
         {"claim": "C1", "part": PUMP, "replaced": "2", "returned": "1", "requested": "2"}),
        (OverReturn, {"part": SEAL},
         {"claim": "C1", "part": SEAL, "replaced": "0", "returned": "0", "requested": "1"}),
    ],
)  # fmt: skip
def test_a_defective_return_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.DEFECTIVE, "R0")
    request: dict[str, Any] = {
        "number": "R1", "occurrence": on(7, 16), "claim": "C1", "part": PUMP, "quantity": 1,
        "to_place": CUSTODY,
    }  # fmt: skip

    assert facts == desk.refused(refusal, returning.request_defective_return, **(request | changes))


def test_a_part_does_not_come_back_before_it_left() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)
    assert desk.refused(
        OutOfSequence, returning.ship_return, number="R1", occurrence=on(7, 15)
    ) == {"step": "requested", "step_on": "2025-07-16", "on": "2025-07-15"}  # fmt: skip
    shipped(desk)
    assert desk.refused(
        BeforeArrival, returning.receive_return, number="R1", occurrence=on(7, 16)
    ) == {"came_on": "2025-07-17", "on": "2025-07-16"}  # fmt: skip
    received(desk)
    inspected(desk, Finding.NO_FAULT_FOUND)

    assert desk.refused(
        OutOfSequence, returning.dispose_return,
        number="R1", occurrence=on(7, 18), disposal=Disposal.SCRAP,
    ) == {"step": "inspected", "step_on": "2025-07-19", "on": "2025-07-18"}  # fmt: skip


ATTEMPTS: dict[str, tuple[UseCase, dict[str, Any]]] = {
    "ship": (returning.ship_return, {}),
    "receive": (returning.receive_return, {}),
    "inspect": (returning.inspect_return, {"finding": Finding.CONFIRMED}),
    "dispose": (returning.dispose_return, {"disposal": Disposal.SCRAP}),
    "mark overdue": (returning.mark_return_overdue, {}),
}


@pytest.mark.parametrize("state", ReturnState)
def test_what_is_not_in_the_table_of_states_is_refused(state: ReturnState) -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.DEFECTIVE)
    steps: list[Callable[[Desk], object]] = [
        shipped, received, lambda at: inspected(at, Finding.CONFIRMED),
        lambda at: disposed(at, Disposal.SCRAP),
    ]  # fmt: skip
    for step in steps[: list(ReturnState).index(state)]:
        step(desk)
    assert desk.the(PartsReturn, "R1").state is state
    for action, (use_case, fields) in ATTEMPTS.items():
        if state not in ALLOWED[action]:
            facts = desk.refused(
                NotAllowedInState, use_case, number="R1", occurrence=on(8, 20), **fields
            )
            assert facts == {"kind": "return", "key": "R1", "state": state, "action": action}
    assert set(ATTEMPTS) == set(ALLOWED)


def test_unknown_returns_are_refused() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)
    shipped(desk)

    assert desk.refused(NotFound, returning.ship_return, number="R9", occurrence=on(7, 17)) == {
        "kind": "PartsReturn", "key": "R9",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("disposal", "to_place", "supplier"),
    [(Disposal.RESTOCK, NORTH, ""), (Disposal.TO_SUPPLIER, "", "SUP1"), (Disposal.SCRAP, "", "")],
)
def test_a_return_keeps_where_it_went(disposal: Disposal, to_place: str, supplier: str) -> None:
    desk = in_custody(ReturnKind.GOOD, Finding.NO_FAULT_FOUND)

    gone = only(disposed(desk, disposal, to_place), PartsReturn.Disposed)

    assert (gone.to_place, gone.supplier) == (to_place, supplier)
    parcel = desk.the(PartsReturn, "R1")
    assert (parcel.disposal, parcel.supplier) == (disposal, supplier)


def test_a_return_keeps_its_waybill() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)

    assert only(shipped(desk), PartsReturn.Shipped).waybill == "SF-1"
