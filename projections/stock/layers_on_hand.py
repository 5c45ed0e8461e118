"""The layers that lay at a place on a day: what all sums of stock are made of."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.stock.closed_stock import first_open_day, layers, since_close
from projections.stock.lines import LAYER_KEY
from projections.stock.on_hand import our_places

_LAYERS: Final = f"""
    SELECT place, part, {LAYER_KEY}, sum(quantity)::bigint, sum(value_minor)::bigint
    FROM ({layers()}) AS layers
    GROUP BY place, part, {LAYER_KEY}
    HAVING sum(quantity) <> 0 OR sum(value_minor) <> 0
    ORDER BY place, part, {LAYER_KEY}
"""


class LayerOnHand(NamedTuple):
    """Pieces of a part at a place that came in together."""

    place: str
    part: str
    origin_on: date
    arrived_on: date
    counts_from: date
    receipt: str
    lot: str
    serial: str
    quantity: int
    value_minor: int


def layers_on_hand(
    now: Reading, as_of: date, places: Sequence[str] = (), parts: Sequence[str] = ()
) -> list[LayerOnHand]:
    """By place and part, in order of consumption; an empty list of places or parts means all."""
    values = {
        **since_close(as_of, first_open_day(now)),
        "places": list(places) or our_places(now),
        "parts": list(parts) or None,
    }
    return [LayerOnHand(*row) for row in now.select(_LAYERS, values)]
