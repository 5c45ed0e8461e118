"""A transfer: what is dispatched is received, in transit, or a discrepancy that gets resolved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    AlreadyExists,
    BeforeArrival,
    DomainError,
    FutureDate,
    InsufficientStock,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OpenDiscrepancy,
    OverDispatch,
    OverReceipt,
    PeriodClosed,
    PlaceNotAllowed,
    RestrictedPart,
    SamePerson,
    Stale,
)
from domain.facts import Fact
from domain.layers import quantity_of
from domain.parts_transfer import ALLOWED, PartsTransfer, TransferState
from domain.stock_item import StockItem
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.use_cases import base_data, closing, transferring
from domain.use_cases.booking import Occurrence
from tests.domain.desk import (
    ANN,
    BOB,
    TODAY,
    Desk,
    all_postings,
    d,
    kinds,
    layer,
    movements,
    on,
    only,
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
    dispatched,
    requested,
    stocked_maker,
)


def lines(quantity: int, part: str = PUMP) -> tuple[TransferLine, ...]:
    return (TransferLine(part=part, quantity=quantity),)


def sent(quantity: int = 6, to_place: str = NORTH) -> Desk:
    desk = stocked_maker()
    dispatched(desk, quantity, to_place)
    return desk


def received(desk: Desk, quantity: int, actor: str = ANN, day: int = 14) -> list[Fact]:
    return desk.do(
        transferring.receive_transfer, actor=actor,
        number="T1", occurrence=on(7, day, "GR-1"), lines=lines(quantity),
    )  # fmt: skip


def missing(desk: Desk, quantity: int, day: int = 15) -> list[Fact]:
    return desk.do(
        transferring.record_discrepancy,
        number="T1", occurrence=on(7, day, "DR-1"), cause=DiscrepancyCause.SHORT,
        part=PUMP, quantity=quantity,
    )  # fmt: skip


def resolved(
    desk: Desk, quantity: int, resolution: Resolution, carrier: str = "", day: int = 16
) -> list[Fact]:
    return desk.do(
        transferring.resolve_discrepancy,
        number="T1", occurrence=on(7, day), resolution=resolution,
        part=PUMP, quantity=quantity, carrier=carrier,
    )  # fmt: skip


def transfer(desk: Desk) -> PartsTransfer:
    return desk.the(PartsTransfer, "T1")


def stock(desk: Desk, place: str) -> list[object]:
    return list(desk.the(StockItem, f"{place}/{PUMP}").layers)


def test_the_whole_way_between_two_warehouses() -> None:
    desk = sent()

    received(desk, 6)
    desk.do(transferring.close_transfer, actor=BOB, number="T1")

    assert transfer(desk).state is TransferState.CLOSED
    assert stock(desk, MAIN) == [layer(4, 1000, d(7, 1)), layer(5, 1200, d(7, 10))]
    assert stock(desk, NORTH) == [layer(6, 1000, d(7, 1), d(7, 14))], "origin and cost travel"


def test_a_dispatch_moves_the_value_into_transit() -> None:
    desk = stocked_maker()
    facts = dispatched(desk, 12)
    taken = (layer(10, 1000, d(7, 1)), layer(2, 1200, d(7, 10)))

    assert kinds(facts) == ["StockItem.Issued", "PartsTransfer.Dispatched"]
    assert movements(facts[0]) == [(PUMP, MAIN, "@in-transit", taken)]
    assert all_postings(facts) == [("1405", "places/W01", -12_400), ("1408", "", 12_400)]
    assert only(facts, PartsTransfer.Dispatched).document == "DN-1"
    assert transfer(desk).in_transit == {
        PUMP: (layer(10, 1000, d(7, 1), d(7, 12)), layer(2, 1200, d(7, 10), d(7, 12)))
    }


def test_a_receipt_takes_the_oldest_off_the_transit_and_the_rest_stays() -> None:
    desk = sent(12)
    facts = received(desk, 11)

    assert kinds(facts) == ["PartsTransfer.Received", "StockItem.Opened", "StockItem.Received"]
    assert all_postings(facts) == [("1405", "places/W02", 11_200), ("1408", "", -11_200)]
    assert transfer(desk).state is TransferState.PARTLY_RECEIVED
    assert transfer(desk).in_transit == {PUMP: (layer(1, 1200, d(7, 10), d(7, 12)),)}

    desk.do(transferring.receive_transfer, number="T1", occurrence=on(7, 20))

    assert transfer(desk).state is TransferState.RECEIVED
    assert transfer(desk).received == {PUMP: 12}


def test_less_than_requested_may_be_dispatched() -> None:
    desk = stocked_maker()
    requested(desk, 6)
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12), lines=lines(2))

    assert transfer(desk).dispatched == {PUMP: 2}


def test_consigned_parts_stay_the_makers_on_an_account_of_their_own() -> None:
    desk = sent(2, AT_D01)
    facts = received(desk, 2)

    assert all_postings(facts) == [("1406", "dealers/D01", 2000), ("1408", "", -2000)]
    assert stock(desk, AT_D01) == [layer(2, 1000, d(7, 1), d(7, 14))]


def test_a_discrepancy_leaves_the_transit_for_its_own_account() -> None:
    desk = sent()
    facts = missing(desk, 2)

    assert kinds(facts) == ["PartsTransfer.DiscrepancyRecorded"]
    assert movements(facts[0]) == [
        (PUMP, "@in-transit", "@discrepancy", (layer(2, 1000, d(7, 1), d(7, 12)),))
    ]
    assert all_postings(facts) == [("1408", "", -2000), ("1901", "", 2000)]


@pytest.mark.parametrize(
    ("resolution", "carrier", "to_place", "expected"),
    [
        (Resolution.WRITE_OFF, "", "@scrap", [("1901", "", -2000), ("6701", "", 2000)]),
        (Resolution.CARRIER, "SF", "@scrap",
         [("1221", "suppliers/SF", 2000), ("1901", "", -2000)]),
        (Resolution.FOUND, "", NORTH, [("1405", "places/W02", 2000), ("1901", "", -2000)]),
    ],
)  # fmt: skip
def test_a_discrepancy_is_our_loss_the_carriers_or_found_again(
    resolution: Resolution, carrier: str, to_place: str, expected: list[tuple[str, str, int]]
) -> None:
    desk = sent()
    missing(desk, 2)

    facts = resolved(desk, 2, resolution, carrier)

    assert all_postings(facts) == expected
    assert [line for fact in facts if hasattr(fact, "movements") for line in movements(fact)] == [
        (PUMP, "@discrepancy", to_place, (layer(2, 1000, d(7, 1), d(7, 15)),))
    ]
    assert transfer(desk).resolved == {PUMP: 2}


def test_a_transfer_with_everything_accounted_for_closes() -> None:
    desk = sent()
    received(desk, 4)
    missing(desk, 2)
    assert transfer(desk).state is TransferState.DISCREPANT
    assert desk.refused(OpenDiscrepancy, transferring.close_transfer, actor=BOB, number="T1") == {
        "transfer": "T1", "parts": PUMP,
    }  # fmt: skip
    resolved(desk, 1, Resolution.FOUND)
    resolved(desk, 1, Resolution.WRITE_OFF)

    desk.do(transferring.close_transfer, actor=BOB, number="T1")

    assert transfer(desk).state is TransferState.CLOSED


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


def test_a_request_can_be_rejected_or_cancelled() -> None:
    desk = stocked_maker()
    for number in ("T1", "T2", "T3"):
        requested(desk, number=number)
    desk.do(transferring.reject_transfer, actor=BOB, number="T1", because="not needed")
    desk.do(transferring.cancel_transfer, number="T2", because="mistaken")
    desk.do(transferring.approve_transfer, actor=BOB, number="T3")
    desk.do(transferring.cancel_transfer, number="T3", because="mistaken")

    assert [desk.the(PartsTransfer, number).state for number in ("T1", "T2", "T3")] == [
        TransferState.REJECTED, TransferState.CANCELLED, TransferState.CANCELLED,
    ]  # fmt: skip


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
        (RestrictedPart, {"from_place": AT_D01, "lines": lines(1, CORE)},
         {"part": CORE, "action": "consigned"}),
        (FutureDate, {"occurrence": Occurrence(TODAY.replace(year=2026))},
         {"date": "2026-12-31", "today": "2025-12-31"}),
    ],
)  # fmt: skip
def test_a_request_is_refused(
    refusal: type[DomainError], changes: dict[str, object], facts: dict[str, str]
) -> None:
    desk = stocked_maker()
    requested(desk, number="T0")
    request: dict[str, object] = {
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
    pump = {"number": PUMP, "description": "", "part_class": "module", "serviceable": True}
    desk.do(base_data.revise_part, **pump, restricted=True)

    desk.refused(RestrictedPart, transferring.dispatch_transfer, number="T1", occurrence=on(7, 12))


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
    record = {"number": "T1", "cause": DiscrepancyCause.DAMAGED, "part": PUMP}

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
    refusal: type[DomainError], changes: dict[str, object], facts: dict[str, str]
) -> None:
    desk = sent()
    missing(desk, 2)
    resolution: dict[str, object] = {
        "number": "T1", "occurrence": on(7, 16), "resolution": Resolution.FOUND,
        "part": PUMP, "quantity": 1,
    }  # fmt: skip

    assert facts == desk.refused(
        refusal, transferring.resolve_discrepancy, **(resolution | changes)
    )


ATTEMPTS: dict[str, tuple[object, dict[str, object]]] = {
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


def in_state(state: TransferState) -> Desk:
    """A transfer led into a state by commands alone."""
    desk = stocked_maker()
    requested(desk)
    if state is TransferState.REJECTED:
        desk.do(transferring.reject_transfer, actor=BOB, number="T1", because="no")
    elif state is TransferState.CANCELLED:
        desk.do(transferring.cancel_transfer, number="T1", because="no")
    elif state is not TransferState.REQUESTED:
        desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    if state in (TransferState.REQUESTED, TransferState.APPROVED,
                 TransferState.REJECTED, TransferState.CANCELLED):  # fmt: skip
        return desk
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12))
    if state is TransferState.IN_TRANSIT:
        return desk
    received(desk, 4)
    if state is TransferState.DISCREPANT:
        missing(desk, 2)
    elif state is not TransferState.PARTLY_RECEIVED:
        received(desk, 2)
    if state is TransferState.CLOSED:
        desk.do(transferring.close_transfer, actor=BOB, number="T1")
    return desk


@pytest.mark.parametrize("state", TransferState)
def test_what_is_not_in_the_table_of_states_is_refused(state: TransferState) -> None:
    desk = in_state(state)
    assert transfer(desk).state is state
    for action, (use_case, fields) in ATTEMPTS.items():
        if state not in ALLOWED[action]:
            facts = desk.refused(NotAllowedInState, use_case, actor="eve", number="T1", **fields)  # type: ignore[arg-type]
            assert facts == {"kind": "transfer", "key": "T1", "state": state, "action": action}


def test_the_attempts_above_cover_every_action() -> None:
    assert set(ATTEMPTS) == set(ALLOWED)


def test_unknown_transfers_and_stale_versions_are_refused() -> None:
    desk = sent()

    assert desk.refused(NotFound, transferring.approve_transfer, number="T9") == {
        "kind": "PartsTransfer", "key": "T9",
    }  # fmt: skip
    assert desk.refused(Stale, transferring.cancel_transfer, number="T1", because="", etag="1") == {
        "key": "T1", "etag": "1", "current": "3",
    }  # fmt: skip


def test_a_receipt_into_a_closed_month_is_refused_after_its_stock_was_looked_up() -> None:
    desk = sent()
    desk.do(closing.soft_close, month="2025-07")
    desk.do(closing.hard_close, month="2025-07")

    desk.refused(PeriodClosed, transferring.receive_transfer, number="T1", occurrence=on(7, 14))


@given(data=st.data(), quantity=st.integers(1, 15))
def test_every_dispatched_piece_is_somewhere(data: st.DataObject, quantity: int) -> None:
    desk = sent(quantity)
    for day in range(14, 14 + data.draw(st.integers(0, 8))):
        there = transfer(desk)
        in_transit = quantity_of(there.in_transit[PUMP])
        discrepant = quantity_of(there.discrepant.get(PUMP, ()))
        if discrepant and data.draw(st.booleans()):
            resolution = data.draw(st.sampled_from(Resolution))
            resolved(desk, data.draw(st.integers(1, discrepant)), resolution, "SF", day)
        elif in_transit and data.draw(st.booleans()):
            received(desk, data.draw(st.integers(1, in_transit)), day=day)
        elif in_transit:
            missing(desk, data.draw(st.integers(1, in_transit)), day)
        after = transfer(desk)
        assert quantity == (
            quantity_of(after.in_transit[PUMP])
            + after.received.get(PUMP, 0)
            + quantity_of(after.discrepant.get(PUMP, ()))
            + after.resolved.get(PUMP, 0)
        )
