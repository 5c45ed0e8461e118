"""A transfer of two parts: one of them may be all there while the other is still on its way."""

import pytest

from domain.errors import OpenDiscrepancy
from domain.parts_transfer import PartsTransfer
from domain.stock_item import StockItem
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.transfer_states import TransferState
from domain.use_cases import transferring
from tests.domain.desk import BOB, Desk, d, layer, on
from tests.domain.givens import MAIN, NORTH, PUMP, SEAL, bought, stocked_maker
from tests.domain.transfer_steps import lines, stock, transfer


def on_the_way() -> Desk:
    """Six pumps and four seals, sent on 12 July."""
    desk = stocked_maker()
    bought(desk, 10, 100, on(7, 1), part=SEAL)
    desk.do(
        transferring.request_transfer,
        number="T1", occurrence=on(7, 11), from_place=MAIN, to_place=NORTH,
        lines=lines(6) + lines(4, SEAL),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12))
    return desk


def received(desk: Desk, *wanted: TransferLine) -> None:
    desk.do(transferring.receive_transfer, number="T1", occurrence=on(7, 14), lines=wanted)


def short(desk: Desk, part: str, quantity: int, day: int = 15) -> None:
    desk.do(
        transferring.record_discrepancy,
        number="T1", occurrence=on(7, day), cause=DiscrepancyCause.SHORT,
        part=part, quantity=quantity,
    )  # fmt: skip


def found(desk: Desk, part: str, quantity: int) -> None:
    desk.do(
        transferring.resolve_discrepancy,
        number="T1", occurrence=on(7, 16), resolution=Resolution.FOUND,
        part=part, quantity=quantity,
    )  # fmt: skip


def state(desk: Desk) -> TransferState:
    found: TransferState = transfer(desk).state
    return found


@pytest.mark.parametrize(("first", "other"), [(PUMP, SEAL), (SEAL, PUMP)])
def test_while_one_part_is_on_its_way_the_transfer_is_partly_received(
    first: str, other: str
) -> None:
    desk = on_the_way()
    pieces = transfer(desk).requested
    received(desk, TransferLine(part=first, quantity=pieces[first]))

    assert state(desk) is TransferState.PARTLY_RECEIVED
    assert transfer(desk).all_in_transit() == (
        TransferLine(part=other, quantity=pieces[other]),
    )  # fmt: skip


def test_what_is_received_without_lines_is_what_is_still_on_its_way() -> None:
    desk = on_the_way()
    received(desk, *lines(6), *lines(1, SEAL))
    received(desk)

    assert state(desk) is TransferState.RECEIVED
    assert transfer(desk).received == {PUMP: 6, SEAL: 4}
    assert desk.the(StockItem, f"{NORTH}/{SEAL}").layers == (
        layer(4, 100, d(7, 1), d(7, 14), receipt="PR-0701-SEAL-1"),
    )


def test_one_part_that_is_missing_and_one_on_its_way_is_not_yet_a_discrepant_transfer() -> None:
    desk = on_the_way()
    short(desk, SEAL, 4)
    assert state(desk) is TransferState.PARTLY_RECEIVED

    received(desk, *lines(6))

    assert state(desk) is TransferState.DISCREPANT
    assert stock(desk, NORTH) == [layer(6, 1000, d(7, 1), d(7, 14))]


def test_a_discrepancy_is_open_for_the_part_that_is_not_resolved_yet_and_no_other() -> None:
    desk = on_the_way()
    received(desk, *lines(5), *lines(2, SEAL))
    short(desk, PUMP, 1)
    short(desk, SEAL, 2)
    assert desk.refused(OpenDiscrepancy, transferring.close_transfer, actor=BOB, number="T1") == {
        "transfer": "T1", "parts": f"{PUMP},{SEAL}",
    }  # fmt: skip

    found(desk, PUMP, 1)
    found(desk, SEAL, 1)
    assert desk.refused(OpenDiscrepancy, transferring.close_transfer, actor=BOB, number="T1") == {
        "transfer": "T1", "parts": SEAL,
    }  # fmt: skip

    found(desk, SEAL, 1)
    desk.do(transferring.close_transfer, actor=BOB, number="T1")
    assert state(desk) is TransferState.CLOSED


def test_a_second_shortage_of_a_part_stands_beside_the_first() -> None:
    desk = on_the_way()
    short(desk, PUMP, 1, day=15)
    short(desk, PUMP, 2, day=16)

    assert transfer(desk).discrepant == {
        PUMP: (layer(1, 1000, d(7, 1), d(7, 15)), layer(2, 1000, d(7, 1), d(7, 16)))
    }
    assert transfer(desk).in_transit[PUMP] == (layer(3, 1000, d(7, 1), d(7, 12)),)


def test_a_line_may_be_sent_in_full_while_another_is_not_sent_at_all() -> None:
    desk = stocked_maker()
    bought(desk, 10, 100, on(7, 1), part=SEAL)
    desk.do(
        transferring.request_transfer,
        number="T1", occurrence=on(7, 11), from_place=MAIN, to_place=NORTH,
        lines=lines(6) + lines(4, SEAL),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12), lines=lines(4, SEAL))
    received(desk)

    assert desk.the(PartsTransfer, "T1").received == {SEAL: 4}
    assert state(desk) is TransferState.RECEIVED
