"""A sale of more layers than a fact holds: as many as fit, then the rest, and none is lost."""

from decimal import Decimal

import pytest

from domain.days import Days
from domain.facts import Booking
from domain.layers import MOST_LAYERS as MOST
from domain.parts_sale import PartsSale, SaleLine
from tests.domain.desk import command, d, layer


def line(part: str, layers: int) -> SaleLine:
    return SaleLine(
        part=part, quantity=layers, unit_price_minor=1, price_list="settlement-CNY",
        price_list_version=1, price_version=1, vat_rate=Decimal(0), net_minor=layers, tax_minor=0,
        layers=tuple(layer(1, n, d(7, 1), lot=f"{n:04}") for n in range(layers)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("layers", "first", "more"),
    [
        ((2, 3), (2, 3), []),
        ((MOST,), (MOST,), []),
        ((MOST - 1, 2), (MOST - 1, 1), [("B", 1)]),
        ((MOST + 1, 2), (MOST, 0), [("A", 1), ("B", 2)]),
        ((1, 2 * MOST), (1, MOST - 1), [("B", MOST), ("B", 1)]),
    ],
)
def test_what_does_not_fit_into_the_first_fact_is_added_by_others(
    layers: tuple[int, ...], first: tuple[int, ...], more: list[tuple[str, int]]
) -> None:
    lines = tuple(line(part, number) for part, number in zip("AB", layers, strict=False))
    asked = command()

    sale = PartsSale.sell(
        asked, "SA1", Booking(Days(d(7, 15), d(7, 15)), "INV-1"), lines, dealer="D01",
        dealer_version=1, from_place="W01", currency="CNY", conversion=None, due_on=d(8, 14),
    )  # fmt: skip

    sold, *added = asked.facts
    assert isinstance(sold, PartsSale.Sold)
    assert tuple(len(each.layers) for each in sold.lines) == first
    pieces = [each for each in added if isinstance(each, PartsSale.PiecesAdded)]
    assert [(each.part, len(each.layers)) for each in pieces] == more
    for each in lines:
        assert sale.lines[each.part] == each
        assert sale.kept[each.part] == each.layers
