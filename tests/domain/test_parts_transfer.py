"""A transfer: what is dispatched is received, in transit, or a discrepancy that gets resolved."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.days import Days, Done
from domain.errors import (
    OpenDiscrepancy,
)
from domain.layers import quantity_of
from domain.parts_transfer import PartsTransfer
from domain.transfer_lines import Resolution
from domain.transfer_states import TransferState
from domain.use_cases import transferring
from tests.domain.desk import (
    BOB,
    ReadsTogether,
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
    MAIN,
    NORTH,
    PUMP,
    SEAL,
    bought,
    dispatched,
    requested,
    stocked_maker,
)
from tests.domain.transfer_steps import lines, missing, received, resolved, sent, stock, transfer


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


def test_the_stock_of_all_lines_is_read_together() -> None:
    desk = stocked_maker()
    bought(desk, 10, 100, on(7, 1), part=SEAL)
    wanted = lines(6) + lines(4, SEAL)
    desk.do(
        transferring.request_transfer,
        number="T1", occurrence=on(7, 11), from_place=MAIN, to_place=NORTH, lines=wanted,
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    log = ReadsTogether(desk.ledger)

    for move in (transferring.dispatch_transfer, transferring.receive_transfer):
        desk.ledger.forget()
        desk.do(move, number="T1", occurrence=on(7, 12))

    assert [asked for asked in log.asked if asked[0].startswith("stock/")] == [
        [f"stock/{place}/{part}" for part in (PUMP, SEAL)] for place in (MAIN, NORTH)
    ]


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


moves = st.lists(
    st.tuples(st.sampled_from(["receive", "miss", *Resolution]), st.integers(1, 15)), max_size=8
)


@given(quantity=st.integers(1, 15), moves=moves)
@example(
    quantity=12,  # Of two layers, both touched by all that can happen.
    moves=[
        ("receive", 3), ("miss", 2), ("miss", 6), (Resolution.FOUND, 3), (Resolution.WRITE_OFF, 1),
        (Resolution.CARRIER, 15), ("receive", 15),
    ],
)  # fmt: skip
def test_every_dispatched_piece_is_somewhere(quantity: int, moves: list[tuple[str, int]]) -> None:
    desk = sent(quantity)
    for day, (what, wanted) in enumerate(moves, start=14):
        there = transfer(desk)
        in_transit = min(wanted, quantity_of(there.in_transit[PUMP]))
        discrepant = min(wanted, quantity_of(there.discrepant.get(PUMP, ())))
        if what == "receive" and in_transit:
            received(desk, in_transit, day=day)
        elif what == "miss" and in_transit:
            missing(desk, in_transit, day)
        elif isinstance(what, Resolution) and discrepant:
            resolved(desk, discrepant, what, "SF", day)
        after = transfer(desk)
        assert quantity == (
            quantity_of(after.in_transit[PUMP])
            + after.received.get(PUMP, 0)
            + quantity_of(after.discrepant.get(PUMP, ()))
            + after.resolved.get(PUMP, 0)
        )


def test_each_step_is_the_one_that_the_next_comes_after() -> None:
    """In the order of their days, here one a day."""
    desk = sent()
    told = [transfer(desk).last]
    received(desk, 4, day=14)
    told.append(transfer(desk).last)
    missing(desk, 2, day=15)
    told.append(transfer(desk).last)
    resolved(desk, 2, Resolution.WRITE_OFF, day=16)
    told.append(transfer(desk).last)

    names = ("dispatched", "received", "found to be discrepant", "resolved")
    days = (d(7, 12), d(7, 14), d(7, 15), d(7, 16))
    assert told == [Done(name, Days(day, day)) for name, day in zip(names, days, strict=True)]
