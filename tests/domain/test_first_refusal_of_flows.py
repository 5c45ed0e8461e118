"""Which refusal wins in transfers, returns and settlements, always the same one: see ladder.py."""

from typing import Any

from domain.errors import (
    AlreadyExists,
    ContentHashMismatch,
    DisposalNotAllowed,
    FutureDate,
    InsufficientStock,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OpenDispute,
    OutOfSequence,
    OverDispatch,
    OverReceipt,
    OverReturn,
    PlaceNotAllowed,
    RestrictedPart,
    SamePerson,
    StatementOutOfOrder,
    StatementTooEarly,
)
from domain.parts_return import Disposal, Finding, ReturnKind
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.use_cases import (
    returning,
    settling,
    transferring,
)
from tests.domain.claim_steps import FULL, RETURNABLE, decided, submitted
from tests.domain.desk import ANN, BOB, UseCase, on
from tests.domain.givens import (
    AT_D01,
    CORE,
    CUSTODY,
    MAIN,
    PUMP,
    SEAL,
    requested,
    sold,
    stocked_maker,
)
from tests.domain.ladder import FUTURE, Rung, climb
from tests.domain.test_parts_return import announced, received, sold_and_claimed
from tests.domain.transfer_steps import missing, sent


def test_of_a_transfer() -> None:
    desk = stocked_maker()
    requested(desk)
    core = TransferLine(part=CORE, quantity=1)
    climb(
        desk, transferring.request_transfer,
        {"number": "T1", "from_place": CUSTODY, "to_place": CUSTODY, "lines": (core, core),
         "occurrence": FUTURE},
        Rung(AlreadyExists, {"number": "T2"}),
        Rung(PlaceNotAllowed, {"from_place": "W09"}),
        Rung(NotFound, {"from_place": CUSTODY, "to_place": "W09"}),
        Rung(PlaceNotAllowed, {"from_place": MAIN}),
        Rung(NotFound, {"to_place": CUSTODY}),
        Rung(PlaceNotAllowed, {"to_place": AT_D01}),
        Rung(InvalidValue, {"lines": (core,)}),
        Rung(RestrictedPart, {"lines": (TransferLine(part=PUMP, quantity=1),)}),
        Rung(FutureDate, {"occurrence": on(7, 11)}),
    )  # fmt: skip


def test_of_a_dispatch() -> None:
    desk = stocked_maker()
    requested(desk, 20)
    too_many = TransferLine(part=PUMP, quantity=21)
    wrong: dict[str, Any] = {"number": "T1", "occurrence": FUTURE, "lines": (too_many, too_many)}
    desk.refused(NotAllowedInState, transferring.dispatch_transfer, **wrong)
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    climb(
        desk, transferring.dispatch_transfer, wrong,
        Rung(InvalidValue, {"lines": (too_many,)}),
        Rung(OverDispatch, {"lines": (TransferLine(part=PUMP, quantity=20),)}),
        Rung(FutureDate, {"occurrence": on(7, 10)}),
        Rung(InsufficientStock, {"lines": (TransferLine(part=PUMP, quantity=15),)}),
        Rung(OutOfSequence, {"occurrence": on(7, 11)}),
    )  # fmt: skip


def test_of_a_receipt() -> None:
    desk = stocked_maker()
    requested(desk)
    too_many = TransferLine(part=PUMP, quantity=7)
    wrong: dict[str, Any] = {"number": "T1", "occurrence": FUTURE, "lines": (too_many, too_many)}
    desk.refused(NotAllowedInState, transferring.receive_transfer, **wrong)
    climb(
        sent(), transferring.receive_transfer, wrong,
        Rung(InvalidValue, {"lines": (too_many,)}),
        Rung(FutureDate, {"occurrence": on(7, 12)}),
        Rung(OverReceipt, {"lines": (TransferLine(part=PUMP, quantity=6),)}),
    )  # fmt: skip


def test_of_a_discrepancy() -> None:
    desk = stocked_maker()
    requested(desk)
    wrong: dict[str, Any] = {
        "number": "T1", "occurrence": FUTURE, "part": PUMP, "quantity": 7,
        "cause": DiscrepancyCause.SHORT,
    }  # fmt: skip
    desk.refused(NotAllowedInState, transferring.record_discrepancy, **wrong)
    climb(
        sent(), transferring.record_discrepancy, wrong,
        Rung(OverReceipt, {"quantity": 6}),
        Rung(FutureDate, {"occurrence": on(7, 12)}),
    )  # fmt: skip


def test_of_a_resolution() -> None:
    desk = stocked_maker()
    requested(desk)
    wrong: dict[str, Any] = {
        "number": "T1", "occurrence": FUTURE, "part": PUMP, "quantity": 3,
        "resolution": Resolution.CARRIER,
    }  # fmt: skip
    desk.refused(NotAllowedInState, transferring.resolve_discrepancy, **wrong)
    desk = sent()
    missing(desk, 2)
    climb(
        desk, transferring.resolve_discrepancy, wrong,
        Rung(OverReceipt, {"quantity": 2}),
        Rung(FutureDate, {"occurrence": on(7, 15)}),
        Rung(InvalidValue, {"carrier": "SF"}),
    )  # fmt: skip


def test_of_a_defective_return() -> None:
    desk = submitted(**RETURNABLE)
    wrong: dict[str, Any] = {
        "number": "R1", "to_place": MAIN, "claim": "C9", "occurrence": FUTURE, "part": SEAL,
        "quantity": 1,
    }  # fmt: skip
    desk.refused(PlaceNotAllowed, returning.request_defective_return, **wrong)
    wrong["to_place"] = CUSTODY
    desk.refused(NotFound, returning.request_defective_return, **wrong)
    wrong["claim"] = "C1"
    desk.refused(NotAllowedInState, returning.request_defective_return, **wrong)
    decided(desk, FULL)
    climb(
        desk, returning.request_defective_return, wrong,
        Rung(FutureDate, {"occurrence": on(7, 12)}),
        Rung(OutOfSequence, {"occurrence": on(7, 13)}),
        Rung(OverReturn, {"part": PUMP}),
    )  # fmt: skip
    desk.refused(AlreadyExists, returning.request_defective_return, **wrong | {"to_place": MAIN})


def test_of_a_good_return() -> None:
    desk = stocked_maker()
    sold(desk)
    climb(
        desk, returning.request_good_return,
        {"number": "R1", "to_place": MAIN, "sale": "SA9", "occurrence": FUTURE, "part": PUMP,
         "quantity": 4},
        Rung(PlaceNotAllowed, {"to_place": CUSTODY}),
        Rung(NotFound, {"sale": "SA1"}),
        Rung(FutureDate, {"occurrence": on(7, 14)}),
        Rung(OutOfSequence, {"occurrence": on(7, 15)}),
        Rung(OverReturn, {"quantity": 3}),
    )  # fmt: skip
    desk.refused(
        AlreadyExists, returning.request_good_return,
        number="R1", to_place=MAIN, sale="SA9", occurrence=FUTURE, part=PUMP, quantity=4,
    )  # fmt: skip


def test_of_the_steps_of_a_return() -> None:
    """The state comes before the day, and both before what the step itself asks for."""
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)
    later: dict[UseCase, dict[str, Any]] = {
        returning.receive_return: {},
        returning.inspect_return: {"finding": Finding.MISUSE},
        returning.dispose_return: {"disposal": Disposal.RESTOCK},
    }
    for step, fields in later.items():
        desk.refused(NotAllowedInState, step, number="R1", occurrence=FUTURE, **fields)
    desk.refused(FutureDate, returning.mark_return_overdue, number="R1", occurrence=FUTURE)
    climb(
        desk, returning.ship_return, {"number": "R1", "occurrence": FUTURE},
        Rung(FutureDate, {"occurrence": on(7, 15)}),
        Rung(OutOfSequence, {"occurrence": on(7, 16)}),
    )  # fmt: skip
    desk.refused(NotAllowedInState, returning.ship_return, number="R1", occurrence=FUTURE)
    received(desk, day=17)
    desk.refused(NotAllowedInState, returning.mark_return_overdue, number="R1", occurrence=FUTURE)
    desk.do(
        returning.inspect_return, number="R1", occurrence=on(7, 17), finding=Finding.NO_FAULT_FOUND
    )
    climb(
        desk, returning.dispose_return,
        {"number": "R1", "occurrence": FUTURE, "disposal": Disposal.BACK_TO_DEALER},
        Rung(FutureDate, {"occurrence": on(7, 17)}),
        Rung(DisposalNotAllowed, {"disposal": Disposal.RESTOCK}),
        Rung(InvalidValue, {"to_place": CUSTODY}),
        Rung(PlaceNotAllowed, {"to_place": MAIN}),
    )  # fmt: skip


def test_of_a_statement_and_of_its_settlement() -> None:
    desk = stocked_maker()
    sold(desk)
    sold(desk, number="SA2", occurrence=on(8, 1))
    climb(
        desk, settling.issue_statement, {"dealer": "D09", "month": "2026-01"},
        Rung(NotFound, {"dealer": "D01"}),
        Rung(StatementTooEarly, {"month": "2025-08"}),
        Rung(StatementOutOfOrder, {"month": "2025-07"}),
    )  # fmt: skip
    number = "D01/2025-07"
    desk.refused(AlreadyExists, settling.issue_statement, dealer="D01", month="2025-07")
    for step, fields in (
        (settling.confirm_statement, {"content_hash": "other"}),
        (settling.dispute_line, {"line_version": 9, "because": "price"}),
        (settling.resolve_dispute,
         {"line_version": 9, "memo_minor": 1, "because": "price", "occurrence": FUTURE}),
        (settling.invoice_settlement, {"occurrence": FUTURE}),
        (settling.close_settlement, {"occurrence": FUTURE}),
    ):  # fmt: skip
        desk.refused(NotAllowedInState, step, number=number, **fields)
    desk.refused(SamePerson, settling.review_statement, number=number)
    desk.do(settling.review_statement, actor=BOB, number=number)
    desk.refused(NotAllowedInState, settling.review_statement, number=number)
    desk.do(settling.dispute_line, number=number, line_version=2, because="price")
    desk.refused(OpenDispute, settling.confirm_statement, number=number, content_hash="other")
    climb(
        desk, settling.resolve_dispute,
        {"number": number, "line_version": 9, "memo_minor": 1, "because": "b",
         "occurrence": FUTURE},
        Rung(InvalidValue, {"line_version": 2}),
        Rung(FutureDate, {"memo_minor": 0}),
    )  # fmt: skip
    desk.refused(
        ContentHashMismatch, settling.confirm_statement, number=number, content_hash="other"
    )


def test_of_a_transfer_that_nobody_checked() -> None:
    """Who asked is not looked at where the state refuses already."""
    desk = sent()
    for step, fields in (
        (transferring.approve_transfer, {}),
        (transferring.reject_transfer, {"because": "b"}),
        (transferring.close_transfer, {}),
    ):
        desk.refused(NotAllowedInState, step, actor=ANN, number="T1", **fields)
