"""What a line of a receipt costs: an amount, a cost of one piece as fine as it is, or both."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.errors import InvalidValue
from domain.layers import value_of
from domain.ledger import Ledger
from domain.stock_item import StockItem
from tests.on_the_wire import money, on

Run = Callable[..., Any]
PART, PLACE = "books/main/parts/P-1", "books/main/places/W01"


def bought(run: Run, **line: Any) -> Any:
    """The line as the answer shows it."""
    purchase = {"supplier": "S03", "to_place": PLACE, "lines": [{"part": PART, **line}]}
    answer = run(
        "create_purchase", parent="books/main", purchase_id="PR-1", occurrence=on("2025-07-01"),
        purchase=purchase,
    )  # fmt: skip
    [shown] = answer.purchase.lines
    return shown


def cny(nanos: int, units: int = 0) -> dict[str, Any]:
    return {"currency_code": "CNY", "units": str(units), "nanos": nanos}


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ({"quantity": "10000", "unit_cost": cny(3_500_000)}, 3500),
        ({"quantity": "3", "amount": money(1000)}, 1000),
        ({"quantity": "10000", "unit_cost": cny(3_500_000), "amount": money(3500)}, 3500),
        ({"quantity": "1", "unit_cost": cny(4_999_999)}, 0),
        ({"quantity": "1", "unit_cost": cny(5_000_000)}, 1),
        ({"quantity": "3", "unit_cost": cny(333_333_333, 3)}, 1000),
        ({"quantity": "5", "unit_cost": money(0)}, 0),
        ({"quantity": "5", "amount": money(0)}, 0),
    ],
)
def test_a_line_is_worth_what_it_says_to_the_fen(
    run: Run, empty_ledger: Ledger, line: dict[str, Any], amount: int
) -> None:
    before = value_of(empty_ledger.get(StockItem, "W01/P-1").layers)

    shown = bought(run, **line)

    assert (shown.amount.units * 100 + shown.amount.nanos // 10_000_000) == amount
    assert shown.HasField("unit_cost") == ("unit_cost" in line)
    if "unit_cost" in line:
        asked = line["unit_cost"]
        assert (shown.unit_cost.units, shown.unit_cost.nanos) == (
            int(asked["units"]), asked["nanos"],
        )  # fmt: skip
    assert value_of(empty_ledger.get(StockItem, "W01/P-1").layers) - before == amount


def test_an_amount_that_is_not_what_the_pieces_cost_is_refused(run: Run) -> None:
    """The control beside it differs by a fen."""
    line = {"quantity": "3", "unit_cost": money(333)}
    with pytest.raises(InvalidValue) as refusal:
        bought(run, **line, amount=money(1000))

    assert refusal.value.facts == {
        "field": "purchase.lines[0].amount", "value": "10.00 CNY",
        "rule": "must be quantity times unit_cost, rounded half up, which is 9.99 CNY",
    }  # fmt: skip
    assert bought(run, **line, amount=money(999)).amount.units == 9


def test_lot_and_serial_number_stay_with_the_pieces(run: Run, empty_ledger: Ledger) -> None:
    shown = bought(run, quantity="1", amount=money(500), lot="L7", serial="SN-1")

    assert (shown.lot, shown.serial) == ("L7", "SN-1")
    [layer] = [each for each in empty_ledger.get(StockItem, "W01/P-1").layers if each.serial]
    assert (layer.lot, layer.serial, layer.receipt, layer.supplier) == (
        "L7", "SN-1", "purchases/PR-1", "S03",
    )  # fmt: skip
