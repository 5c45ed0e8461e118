"""Stock to the day it came and to the last piece: a layer used up exactly, and one piece more."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.days import Days
from domain.errors import InsufficientStock, OverReturn
from domain.facts import Booking
from domain.layers import Layer, Layers, layer_key
from domain.parts_sale import PartsSale, ReturnedLine
from domain.stock_item import StockItem
from domain.use_cases import returning, selling
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from tests.domain.desk import CAUSE, Desk, d, layer, movements, on, only
from tests.domain.givens import CUSTODY, MAIN, NORTH, PUMP, bought, sold, stocked_maker
from tests.domain.transfer_steps import received, sent

DAY = timedelta(days=1)
OLD, NEW = d(7, 1), d(7, 10)  # Ten came at 10.00, five at 12.00.


def wanted(quantity: int, day: date, place: str = MAIN) -> dict[str, Any]:
    return {
        "number": "SA1", "occurrence": Occurrence(day), "dealer": "D01", "from_place": place,
        "lines": (WantedLine(PUMP, quantity),),
    }  # fmt: skip


def layers(desk: Desk, place: str = MAIN) -> Layers:
    return desk.the(StockItem, f"{place}/{PUMP}").layers


@pytest.mark.parametrize(
    ("quantity", "taken", "left"),
    [
        (9, (layer(9, 1000, OLD),), (layer(1, 1000, OLD), layer(5, 1200, NEW))),
        (10, (layer(10, 1000, OLD),), (layer(5, 1200, NEW),)),
        (11, (layer(10, 1000, OLD), layer(1, 1200, NEW)), (layer(4, 1200, NEW),)),
        (14, (layer(10, 1000, OLD), layer(4, 1200, NEW)), (layer(1, 1200, NEW),)),
        (15, (layer(10, 1000, OLD), layer(5, 1200, NEW)), ()),
    ],
)
def test_layers_are_used_up_one_after_the_other_and_what_is_left_keeps_its_own(
    quantity: int, taken: Layers, left: Layers
) -> None:
    desk = stocked_maker()

    [(_, _, _, moved)] = movements(sold(desk, quantity)[0])

    assert (moved, layers(desk)) == (taken, left)


def test_of_fifteen_pieces_the_sixteenth_is_refused() -> None:
    facts = stocked_maker().refused(InsufficientStock, selling.sell_parts, **wanted(16, d(7, 15)))

    assert (facts["available"], facts["requested"]) == ("15", "16")


def test_what_is_left_of_a_layer_is_taken_before_the_next_one() -> None:
    desk = stocked_maker()
    sold(desk, 9)

    [(_, _, _, moved)] = movements(sold(desk, 2, "SA2")[0])

    assert moved == (layer(1, 1000, OLD), layer(1, 1200, NEW))


@pytest.mark.parametrize(
    ("day", "there"), [(OLD - DAY, 0), (OLD, 10), (NEW - DAY, 10), (NEW, 15), (NEW + DAY, 15)]
)
def test_pieces_can_leave_from_the_very_day_they_came(day: date, there: int) -> None:
    facts = stocked_maker().refused(InsufficientStock, selling.sell_parts, **wanted(there + 1, day))
    assert facts == {
        "part": PUMP, "place": MAIN, "on": str(day), "available": str(there),
        "requested": str(there + 1),
    }  # fmt: skip

    if there:
        stocked_maker().do(selling.sell_parts, **wanted(there, day))


def test_moved_pieces_are_there_from_the_day_they_arrived_however_old_they_are() -> None:
    desk = sent()
    received(desk, 6, day=14)
    facts = desk.refused(InsufficientStock, selling.sell_parts, **wanted(1, d(7, 13), NORTH))

    assert facts["available"] == "0"
    desk.do(selling.sell_parts, **wanted(6, d(7, 14), NORTH))
    assert layers(desk, NORTH) == ()


def test_a_layer_that_came_too_late_is_passed_over_and_stays_whole() -> None:
    """The older pieces came to the north after the younger ones."""
    desk = sent(12)
    bought(desk, 3, 900, on(7, 12), place=NORTH)
    received(desk, 12, day=14)

    [(_, _, _, moved)] = movements(desk.do(selling.sell_parts, **wanted(2, d(7, 13), NORTH))[0])

    assert moved == (layer(2, 900, d(7, 12)),)
    assert layers(desk, NORTH) == (
        layer(10, 1000, OLD, d(7, 14)), layer(2, 1200, NEW, d(7, 14)), layer(1, 900, d(7, 12)),
    )  # fmt: skip


def test_layers_lie_by_origin_arrival_counting_receipt_lot_and_serial() -> None:
    """Each is told from the next by one thing only; they come in the wrong order."""
    first, then = date(2025, 7, 8), date(2025, 7, 9)
    keys = [
        (OLD, then, None, "PR2", "L2", "SN2"),
        (NEW, first, None, "PR2", "L2", "SN2"),
        (NEW, then, None, "PR2", "L2", "SN2"),
        (NEW, then, d(8, 1), "PR1", "L2", "SN2"),
        (NEW, then, d(8, 1), "PR2", "L1", "SN2"),
        (NEW, then, d(8, 1), "PR2", "L2", "SN1"),
        (NEW, then, d(8, 1), "PR2", "L2", "SN2"),
    ]
    in_order = tuple(
        Layer(origin, arrived, 1, 100 - n, f"purchases/{receipt}", "SUP1", lot, serial, counts)
        for n, (origin, arrived, counts, receipt, lot, serial) in enumerate(keys)
    )
    command = Desk()._command("ann")
    item = StockItem.open(command, CAUSE, MAIN, PUMP, False, "CNY")

    for each in reversed(in_order):
        arrival = Booking(Days(each.arrived_on, each.counts_from or each.arrived_on), "", CAUSE)
        item.receive(command, arrival, "@supplier", (each,), ("2202", "suppliers/SUP1"))

    assert item.layers == in_order
    assert item.layers == tuple(sorted(in_order, key=layer_key))


def announced(desk: Desk, number: str, quantity: int) -> ReturnedLine:
    facts = desk.do(
        returning.request_good_return, number=number, occurrence=on(7, 16), sale="SA1", part=PUMP,
        quantity=quantity, to_place=CUSTODY,
    )  # fmt: skip
    return only(facts, PartsSale.ReturnTaken).line


def test_pieces_come_back_in_the_layers_they_were_sold_with_to_the_last_one() -> None:
    desk = stocked_maker()
    sold(desk, 12)

    assert announced(desk, "R1", 9).layers == (layer(9, 1000, OLD),)
    assert announced(desk, "R2", 2).layers == (layer(1, 1000, OLD), layer(1, 1200, NEW))
    too_many: dict[str, Any] = {
        "number": "R3", "occurrence": on(7, 16), "sale": "SA1", "part": PUMP, "to_place": CUSTODY,
    }  # fmt: skip
    facts = desk.refused(OverReturn, returning.request_good_return, **too_many, quantity=2)
    assert (facts["sold"], facts["returned"], facts["requested"]) == ("12", "11", "2")
    assert announced(desk, "R3", 1).layers == (layer(1, 1200, NEW),)


def test_pieces_after_a_whole_layer_and_a_part_of_the_next_come_back_from_there_on() -> None:
    desk = stocked_maker()
    bought(desk, 4, 1300, on(7, 12))
    sold(desk, 17)

    assert announced(desk, "R1", 12).layers == (layer(10, 1000, OLD), layer(2, 1200, NEW))
    assert announced(desk, "R2", 5).layers == (layer(3, 1200, NEW), layer(2, 1300, d(7, 12)))


def test_a_tax_that_does_not_divide_comes_back_to_the_last_minor_unit() -> None:
    """31.18 on twelve pieces: five make 12.9917, which is 12.99, and the last two what is left."""
    desk = stocked_maker()
    sold(desk, 12)

    shares = [announced(desk, f"R{n}", quantity).tax_minor for n, quantity in enumerate((5, 5, 2))]

    assert shares == [1299, 1299, 520]
    assert sum(shares) == 3118
