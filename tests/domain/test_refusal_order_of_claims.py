"""Which refusal wins where a command breaks several rules: sales, payments and claims."""

from dataclasses import replace
from datetime import date
from typing import Any

from domain.clearing import Allocation
from domain.errors import (
    AlreadyExists,
    CauseNotCovered,
    ChargebackWindowOver,
    DocumentsDisagree,
    DuplicateClaim,
    ForeignMachine,
    InsufficientStock,
    InvalidValue,
    LateSubmission,
    NoPolicy,
    NoPrice,
    NotAllowedInState,
    NotFound,
    OutOfSequence,
    OutOfWarranty,
    OverAllocation,
    OverApproval,
    PartNotServiceable,
    PlaceNotAllowed,
    RestrictedPart,
    SamePerson,
    UserMissing,
    WrongCurrency,
)
from domain.facts import Command
from domain.ledger import Ledger
from domain.part import PartClass
from domain.use_cases import base_data, claiming, selling
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import FULL, decided, decision, submitted
from tests.domain.desk import ANN, BOB, Desk, d, on
from tests.domain.givens import (
    CUSTODY,
    FRAME,
    MAIN,
    PUMP,
    SEAL,
    form,
    item,
    maker,
    sold,
    stocked_maker,
)
from tests.domain.refusal_order import FUTURE, Broken, closed_months, dates, in_order
from tests.small_maker import revised


def wanted(*parts: tuple[str, int]) -> tuple[WantedLine, ...]:
    return tuple(WantedLine(part, quantity) for part, quantity in parts)


def registered(desk: Desk, number: str, serviceable: bool, restricted: bool) -> None:
    desk.do(
        base_data.register_part, number=number, description="", part_class=PartClass.WEAR,
        serviceable=serviceable, restricted=restricted,
    )  # fmt: skip


def test_a_sale_its_number_its_dealer_its_place_its_day_all_its_prices_then_the_stock() -> None:
    desk = closed_months(stocked_maker())
    sold(desk, 1, "SA0")
    registered(desk, "CORE-2", serviceable=False, restricted=True)
    registered(desk, "BOLT", serviceable=True, restricted=False)
    in_order(
        desk, selling.sell_parts,
        {"number": "SA0", "occurrence": FUTURE, "dealer": "D09", "from_place": "W09",
         "lines": wanted(("X", 1), ("X", 1))},
        Broken(AlreadyExists, {"key": "SA0"}, {"number": "SA1"}),
        Broken(NotFound, {"kind": "Dealer"}, {"dealer": "D01"}),
        Broken(NotFound, {"kind": "Place"}, {"from_place": "consignment.D09"}),
        Broken(NotFound, {"key": "D09"}, {"from_place": CUSTODY}),
        Broken(PlaceNotAllowed, {"place": CUSTODY}, {"from_place": "consignment.D02"}),
        Broken(PlaceNotAllowed, {"dealer": "D01"}, {"from_place": MAIN}),
        Broken(InvalidValue, {"field": "lines[1].part"}, {"lines": wanted(("X", 1), (PUMP, 99))}),
        *dates(on(7, 15)),
        Broken(NotFound, {"key": "X"}, {"lines": wanted((PUMP, 99), ("CORE-2", 1))}),
        Broken(RestrictedPart, {"part": "CORE-2"}, {"lines": wanted((PUMP, 99), (FRAME, 1))}),
        Broken(PartNotServiceable, {"part": FRAME}, {"lines": wanted((PUMP, 99), ("BOLT", 1))}),
        Broken(NoPrice, {"part": "BOLT"}, {"lines": wanted((SEAL, 2), (PUMP, 99))}),
        Broken(InsufficientStock, {"part": SEAL}, {"lines": wanted((PUMP, 99))}),
        Broken(InsufficientStock, {"part": PUMP}, {"lines": wanted((PUMP, 1))}),
    )  # fmt: skip


def test_a_payment_its_number_its_dealer_its_currency_its_day_each_item_then_the_sum() -> None:
    desk = closed_months(stocked_maker())
    for number in ("SA1", "SA2"):
        sold(desk, 1, number)
    payment: dict[str, Any] = {
        "number": "PM0", "dealer": "D01", "currency": "CNY", "amount_minor": 1,
    }  # fmt: skip
    desk.do(selling.receive_payment, **payment, occurrence=on(7, 20))

    def chosen(*amounts: int) -> tuple[Allocation, ...]:
        return tuple(Allocation(f"sales/SA{n}", minor) for n, minor in enumerate(amounts, start=1))

    in_order(
        desk, selling.receive_payment,
        payment | {"dealer": "D09", "currency": "USD", "occurrence": FUTURE,
                   "allocations": chosen(9999, 9999)},
        Broken(AlreadyExists, {"key": "PM0"}, {"number": "PM1"}),
        Broken(NotFound, {"kind": "DealerAccount"}, {"dealer": "D01"}),
        Broken(WrongCurrency, {"currency": "USD"}, {"currency": "CNY"}),
        *dates(on(7, 20)),
        Broken(OverAllocation, {"item": "sales/SA1"}, {"allocations": chosen(1, 9999)}),
        Broken(OverAllocation, {"item": "sales/SA2"}, {"allocations": chosen(1, 1)}),
        Broken(OverAllocation, {"payment": "PM1"}, {"allocations": chosen(1)}),
    )  # fmt: skip


def submit(
    ledger: Ledger, command: Command, number: str, occurrence: Occurrence, **filled_in: object
) -> WarrantyClaim:
    """So that the lines of the form can be put right one by one."""
    return claiming.submit_claim(
        ledger, command, number=number, occurrence=occurrence, form=form(**filled_in)
    )


def test_a_claim_its_number_its_dealer_its_machine_its_parts_its_day_then_its_coverage() -> None:
    desk = closed_months(submitted(causal_part=PUMP))
    desk.do(base_data.set_policy, model="ZY16", terms=revised(covered_causes=("F1",)))
    desk.do(
        base_data.register_machine,
        serial="S9", model="ZY99", dealer="D01", sold_on=d(1, 1), user="U9",
    )  # fmt: skip
    disagreed = replace(item(500), inspected_minor=499)
    in_order(
        desk, submit,
        {"number": "C1", "occurrence": FUTURE, "dealer": "D09", "currency": "USD",
         "machine": "S8", "user": "U8", "causal_part": "X", "fault_code": "F9",
         "failed_on": date(2024, 12, 31),
         "items": (replace(disagreed, part="Y"), replace(disagreed, ordered_minor=1))},
        Broken(AlreadyExists, {"key": "C1"}, {"number": "C2"}),
        Broken(NotFound, {"kind": "Dealer"}, {"dealer": "D02"}),
        Broken(WrongCurrency, {"dealer": "D02"}, {"currency": "CNY"}),
        Broken(NotFound, {"kind": "Machine"}, {"machine": "S9"}),
        Broken(ForeignMachine, {"machine": "S9"}, {"dealer": "D01"}),
        Broken(UserMissing, {"user": "U8"}, {"user": "U9"}),
        Broken(NotFound, {"kind": "Part", "key": "X"}, {"causal_part": PUMP}),
        Broken(NotFound, {"kind": "Part", "key": "Y"},
               {"items": (disagreed, replace(disagreed, ordered_minor=1))}),
        *dates(on(7, 12)),
        Broken(NoPolicy, {"model": "ZY99"}, {"machine": "S1", "user": "U1"}),
        Broken(OutOfWarranty, {"machine": "S1"}, {"failed_on": d(6, 1)}),
        Broken(LateSubmission, {"failed_on": "2025-06-01"}, {"failed_on": d(7, 10)}),
        Broken(CauseNotCovered, {"fault_code": "F9"}, {"fault_code": "F1"}),
        Broken(DocumentsDisagree, {"item": "1"},
               {"items": (item(500), replace(disagreed, ordered_minor=1))}),
        Broken(DocumentsDisagree, {"item": "2"}, {"items": (item(500),)}),
        Broken(DuplicateClaim, {"claim": "C1"}, {"causal_part": SEAL}),
    )  # fmt: skip


def test_a_decision_its_state_its_day_who_decides_its_sequence_then_its_lines_in_order() -> None:
    desk = closed_months(submitted())
    desk.do(
        claiming.submit_claim,
        number="C2", occurrence=on(7, 12), form=form(causal_part=SEAL),
    )  # fmt: skip
    desk.do(
        claiming.adjudicate_claim, actor=BOB,
        number="C2", occurrence=on(7, 13), decisions=FULL,
    )  # fmt: skip
    over, unexplained = decision(1, 9999), decision(1, 1)
    over_labour = decision(2, 9999)
    in_order(
        desk, claiming.adjudicate_claim,
        {"number": "C9", "actor": ANN, "occurrence": FUTURE, "decisions": (over,)},
        Broken(NotFound, {"key": "C9"}, {"number": "C2"}),
        Broken(NotAllowedInState, {"key": "C2"}, {"number": "C1"}),
        *dates(on(7, 11)),
        Broken(SamePerson, {"made": "submitted"}, {"actor": BOB}),
        Broken(OutOfSequence, {"step": "submitted"}, {"occurrence": on(7, 12)}),
        Broken(InvalidValue, {"field": "decisions"}, {"decisions": (over, decision(2, 1))}),
        Broken(OverApproval, {"item": "1"}, {"decisions": (unexplained, over_labour)}),
        Broken(InvalidValue, {"field": "decisions[0].because"},
               {"decisions": (FULL[0], over_labour)}),
        Broken(OverApproval, {"item": "2"}, {"decisions": FULL}),
    )  # fmt: skip


def test_a_charge_back_its_state_its_day_its_sequence_then_its_window() -> None:
    desk = closed_months(maker())
    desk.do(base_data.set_policy, model="ZY16", terms=revised(chargeback_months=1))
    for number, part in (("C1", PUMP), ("C2", SEAL)):
        claimed = form(causal_part=part)
        desk.do(claiming.submit_claim, number=number, occurrence=on(7, 12), form=claimed)
    decided(desk, FULL)
    in_order(
        desk, claiming.charge_back_claim,
        {"number": "C9", "occurrence": FUTURE, "because": "audit"},
        Broken(NotFound, {"key": "C9"}, {"number": "C2"}),
        Broken(NotAllowedInState, {"key": "C2"}, {"number": "C1"}),
        *dates(on(7, 12)),
        Broken(OutOfSequence, {"step": "credited"}, {"occurrence": on(8, 14)}),
        Broken(ChargebackWindowOver, {"claim": "C1"}, {"occurrence": on(8, 13)}),
    )  # fmt: skip
