"""A purchase receipt opens a layer a line, at the cost paid."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.errors import AlreadyExists, DomainError, InvalidValue, NotFound, PlaceNotAllowed
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.stock_item import StockItem
from domain.use_cases import purchasing
from tests.domain.desk import all_postings, d, kinds, layer, movements, on, only
from tests.domain.givens import CORE, CUSTODY, MAIN, PUMP, SEAL, bought, maker

LINE = PurchaseLine(part=PUMP, quantity=1, unit_cost_minor=1)


def test_a_receipt_debits_the_place_and_credits_the_supplier() -> None:
    desk = maker()
    facts = desk.do(
        purchasing.receive_purchase,
        number="PR1", occurrence=on(7, 1, "DN-1"), supplier="SUP1", to_place=MAIN,
        lines=(
            PurchaseLine(part=PUMP, quantity=10, unit_cost_minor=1000, lot="L7"),
            PurchaseLine(part=CORE, quantity=2, unit_cost_minor=35),
        ),
    )  # fmt: skip

    assert kinds(facts) == [
        "PurchaseReceipt.Received",
        "StockItem.Opened", "StockItem.Received", "StockItem.Opened", "StockItem.Received",
    ]  # fmt: skip
    assert movements(facts[2]) == [(PUMP, "@supplier", MAIN, (layer(10, 1000, d(7, 1), lot="L7"),))]
    assert all_postings(facts) == [
        ("1405", "places/W01", 70), ("1405", "places/W01", 10_000),
        ("2202", "suppliers/SUP1", -10_000), ("2202", "suppliers/SUP1", -70),
    ]  # fmt: skip
    assert only(facts, PurchaseReceipt.Received).document == "DN-1"


def test_free_parts_move_and_post_nothing() -> None:
    desk = maker()
    facts = bought(desk, 3, 0, on(7, 1))

    assert all_postings(facts) == []
    assert desk.the(StockItem, f"{MAIN}/{PUMP}").layers == [layer(3, 0, d(7, 1))]


def test_same_day_and_cost_is_the_same_layer_and_another_cost_is_not() -> None:
    desk = maker()
    for cost in (1000, 1200, 1000):
        bought(desk, 5, cost, on(7, 1))

    assert desk.the(StockItem, f"{MAIN}/{PUMP}").layers == [
        layer(10, 1000, d(7, 1)), layer(5, 1200, d(7, 1)),
    ]  # fmt: skip


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
         {"field": "lines[2].part", "value": PUMP, "rule": "must not repeat an earlier line"}),
        (InvalidValue,
         {"lines": (replace(LINE, quantity=1001, unit_cost_minor=10**12),)},
         {"field": "lines[0].unit_cost", "value": str(1001 * 10**12),
          "rule": f"must not be negative and at most {10**15} minor units"}),
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
