"""Views order layers as the domain consumes them, to the last tie."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import product
from random import Random
from typing import Any, Final, cast

import pytest
from msgspec.structs import asdict
from psycopg2.extras import execute_values

from domain.layers import Layer, LayerKey, layer_key
from projections.engine.folding import fold
from projections.engine.partitions import make_partitions
from projections.engine.reading import Reading, reading
from projections.engine.schemas import schemas
from projections.stock.balances import ITEM_BALANCES
from projections.stock.closed_stock import CLOSED_STOCK
from projections.stock.layers_on_hand import layers_on_hand
from projections.stock.lines import LAYER_KEY, STOCK_LINES
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper

EARLY, LATE = date(2025, 1, 10), date(2025, 1, 11)
DAYS: Final = ((EARLY, EARLY), (EARLY, LATE), (LATE, LATE))  # Origin and arrival.
# As people write them: in any script, with case and numbers that languages sort in their own ways.
NAMES: Final = ("", "A", "L-10", "L-2", "L10", "a", "\u00e9", "\u6cf5", "\U0001f527")


def made_up_ties() -> list[Layer]:
    """Layers each of which is told from some other by one thing only, in no order."""
    layers = [
        Layer(origin, arrived, 1, 100, f"purchases/{receipt}", "S01", lot, serial, counts)
        for (origin, arrived), counts, receipt, lot, serial in product(
            DAYS, (None, date(2025, 1, 20)), ("PR-2", "PR-10"), NAMES, ("", "SN-2", "sn-1")
        )
    ]
    Random(1).shuffle(layers)
    return layers


@contextmanager
def lying(bookkeeper: Bookkeeper, layers: list[Layer]) -> Iterator[Reading]:
    """They came to W01 in January, which was closed."""
    at = schemas(bookkeeper.book)
    rows: list[Any] = [
        (1, number, 1, 100, LATE, *key[:3], "W01", "P-1", *key[3:])
        for number, key in enumerate(map(layer_key, layers))
    ]  # fmt: skip
    with bookkeeper.connect() as opened, opened.cursor() as c:
        make_partitions(c, at, VIEWS, 0, 2)
        execute_values(c, f"INSERT INTO {at.views}.{STOCK_LINES.name} VALUES %s", rows)
        c.execute(f"INSERT INTO {at.views}.closed_months VALUES (2, '2025-01-01')")
        for view in (ITEM_BALANCES, CLOSED_STOCK):
            fold(c, view, at, 0, 2)
        c.execute(at.sql("UPDATE {views}.positions SET position = 2"))
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        yield now


def keys(rows: list[Any]) -> list[LayerKey]:
    return [cast(LayerKey, tuple(row)) for row in rows]


def test_both_name_the_same_things_in_the_same_order() -> None:
    for layer in made_up_ties():
        arrived_on = layer.counts_from or layer.arrived_on
        said = {**asdict(layer), "counts_from": arrived_on}
        assert layer_key(layer) == tuple(said[name] for name in LAYER_KEY.split(", "))


def test_ties_are_broken_alike(bookkeeper: Bookkeeper) -> None:
    layers = made_up_ties()
    in_order = sorted(map(layer_key, layers))
    with lying(bookkeeper, layers) as now:
        of_lines = now.select(
            f"SELECT {LAYER_KEY} FROM {{views}}.stock_lines ORDER BY {LAYER_KEY}", {}
        )
        kept = now.select(f"SELECT l.* FROM {{views}}.closed_stock, unnest({LAYER_KEY}) AS l", {})
        summed = [tuple(row)[2:8] for row in layers_on_hand(now, LATE)]

    assert keys(list(of_lines)) == in_order
    assert keys(list(kept)) == in_order, "a closed month keeps them in that order"
    assert keys(summed) == in_order


@pytest.mark.parametrize(
    "order",
    [
        LAYER_KEY.replace("counts_from, ", ""),
        LAYER_KEY.replace("receipt, lot", "lot, receipt"),
        LAYER_KEY.replace("lot", "lower(lot)"),
    ],
)
def test_another_order_would_be_noticed(bookkeeper: Bookkeeper, order: str) -> None:
    """The control: a thing left out, two changed round, or capitals that do not count."""
    layers = made_up_ties()
    with lying(bookkeeper, layers) as now:
        rows = now.select(f"SELECT {LAYER_KEY} FROM {{views}}.stock_lines ORDER BY {order}", {})

    assert keys(list(rows)) != sorted(map(layer_key, layers))
