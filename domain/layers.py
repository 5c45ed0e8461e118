"""Layers of stock: pieces that came in together, with what they are worth together.

Everywhere but in a report, layers stand in the order in which they are consumed, and no two of them
have the same key. Taking some pieces of a layer takes their share of its value, and what is left
stays with the rest: so the parts of a layer are always worth what it was worth as a whole.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from domain.days import Days
from domain.errors import BeforeArrival
from domain.stored import Stored
from domain.values import share


class Layer(Stored, kw_only=False):
    """Pieces of one part that came in together, and are worth `value_minor` together.

    `origin_on` is the day the maker got them and travels with them, as do the receipt they came by,
    its supplier, and lot or serial number; `arrived_on` is the day they came to where they are. An
    arrival that was entered late counts in the books from a later day, which is then `counts_from`.
    The value is in minor units of the book's currency.
    """

    origin_on: date
    arrived_on: date
    quantity: int
    value_minor: int
    receipt: str  # The stream of the document that brought them: `purchases/PR-1`, `returns/R-1`.
    supplier: str = ""  # Its number; empty where nobody knows: a part out of a customer's machine.
    lot: str = ""
    serial: str = ""  # Of a single piece.
    counts_from: date | None = None

    def is_there(self, days: Days) -> bool:
        """Whether the pieces had arrived when something happened, and count when it counts."""
        return (
            self.arrived_on <= days.occurred_on
            and (self.counts_from or self.arrived_on) <= days.effective_on
        )


Layers = tuple[Layer, ...]

# So many fit into an entry of the log, whatever they hold; more are recorded as several facts.
MOST_LAYERS: Final = 48


# What makes two pieces of a part at a place the same; also the order of consumption: origin_on,
# arrived_on, counts_from, receipt, lot, serial. The supplier is not in it: a receipt is of one
# supplier. It is a plain tuple, because several are made whenever a piece moves.
LayerKey = tuple[date, date, date, str, str, str]


def layer_key(layer: Layer) -> LayerKey:
    arrived_on = layer.arrived_on
    counts_from = layer.counts_from or arrived_on
    return layer.origin_on, arrived_on, counts_from, layer.receipt, layer.lot, layer.serial


def quantity_of(layers: Iterable[Layer]) -> int:
    return sum([layer.quantity for layer in layers])


def value_of(layers: Iterable[Layer]) -> int:
    """What the layers are worth, in minor units of the book's currency."""
    return sum([layer.value_minor for layer in layers])


def in_facts(layers: Layers) -> Iterator[Layers]:
    """The layers in their order, as many at a time as fit into a fact."""
    for first in range(0, len(layers), MOST_LAYERS):
        yield layers[first : first + MOST_LAYERS]


def arrived(layers: Iterable[Layer], days: Days) -> Layers:
    """The same pieces, arrived on a day: only their dwell starts anew."""
    day, effective_on = days
    counts_from = effective_on if effective_on != day else None
    there = (
        Layer(
            layer.origin_on, day, layer.quantity, layer.value_minor, layer.receipt, layer.supplier,
            layer.lot, layer.serial, counts_from,
        )
        for layer in layers
    )  # fmt: skip
    return added((), there)


def added(layers: Layers, more: Iterable[Layer]) -> Layers:
    """Both together. Where equal layers meet, their quantities and values add up."""
    row = list(layers)
    for layer in more:
        place = _place(row, layer)
        if place < len(row) and layer_key(row[place]) == layer_key(layer):
            quantity = row[place].quantity + layer.quantity
            row[place] = _sized(layer, quantity, row[place].value_minor + layer.value_minor)
        else:
            row.insert(place, layer)
    return tuple(row)


def first_pieces(layers: Iterable[Layer], quantity: int) -> Layers:
    """The first so many pieces, or all there are. Of a layer that is not taken whole, they take
    their share of its value, rounded half up."""
    taken = []
    for layer in layers:
        if quantity == 0:
            break
        here = min(quantity, layer.quantity)
        if here < layer.quantity:
            layer = _sized(layer, here, share(layer.value_minor, 0, here, layer.quantity))
        taken.append(layer)
        quantity -= here
    return tuple(taken)


def left_of(layers: Layers, gone: Iterable[Layer]) -> Layers:
    """What is left where these pieces, which were among them, have gone with their value."""
    left = list(layers)
    for layer in gone:
        place = _place(left, layer)
        before = left[place]
        quantity = before.quantity - layer.quantity
        rest = _sized(before, quantity, before.value_minor - layer.value_minor)
        left[place : place + 1] = [rest] if quantity else []
    return tuple(left)


def require_there(layers: Layers, days: Days) -> None:
    """Refuses to take pieces before they arrived, or before their arrival counts."""
    day, effective_on = days
    latest = max(layer.arrived_on for layer in layers)
    if day < latest:
        raise BeforeArrival(
            f"the pieces came there on {latest}, which is after {day}", came_on=latest, on=day
        )
    counted = max(layer.counts_from or layer.arrived_on for layer in layers)
    if effective_on < counted:
        raise BeforeArrival(
            f"the pieces count there from {counted}, which is after {effective_on}",
            came_on=counted, on=effective_on,
        )  # fmt: skip


def _place(row: list[Layer], layer: Layer) -> int:
    """Where in the order of consumption a layer stands, or would stand."""
    return bisect_left(row, layer_key(layer), key=layer_key)


def _sized(layer: Layer, quantity: int, value_minor: int) -> Layer:
    return Layer(
        layer.origin_on, layer.arrived_on, quantity, value_minor, layer.receipt, layer.supplier,
        layer.lot, layer.serial, layer.counts_from,
    )  # fmt: skip
