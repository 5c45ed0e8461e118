"""Which refusal wins in trade and claims, always the same one: see ladder.py."""

from datetime import date
from typing import Any

from domain.claim_lines import ClaimItem, ItemDecision, ItemKind
from domain.clearing import Allocation
from domain.errors import (
    AlreadyExists,
    CauseNotCovered,
    ChargebackWindowOver,
    DocumentsDisagree,
    DomainError,
    DuplicateClaim,
    ForeignMachine,
    FutureDate,
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
from domain.purchase_receipt import PurchaseLine
from domain.use_cases import (
    base_data,
    claiming,
    purchasing,
    selling,
)
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from tests.domain.claim_steps import FULL, decided, submitted
from tests.domain.desk import ANN, BOB, d, on
from tests.domain.givens import (
    CORE,
    CUSTODY,
    FRAME,
    MAIN,
    PUMP,
    form,
    item,
    maker,
    sold,
    stocked_maker,
)
from tests.domain.ladder import FUTURE, Rung, climb
from tests.small_maker import policy


def test_of_a_purchase() -> None:
    desk = stocked_maker()
    one = PurchaseLine(part="X", quantity=10**6, unit_cost_minor=10**10)
    known = PurchaseLine(part=PUMP, quantity=10**6, unit_cost_minor=10**10)
    cheap = PurchaseLine(part=PUMP, quantity=1, unit_cost_minor=1)
    climb(
        desk, purchasing.receive_purchase,
        {"number": "PR-0", "to_place": "W09", "lines": (one, one), "occurrence": FUTURE,
         "supplier": "S1"},
        Rung(NotFound, {"to_place": CUSTODY}),
        Rung(PlaceNotAllowed, {"to_place": MAIN}),
        Rung(InvalidValue, {"lines": (one,)}),
        Rung(NotFound, {"lines": (known,)}),
        Rung(InvalidValue, {"lines": (cheap,)}),
        Rung(FutureDate, {"occurrence": on(7, 12)}),
    )  # fmt: skip
    desk.refused(
        AlreadyExists, purchasing.receive_purchase,
        number="PR-0", to_place="W09", lines=(one, one), occurrence=FUTURE, supplier="S1",
    )  # fmt: skip


def test_of_a_sale() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA0")
    core, frame, pump = (WantedLine(part, 99) for part in (CORE, FRAME, PUMP))
    climb(
        desk, selling.sell_parts,
        {"number": "SA0", "dealer": "D09", "from_place": CUSTODY, "lines": (core, core),
         "occurrence": FUTURE},
        Rung(AlreadyExists, {"number": "SA1"}),
        Rung(NotFound, {"dealer": "D03"}),
        Rung(PlaceNotAllowed, {"from_place": "consignment.D02"}),
        Rung(PlaceNotAllowed, {"from_place": MAIN}),
        Rung(InvalidValue, {"lines": (core,)}),
        Rung(FutureDate, {"occurrence": Occurrence(date(2024, 12, 31))}),
        Rung(RestrictedPart, {"lines": (frame,)}),
        Rung(PartNotServiceable, {"lines": (pump,)}),
        Rung(NoPrice, {"dealer": "D01"}),
        Rung(NoPrice, {"occurrence": on(7, 15)}),
        Rung(InsufficientStock, {"lines": (WantedLine(PUMP, 14),)}),
    )  # fmt: skip


def test_of_a_payment() -> None:
    desk = stocked_maker()
    sold(desk, 1)
    climb(
        desk, selling.receive_payment,
        {"number": "PM1", "dealer": "D09", "currency": "USD", "occurrence": FUTURE,
         "amount_minor": 100, "allocations": (Allocation("sales/SA2", 101),)},
        Rung(NotFound, {"dealer": "D01"}),
        Rung(WrongCurrency, {"currency": "CNY"}),
        Rung(FutureDate, {"occurrence": on(7, 25)}),
        Rung(OverAllocation, {"allocations": (Allocation("sales/SA1", 101),)}),
        Rung(OverAllocation, {"allocations": (Allocation("sales/SA1", 100),)}),
    )  # fmt: skip
    desk.refused(
        AlreadyExists, selling.receive_payment, number="PM1", dealer="D09", currency="USD",
        occurrence=FUTURE, amount_minor=1,
    )  # fmt: skip


def test_of_a_claim() -> None:
    desk = submitted()
    desk.do(base_data.set_policy, model="ZY35", terms=policy(covered_causes=("F1",), term_months=6))
    desk.do(
        base_data.register_machine,
        serial="S4", model="ZY99", dealer="D01", sold_on=d(1, 1), user="U1",
    )  # fmt: skip
    apart = ClaimItem(
        kind=ItemKind.LABOUR, part="", quantity=0,
        inspected_minor=1, ordered_minor=2, claimed_minor=1,
    )  # fmt: skip
    bad: dict[str, Any] = {
        "dealer": "D09", "currency": "USD", "machine": "S9", "user": "", "failed_on": d(7, 2),
        "causal_part": "X", "fault_code": "F9", "items": (apart,),
    }  # fmt: skip
    rungs: list[tuple[type[DomainError], dict[str, Any], dict[str, Any]]] = [
        (AlreadyExists, {}, {"number": "C2"}),
        (NotFound, {"dealer": "D02"}, {}),
        (WrongCurrency, {"currency": "CNY"}, {}),
        (NotFound, {"machine": "S4"}, {}),
        (ForeignMachine, {"dealer": "D01"}, {}),
        (UserMissing, {"user": "U1"}, {}),
        (NotFound, {"causal_part": PUMP}, {}),
        (FutureDate, {}, {"occurrence": on(8, 2)}),
        (NoPolicy, {"machine": "S2", "user": "U2"}, {}),
        (OutOfWarranty, {"failed_on": d(7, 1)}, {}),
        (LateSubmission, {}, {"occurrence": on(7, 31)}),
        (CauseNotCovered, {"fault_code": "F1"}, {}),
        (DocumentsDisagree, {"items": (item(1),)}, {}),
    ]
    fields: dict[str, Any] = {"number": "C1", "occurrence": FUTURE}
    for refusal, form_right, right in rungs:
        desk.refused(refusal, claiming.submit_claim, form=form(**bad), **fields)
        bad |= form_right
        fields |= right
    desk.do(claiming.submit_claim, form=form(**bad), **fields)
    bad["items"] = (apart,)  # A second one is looked for behind all else.
    desk.refused(
        DocumentsDisagree, claiming.submit_claim, form=form(**bad), **fields | {"number": "C3"}
    )
    bad["items"] = (item(1),)
    desk.refused(
        DuplicateClaim, claiming.submit_claim, form=form(**bad), **fields | {"number": "C3"}
    )


def test_of_a_decision() -> None:
    desk = submitted()
    too_much = (ItemDecision(approved_minor=2001), ItemDecision(approved_minor=0))
    climb(
        desk, claiming.adjudicate_claim,
        {"number": "C1", "occurrence": FUTURE, "decisions": (FULL[0],), "actor": ANN},
        Rung(FutureDate, {"occurrence": on(7, 11)}),
        Rung(SamePerson, {"actor": BOB}),
        Rung(OutOfSequence, {"occurrence": on(7, 12)}),
        Rung(InvalidValue, {"decisions": too_much}),
        Rung(OverApproval, {"decisions": (FULL[0], too_much[1])}),
        Rung(InvalidValue, {"decisions": FULL}),
    )  # fmt: skip
    desk.refused(
        NotAllowedInState, claiming.adjudicate_claim, actor=ANN,
        number="C1", occurrence=FUTURE, decisions=(),
    )  # fmt: skip


def test_of_a_charge_back() -> None:
    desk = submitted()
    wrong: dict[str, Any] = {"number": "C1", "occurrence": FUTURE, "because": "audit"}
    desk.refused(NotAllowedInState, claiming.charge_back_claim, **wrong)
    decided(desk, FULL)
    desk.today = date(2026, 12, 31)
    climb(
        desk, claiming.charge_back_claim, wrong | {"occurrence": Occurrence(date(2027, 1, 1))},
        Rung(FutureDate, {"occurrence": on(7, 12)}),
        Rung(OutOfSequence, {"occurrence": Occurrence(date(2026, 7, 14))}),
        Rung(ChargebackWindowOver, {"occurrence": Occurrence(date(2026, 7, 13))}),
    )  # fmt: skip


def test_of_base_data() -> None:
    desk = maker()
    desk.refused(
        NotFound, base_data.set_price, price_list="none", part=CORE,
        effective_from=d(1, 1), unit_price_minor=1,
    )  # fmt: skip
    desk.refused(
        NotFound, base_data.register_machine, serial="S9", model="ZY16", dealer="D09",
        sold_on=date(2026, 1, 1), user="",
    )  # fmt: skip
    desk.refused(
        FutureDate, base_data.register_machine, serial="S9", model="ZY16", dealer="D01",
        sold_on=date(2026, 1, 1), user="",
    )  # fmt: skip
