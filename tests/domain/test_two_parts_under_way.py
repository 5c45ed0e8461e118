"""Two parts in one transfer: one arrives complete and the other not, or one of them is missing."""

from typing import Any

import pytest

from domain.errors import BeforeArrival, NotAllowedInState, OpenDiscrepancy, OverReceipt
from domain.facts import Fact
from domain.layers import quantity_of
from domain.parts_transfer import PartsTransfer
from domain.transfer_lines import DiscrepancyCause, Resolution
from domain.transfer_states import TransferState
from domain.use_cases import transferring
from tests.domain.desk import BOB, Desk, all_postings, d, layer, on, only
from tests.domain.givens import MAIN, NORTH, PUMP, SEAL, bought, stocked_maker
from tests.domain.transfer_steps import lines, transfer

State = TransferState


def under_way() -> Desk:
    """Six pumps of 10.00 and four seals of 1.00 on their way since 12 July."""
    desk = stocked_maker()
    bought(desk, 10, 100, on(7, 2), part=SEAL)
    desk.do(
        transferring.request_transfer, number="T1", occurrence=on(7, 11), from_place=MAIN,
        to_place=NORTH, lines=lines(6) + lines(4, SEAL),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12))
    return desk


def received(desk: Desk, *parts: tuple[str, int]) -> list[Fact]:
    """These pieces; without any, all that is in transit."""
    arriving = tuple(line for part, quantity in parts for line in lines(quantity, part))
    return desk.do(transferring.receive_transfer, number="T1", occurrence=on(7, 14), lines=arriving)


def missing(desk: Desk, part: str, quantity: int) -> list[Fact]:
    return desk.do(
        transferring.record_discrepancy, number="T1", occurrence=on(7, 15),
        cause=DiscrepancyCause.SHORT, part=part, quantity=quantity,
    )  # fmt: skip


def written_off(desk: Desk, part: str, quantity: int) -> list[Fact]:
    return desk.do(
        transferring.resolve_discrepancy, number="T1", occurrence=on(7, 16),
        resolution=Resolution.WRITE_OFF, part=part, quantity=quantity,
    )  # fmt: skip


def pieces(desk: Desk) -> dict[str, dict[str, int]]:
    """By part: what is in transit, received, in discrepancy and resolved; nothing left out."""
    found = transfer(desk)
    return {
        part: {
            "transit": quantity_of(found.in_transit[part]),
            "received": found.received.get(part, 0),
            "discrepant": quantity_of(found.discrepant.get(part, ())),
            "resolved": found.resolved.get(part, 0),
        }
        for part in (PUMP, SEAL)
    }


def counts(transit: int, received: int, discrepant: int = 0, resolved: int = 0) -> dict[str, int]:
    return {
        "transit": transit, "received": received, "discrepant": discrepant, "resolved": resolved,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "quantity", "rest", "left"), [(PUMP, 6, SEAL, 4), (SEAL, 4, PUMP, 6)]
)
def test_one_part_complete_is_not_the_transfer_complete(
    first: str, quantity: int, rest: str, left: int
) -> None:
    desk = under_way()
    received(desk, (first, quantity))

    assert transfer(desk).state is State.PARTLY_RECEIVED
    assert pieces(desk) == {first: counts(0, quantity), rest: counts(left, 0)}
    desk.refused(NotAllowedInState, transferring.close_transfer, actor=BOB, number="T1")
    desk.refused(
        OverReceipt, transferring.receive_transfer,
        number="T1", occurrence=on(7, 14), lines=lines(1, first),
    )  # fmt: skip

    facts = received(desk)

    assert [line.part for line in only(facts, PartsTransfer.Received).lines] == [rest]
    assert transfer(desk).state is State.RECEIVED
    assert pieces(desk) == {first: counts(0, quantity), rest: counts(0, left)}


def test_both_parts_short_of_one_piece_are_partly_received() -> None:
    desk = under_way()
    received(desk, (PUMP, 5), (SEAL, 3))

    assert transfer(desk).state is State.PARTLY_RECEIVED
    assert pieces(desk) == {PUMP: counts(1, 5), SEAL: counts(1, 3)}
    received(desk, (PUMP, 1))
    assert transfer(desk).state is State.PARTLY_RECEIVED
    received(desk, (SEAL, 1))
    assert transfer(desk).state is State.RECEIVED
    assert pieces(desk) == {PUMP: counts(0, 6), SEAL: counts(0, 4)}


def test_a_discrepancy_of_one_part_leaves_the_other_on_its_way() -> None:
    desk = under_way()
    facts = missing(desk, SEAL, 4)

    assert all_postings(facts) == [("1408", "", -400), ("1901", "", 400)]
    assert transfer(desk).state is State.PARTLY_RECEIVED
    assert pieces(desk) == {PUMP: counts(6, 0), SEAL: counts(0, 0, discrepant=4)}
    received(desk)
    assert transfer(desk).state is State.DISCREPANT
    assert pieces(desk) == {PUMP: counts(0, 6), SEAL: counts(0, 0, discrepant=4)}


def test_a_transfer_with_one_part_received_waits_for_the_discrepancy_of_the_other() -> None:
    desk = under_way()
    received(desk, (PUMP, 6), (SEAL, 3))
    missing(desk, SEAL, 1)

    assert transfer(desk).state is State.DISCREPANT
    assert desk.refused(OpenDiscrepancy, transferring.close_transfer, actor=BOB, number="T1") == {
        "transfer": "T1", "parts": SEAL,
    }  # fmt: skip
    resolve: dict[str, Any] = {
        "number": "T1", "occurrence": on(7, 16), "resolution": Resolution.FOUND, "quantity": 1,
    }  # fmt: skip
    facts = desk.refused(OverReceipt, transferring.resolve_discrepancy, **resolve, part=PUMP)
    assert (facts["part"], facts["there"]) == (PUMP, "0")

    written_off(desk, SEAL, 1)

    assert pieces(desk) == {PUMP: counts(0, 6), SEAL: counts(0, 3, resolved=1)}
    assert transfer(desk).state is State.RECEIVED, "nothing is open any more"
    desk.do(transferring.close_transfer, actor=BOB, number="T1")
    assert transfer(desk).state is State.CLOSED


def test_of_two_open_discrepancies_one_resolved_leaves_the_other() -> None:
    desk = under_way()
    missing(desk, PUMP, 6)
    missing(desk, SEAL, 4)
    assert transfer(desk).state is State.DISCREPANT
    assert desk.refused(OpenDiscrepancy, transferring.close_transfer, actor="eve", number="T1") == {
        "transfer": "T1", "parts": f"{PUMP},{SEAL}",
    }  # fmt: skip

    written_off(desk, PUMP, 6)

    facts = desk.refused(OpenDiscrepancy, transferring.close_transfer, actor="eve", number="T1")
    assert facts["parts"] == SEAL
    written_off(desk, SEAL, 3)
    facts = desk.refused(OpenDiscrepancy, transferring.close_transfer, actor="eve", number="T1")
    assert facts["parts"] == SEAL
    written_off(desk, SEAL, 1)
    assert pieces(desk) == {PUMP: counts(0, 0, resolved=6), SEAL: counts(0, 0, resolved=4)}
    desk.do(transferring.close_transfer, actor="eve", number="T1")


def test_a_discrepancy_resolved_while_the_other_part_is_still_on_its_way() -> None:
    desk = under_way()
    missing(desk, SEAL, 1)
    written_off(desk, SEAL, 1)

    assert transfer(desk).state is State.PARTLY_RECEIVED
    assert pieces(desk) == {PUMP: counts(6, 0), SEAL: counts(3, 0, resolved=1)}
    received(desk)
    assert transfer(desk).state is State.RECEIVED
    assert pieces(desk) == {PUMP: counts(0, 6), SEAL: counts(0, 3, resolved=1)}


def test_two_discrepancies_of_one_part_are_resolved_in_the_order_they_were_recorded() -> None:
    desk = under_way()
    missing(desk, PUMP, 1)
    desk.do(
        transferring.record_discrepancy, number="T1", occurrence=on(7, 16),
        cause=DiscrepancyCause.DAMAGED, part=PUMP, quantity=2,
    )  # fmt: skip
    there = transfer(desk).discrepant[PUMP]
    assert there == (layer(1, 1000, d(7, 1), d(7, 15)), layer(2, 1000, d(7, 1), d(7, 16)))
    facts = desk.refused(
        BeforeArrival, transferring.resolve_discrepancy, number="T1", occurrence=on(7, 15),
        resolution=Resolution.WRITE_OFF, part=PUMP, quantity=2,
    )  # fmt: skip
    assert facts["came_on"] == "2025-07-16", "one of them is found missing a day later"

    written_off(desk, PUMP, 2)

    assert transfer(desk).discrepant[PUMP] == (layer(1, 1000, d(7, 1), d(7, 16)),)


def test_only_the_part_that_is_named_is_dispatched() -> None:
    """The other one stays where it is, and is not waited for."""
    desk = stocked_maker()
    bought(desk, 10, 100, on(7, 2), part=SEAL)
    desk.do(
        transferring.request_transfer, number="T1", occurrence=on(7, 11), from_place=MAIN,
        to_place=NORTH, lines=lines(6) + lines(4, SEAL),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=on(7, 12), lines=lines(4, SEAL))
    received(desk)

    assert transfer(desk).state is State.RECEIVED
    assert (transfer(desk).dispatched, transfer(desk).received) == ({SEAL: 4}, {SEAL: 4})
