"""What a line of purchases.csv costs, and the pieces that it tells apart."""

from pathlib import Path

import pytest

from server.erp.files.purchases import PurchaseLine
from server.erp.rows import Row
from tests.server.erp.conftest import WriteRows
from tests.server.erp.exports import BARE, request_of, stream

LINE = {column: cell for column, cell in BARE["purchases.csv"].items() if column != "unit_cost"}


def cents(message: object) -> int:
    units, nanos = message.units, message.nanos  # type: ignore[attr-defined]
    return int(units * 1_000_000_000 + nanos) // 10_000_000


def problems(**cells: str) -> list[tuple[str, str]]:
    read = PurchaseLine.read(Row(2, LINE | cells))
    assert isinstance(read, list)
    return [(problem.column, problem.rule) for problem in read]


def test_a_line_says_its_amount_or_a_unit_cost_as_fine_as_it_is(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(
        PurchaseLine,
        LINE | {"amount": "10.00", "quantity": "3", "serial": ""},
        LINE | {"unit_cost": "0.0035", "quantity": "10000", "lot": "L1"},
        LINE | {"unit_cost": "0", "quantity": "1", "serial": "SN-1"},
        LINE | {"amount": "35.00", "unit_cost": "0.0035", "quantity": "10000", "lot": "L2"},
    )

    [request] = map(request_of, stream(tmp_path))
    whole, fine, free, both = request.purchase.lines

    assert (cents(whole.amount), whole.HasField("unit_cost")) == (1000, False)
    assert (fine.unit_cost.nanos, fine.HasField("amount")) == (3_500_000, False)
    assert (free.HasField("unit_cost"), free.unit_cost.units, free.serial) == (True, 0, "SN-1")
    assert (cents(both.amount), both.unit_cost.nanos, both.lot) == (3500, 3_500_000, "L2")


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({}, "amount", "is required, or else unit_cost"),
        ({"amount": "10.00", "unit_cost": "3.33", "quantity": "3"}, "amount",
         "must be quantity times unit_cost, rounded half up, which is 9.99"),
        ({"amount": "10.005"}, "amount", "must have at most 2 decimals in CNY"),
        ({"amount": "1.00", "serial": "SN-1"}, "quantity", "must be 1 where there is a serial"),
        ({"unit_cost": "-0.01"}, "unit_cost", "must not be negative"),
    ],
)  # fmt: skip
def test_a_line_that_does_not_say_one_cost_is_told(
    cells: dict[str, str], column: str, rule: str
) -> None:
    assert problems(**cells) == [(column, rule)]
