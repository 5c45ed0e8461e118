"""A purchase receipt opens a layer a line, worth what was paid."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.errors import AlreadyExists, DomainError, InvalidValue, NotFound, PlaceNotAllowed
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.stock_item import StockItem
from domain.use_cases import purchasing
from tests.domain.desk import all_postings, d, kinds, layer, movements, on, only
from tests.domain.givens import CORE, CUSTODY, MAIN, PUMP, SEAL, bought, maker

LINE = PurchaseLine(part=PUMP, quantity=1, value_minor=1)


def test_a_receipt_debits_the_place_and_credits_the_supplier() -> None:
    desk = maker()
    facts = desk.do(
        purchasing.receive_purchase,
        number="PR1", occurrence=on(7, 1, "DN-1"), supplier="SUP1", to_place=MAIN,
        lines=(
            PurchaseLine(part=PUMP, quantity=10, value_minor=10_000, lot="L7"),
            PurchaseLine(part=CORE, quantity=2, value_minor=70),
        ),
    )  # fmt: skip

    assert kinds(facts) == [
        "PurchaseReceipt.Received",
        "StockItem.Opened", "StockItem.Received", "StockItem.Opened", "StockItem.Received",
    ]  # fmt: skip
    assert movements(facts[2]) == [
        (PUMP, "@supplier", MAIN, (layer(10, 1000, d(7, 1), lot="L7", receipt="PR1"),))
    ]
    assert all_postings(facts) == [
        ("1405", "places/W01", 70), ("1405", "places/W01", 10_000),
        ("2202", "suppliers/SUP1", -10_000), ("2202", "suppliers/SUP1", -70),
    ]  # fmt: skip
    received = only(facts, PurchaseReceipt.Received)
    assert received.document == "DN-1"
    assert (received.supplier, received.to_place, received.currency) == ("SUP1", MAIN, "CNY")


def test_free_parts_move_and_post_nothing() -> None:
    desk = maker()
    facts = bought(desk, 3, 0, on(7, 1))

    assert all_postings(facts) == []
    assert desk.the(StockItem, f"{MAIN}/{PUMP}").layers == (layer(3, 0, d(7, 1)),)


def test_what_came_by_another_receipt_is_another_layer_even_on_the_same_day_at_the_same_cost() -> (
    None
):
    desk = maker()
    for number in ("PR2", "PR1"):
        bought(desk, 5, 1000, on(7, 1), number=number)

    assert desk.the(StockItem, f"{MAIN}/{PUMP}").layers == (
        layer(5, 1000, d(7, 1), receipt="PR1"), layer(5, 1000, d(7, 1), receipt="PR2"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "value_minor"),
    [(10_000, 3500), (3, 1000), (1000, 884_956), (1_000_000, 1), (1, 0)],
)
def test_stock_and_payable_are_what_was_paid_to_the_last_minor_unit(
    quantity: int, value_minor: int
) -> None:
    """10,000 washers at 0.0035 are 35.00, and three pieces for 10.00 are 10.00."""
    desk = maker()
    line = replace(LINE, quantity=quantity, value_minor=value_minor)
    facts = desk.do(
        purchasing.receive_purchase,
        number="PR1", occurrence=on(7, 1), supplier="SUP1", to_place=MAIN, lines=(line,),
    )  # fmt: skip

    [there] = desk.the(StockItem, f"{MAIN}/{PUMP}").layers
    assert (there.quantity, there.value_minor) == (quantity, value_minor)
    assert all_postings(facts) == ([
        ("1405", "places/W01", value_minor), ("2202", "suppliers/SUP1", -value_minor),
    ] if value_minor else [])  # fmt: skip


def test_a_layer_knows_its_receipt_its_supplier_and_its_serial_number() -> None:
    desk = maker()
    numbered = [replace(LINE, serial=serial) for serial in ("SN2", "SN1")]
    desk.do(
        purchasing.receive_purchase, number="PR1", occurrence=on(7, 1), supplier="S03",
        to_place=MAIN, lines=(*numbered, replace(LINE, lot="L1"), replace(LINE, lot="L2")),
    )  # fmt: skip

    layers = desk.the(StockItem, f"{MAIN}/{PUMP}").layers
    assert [(each.lot, each.serial) for each in layers] == [
        ("", "SN1"), ("", "SN2"), ("L1", ""), ("L2", ""),
    ]  # fmt: skip
    assert {(each.receipt, each.supplier) for each in layers} == {("purchases/PR1", "S03")}


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (AlreadyExists, {"number": "PR0"}, {"kind": "PurchaseReceipt", "key": "PR0"}),
        (NotFound, {"to_place": "W09"}, {"kind": "Place", "key": "W09"}),
        (NotFound, {"to_place": "consignment.D09"}, {"kind": "Dealer", "key": "D09"}),
        (NotFound, {"lines": (replace(LINE, part="X"),)},
         {"kind": "Part", "key": "X"}),
        (PlaceNotAllowed, {"to_place": CUSTODY},
         {"place": CUSTODY, "kind": "warehouse", "action": "receive a purchase at"}),
        (PlaceNotAllowed, {"to_place": "consignment.D01"},
         {"place": "consignment.D01", "kind": "warehouse", "action": "receive a purchase at"}),
        (InvalidValue, {"lines": (LINE, replace(LINE, part=SEAL), LINE)},
         {"field": "lines[2].part", "value": PUMP,
          "rule": "must not repeat an earlier line with the same lot and serial number"}),
    ],
)  # fmt: skip
def test_a_receipt_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = maker()
    bought(desk, 1, 1, on(7, 1), number="PR0")
    receipt: dict[str, Any] = {
        "number": "PR1", "occurrence": on(7, 1), "supplier": "SUP1", "to_place": MAIN,
        "lines": (LINE,),
    }  # fmt: skip

    assert desk.refused(refusal, purchasing.receive_purchase, **(receipt | changes)) == facts
