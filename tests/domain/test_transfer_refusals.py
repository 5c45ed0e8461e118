"""A transfer says no: to its maker as checker, to more than there is, to what its state forbids."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.errors import (
    AlreadyExists,
    BeforeArrival,
    DomainError,
    FutureDate,
    InsufficientStock,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OverDispatch,
    OverReceipt,
    PeriodClosed,
    PlaceNotAllowed,
    RestrictedPart,
    SamePerson,
)
from domain.part import CatalogueEntry, PartClass
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.transfer_states import ALLOWED, TransferState
from domain.use_cases import closing, revising, transferring
from domain.use_cases.booking import Occurrence
from tests.domain.desk import (
    ANN,
    BOB,
    TODAY,
    Desk,
    UseCase,
    d,
    layer,
    on,
)
from tests.domain.givens import (
    AT_D01,
    CORE,
    CUSTODY,
    MAIN,
    NORTH,
    PUMP,
    SEAL,
    bought,
    requested,
    stocked_maker,
)
from tests.domain.transfer_steps import lines, missing, received, sent, stock, transfer


def test_nobody_checks_what_they_made() -> None:
    desk = stocked_maker()
    requested(desk)
    for use_case, fields, action in (
        (transferring.approve_transfer, {}, "approve"),
        (transferring.reject_transfer, {"because": "no"}, "reject"),
    ):
        facts = desk.refused(SamePerson, use_case, number="T1", **fields)
        assert facts == {"actor": ANN, "made": "requested", "action": action}


def test_none_of_the_storekeepers_who_received_closes_the_transfer() -> None:
    desk = sent()
    received(desk, 4, actor=ANN)
    received(desk, 2, actor=BOB)

    for storekeeper in (ANN, BOB):
        facts = desk.refused(
            SamePerson, transferring.close_transfer, actor=storekeeper, number="T1"
        )
        assert facts == {"actor": storekeeper, "made": "received", "action": "close"}
    desk.do(transferring.close_transfer, actor="eve", number="T1")


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (AlreadyExists, {"number": "T0"}, {"kind": "PartsTransfer", "key": "T0"}),
        (PlaceNotAllowed, {"to_place": MAIN}, {"place": MAIN, "action": "transfer"}),
        (PlaceNotAllowed, {"from_place": CUSTODY},
         {"place": CUSTODY, "kind": "custody", "action": "transfer from"}),
        (PlaceNotAllowed, {"to_place": CUSTODY},
         {"place": CUSTODY, "kind": "custody", "action": "transfer to"}),
        (NotFound, {"to_place": "W09"}, {"kind": "Place", "key": "W09"}),
        (NotFound, {"to_place": "consignment.D09"}, {"kind": "Dealer", "key": "D09"}),
        (NotFound, {"lines": lines(1, "X")}, {"kind": "Part", "key": "X"}),
        (InvalidValue, {"lines": lines(1) + lines(2)},
         {"field": "lines[1].part", "value": PUMP, "rule": "must not repeat an earlier line"}),
        (RestrictedPart, {"to_place": AT_D01, "lines": lines(1, CORE)},
         {"part": CORE, "action": "consigned"}),
        (RestrictedPart, {"from_place": AT_D01, "to_place": "consignment.D02",
                          "lines": lines(1, CORE)},
         {"part": CORE, "action": "consigned"}),
        (FutureDate, {"occurrence": Occurrence(TODAY.replace(year=2026))},
         {"date": "2026-12-31", "today": "2025-12-31"}),
    ],
)  # fmt: skip
def test_a_request_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = stocked_maker()
    requested(desk, number="T0")
    request: dict[str, Any] = {
        "number": "T1", "occurrence": on(7, 11), "from_place": MAIN, "to_place": NORTH,
        "lines": lines(1),
    }  # fmt: skip

    assert desk.refused(refusal, transferring.request_transfer, **(request | changes)) == facts


def test_restricted_parts_move_between_the_makers_own_places() -> None:
    desk = stocked_maker()
    bought(desk, 1, 9, on(7, 1), part=CORE)

    requested(desk, 1, part=CORE)

    assert transfer(desk).requested == {CORE: 1}


@pytest.mark.parametrize(
    ("refusal", "wanted", "day", "facts"),
    [
        (OverDispatch, lines(17), 12,
         {"transfer": "T1", "part": PUMP, "requested": "16", "dispatched": "17"}),
        (OverDispatch, lines(1, SEAL), 12,
         {"transfer": "T1", "part": SEAL, "requested": "0", "dispatched": "1"}),
        (InsufficientStock, (), 12,
         {"part": PUMP, "place": MAIN, "on": "2025-07-12", "available": "15", "requested": "16"}),
        (InsufficientStock, lines(11), 9,
         {"part": PUMP, "place": MAIN, "on": "2025-07-09", "available": "10", "requested": "11"}),
        (InvalidValue, lines(1) + lines(1), 12,
         {"field": "lines[1].part", "value": PUMP, "rule": "must not repeat an earlier line"}),
    ],
)  # fmt: skip
def test_a_dispatch_is_refused(
    refusal: type[DomainError], wanted: tuple[TransferLine, ...], day: int, facts: dict[str, str]
) -> None:
    desk = stocked_maker()
    requested(desk, 16)
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")

    assert facts == desk.refused(
        refusal, transferring.dispatch_transfer,
        number="T1", occurrence=on(7, day), lines=wanted,
    )  # fmt: skip


def test_a_line_that_lacks_stock_stops_the_lines_before_it_too() -> None:
    """Both lines are issued in one command: the first must not stay issued."""
    desk = stocked_maker()
    desk.do(
        transferring.request_transfer,
        number="T1", occurrence=on(7, 11), from_place=MAIN, to_place=NORTH,
        lines=lines(1) + lines(1, SEAL),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")

    facts = desk.refused(
        InsufficientStock, transferring.dispatch_transfer, number="T1", occurrence=on(7, 12)
    )

    assert (facts["part"], facts["available"]) == (SEAL, "0")
    assert stock(desk, MAIN)[0] == layer(10, 1000, d(7, 1))


def test_a_part_that_became_restricted_is_not_sent_to_a_dealer_any_more() -> None:
    desk = stocked_maker()
    requested(desk, 1, AT_D01)
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    core = CatalogueEntry("", PartClass.MODULE, serviceable=True, restricted=True)
    desk.do(revising.revise_part, number=PUMP, entry=core, effective_from=d(7, 12))

    desk.refused(RestrictedPart, transferring.dispatch_transfer, number="T1", occurrence=on(7, 12))
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 11))  # The day before.


@pytest.mark.parametrize(
    ("refusal", "wanted", "day", "facts"),
    [
        (OverReceipt, lines(7), 14,
         {"transfer": "T1", "part": PUMP, "there": "6", "requested": "7"}),
        (OverReceipt, lines(1, SEAL), 14,
         {"transfer": "T1", "part": SEAL, "there": "0", "requested": "1"}),
        (BeforeArrival, (), 11, {"came_on": "2025-07-12", "on": "2025-07-11"}),
        (InvalidValue, lines(1) + lines(1), 14,
         {"field": "lines[1].part", "value": PUMP, "rule": "must not repeat an earlier line"}),
    ],
)  # fmt: skip
def test_a_receipt_is_refused(
    refusal: type[DomainError], wanted: tuple[TransferLine, ...], day: int, facts: dict[str, str]
) -> None:
    assert facts == sent().refused(
        refusal, transferring.receive_transfer,
        number="T1", occurrence=on(7, day), lines=wanted,
    )  # fmt: skip


def test_a_discrepancy_is_refused_above_what_is_in_transit_and_before_it_was_sent() -> None:
    desk = sent()
    record: dict[str, Any] = {"number": "T1", "cause": DiscrepancyCause.DAMAGED, "part": PUMP}

    assert desk.refused(
        OverReceipt, transferring.record_discrepancy,
        **record, occurrence=on(7, 15), quantity=7,
    ) == {"transfer": "T1", "part": PUMP, "there": "6", "requested": "7"}  # fmt: skip
    assert desk.refused(
        BeforeArrival, transferring.record_discrepancy,
        **record, occurrence=on(7, 11), quantity=1,
    ) == {"came_on": "2025-07-12", "on": "2025-07-11"}  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (OverReceipt, {"quantity": 3},
         {"transfer": "T1", "part": PUMP, "there": "2", "requested": "3"}),
        (BeforeArrival, {"occurrence": on(7, 14)}, {"came_on": "2025-07-15", "on": "2025-07-14"}),
        (InvalidValue, {"resolution": Resolution.CARRIER},
         {"field": "carrier", "value": "", "rule": "is required where the carrier pays"}),
    ],
)  # fmt: skip
def test_a_resolution_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = sent()
    missing(desk, 2)
    resolution: dict[str, Any] = {
        "number": "T1", "occurrence": on(7, 16), "resolution": Resolution.FOUND,
        "part": PUMP, "quantity": 1,
    }  # fmt: skip

    assert facts == desk.refused(
        refusal, transferring.resolve_discrepancy, **(resolution | changes)
    )


ATTEMPTS: dict[str, tuple[UseCase, dict[str, Any]]] = {
    "approve": (transferring.approve_transfer, {}),
    "reject": (transferring.reject_transfer, {"because": "no"}),
    "cancel": (transferring.cancel_transfer, {"because": "no"}),
    "dispatch": (transferring.dispatch_transfer, {"occurrence": on(7, 20)}),
    "receive": (transferring.receive_transfer, {"occurrence": on(7, 20)}),
    "record a discrepancy": (
        transferring.record_discrepancy,
        {"occurrence": on(7, 20), "cause": DiscrepancyCause.SHORT, "part": PUMP, "quantity": 1},
    ),
    "resolve a discrepancy": (
        transferring.resolve_discrepancy,
        {"occurrence": on(7, 20), "resolution": Resolution.FOUND, "part": PUMP, "quantity": 1},
    ),
    "close": (transferring.close_transfer, {}),
}


Step = Callable[[Desk], object]


def approve(desk: Desk) -> object:
    return desk.do(transferring.approve_transfer, actor=BOB, number="T1")


def dispatch(desk: Desk) -> object:
    return desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12))


def receive_four(desk: Desk) -> object:
    return received(desk, 4)


ON_THE_WAY: tuple[Step, ...] = (requested, approve, dispatch)
WAYS: dict[TransferState, tuple[Step, ...]] = {
    TransferState.REQUESTED: (requested,),
    TransferState.APPROVED: (requested, approve),
    TransferState.IN_TRANSIT: ON_THE_WAY,
    TransferState.PARTLY_RECEIVED: (*ON_THE_WAY, receive_four),
    TransferState.RECEIVED: (*ON_THE_WAY, lambda desk: received(desk, 6)),
    TransferState.DISCREPANT: (*ON_THE_WAY, receive_four, lambda desk: missing(desk, 2)),
    TransferState.CLOSED: (
        *ON_THE_WAY, lambda desk: received(desk, 6),
        lambda desk: desk.do(transferring.close_transfer, actor=BOB, number="T1"),
    ),
    TransferState.REJECTED: (
        requested,
        lambda desk: desk.do(
            transferring.reject_transfer, actor=BOB, number="T1", because="not needed"
        ),
    ),
    TransferState.CANCELLED: (
        requested,
        lambda desk: desk.do(transferring.cancel_transfer, number="T1", because="mistaken"),
    ),
}  # fmt: skip


def in_state(state: TransferState) -> Desk:
    """A transfer led into a state by commands alone."""
    desk = stocked_maker()
    for step in WAYS[state]:
        step(desk)
    return desk


@pytest.mark.parametrize("state", TransferState)
def test_what_is_not_in_the_table_of_states_is_refused(state: TransferState) -> None:
    desk = in_state(state)
    assert transfer(desk).state is state
    for action, (use_case, fields) in ATTEMPTS.items():
        if state not in ALLOWED[action]:
            facts = desk.refused(NotAllowedInState, use_case, actor="eve", number="T1", **fields)
            assert facts == {"kind": "transfer", "key": "T1", "state": state, "action": action}


def test_the_attempts_above_cover_every_action() -> None:
    assert set(ATTEMPTS) == set(ALLOWED)


def test_unknown_transfers_are_refused() -> None:
    assert sent().refused(NotFound, transferring.approve_transfer, number="T9") == {
        "kind": "PartsTransfer", "key": "T9",
    }  # fmt: skip


def test_a_receipt_into_a_closed_month_is_refused_after_its_stock_was_looked_up() -> None:
    desk = sent()
    desk.do(closing.soft_close, month="2025-07")
    desk.close_for_good("2025-07")

    desk.refused(PeriodClosed, transferring.receive_transfer, number="T1", occurrence=on(7, 14))
