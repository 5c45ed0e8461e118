"""Layers of stock: pieces that came in together, and functions on rows of layers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import ConfigDict

from domain.days import Days
from domain.errors import BeforeArrival


@dataclass(frozen=True, slots=True)
class Layer:
    """Pieces of one part that came in together: same origin, same arrival, same unit cost.

    `origin_on` is the day the maker got them and travels with them; `arrived_on` the day they came
    to where they are. An arrival that was entered late counts in the books from a later day, which
    is then `counts_from`. `unit_cost_minor` is in the book's currency.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    origin_on: date
    arrived_on: date
    unit_cost_minor: int
    quantity: int
    lot: str = ""
    counts_from: date | None = None

    def is_there(self, days: Days) -> bool:
        """Whether the pieces had arrived when something happened, and count when it counts."""
        return (
            self.arrived_on <= days.occurred_on
            and (self.counts_from or self.arrived_on) <= days.effective_on
        )


Layers = tuple[Layer, ...]

# So many fit into an entry of the log, whatever they hold; more are recorded as several facts.
MOST_LAYERS: Final = 50


def quantity_of(layers: Iterable[Layer]) -> int:
    return sum(layer.quantity for layer in layers)


def value_minor(layers: Iterable[Layer]) -> int:
    """What the layers are worth, in minor units of the book's currency."""
    return sum(layer.quantity * layer.unit_cost_minor for layer in layers)


def layer_key(layer: Layer) -> tuple[date, date, int, str, date]:
    """What makes two pieces of a part at a place the same; also the order of consumption."""
    counts_from = layer.counts_from or layer.arrived_on
    return layer.origin_on, layer.arrived_on, layer.unit_cost_minor, layer.lot, counts_from


def with_quantity(layer: Layer, quantity: int) -> Layer:
    return Layer(
        layer.origin_on, layer.arrived_on, layer.unit_cost_minor, quantity, layer.lot,
        layer.counts_from,
    )  # fmt: skip


def in_facts(layers: Layers) -> Iterator[Layers]:
    """The layers in their order, as many at a time as fit into a fact."""
    for first in range(0, len(layers), MOST_LAYERS):
        yield layers[first : first + MOST_LAYERS]


def arrived(layers: Iterable[Layer], days: Days) -> Layers:
    """The same layers, arrived on a day: origin and cost stay, dwell starts anew."""
    day, effective_on = days
    counts_from = effective_on if effective_on != day else None
    return tuple(
        Layer(layer.origin_on, day, layer.unit_cost_minor, layer.quantity, layer.lot, counts_from)
        for layer in layers
    )


def pieces(layers: Iterable[Layer], skip: int, quantity: int) -> Layers:
    """The layers of `quantity` pieces after the first `skip`."""
    taken = []
    for layer in layers:
        here = max(0, min(layer.quantity - skip, quantity))
        skip = max(0, skip - layer.quantity)
        if here:
            taken.append(with_quantity(layer, here))
            quantity -= here
    return tuple(taken)


def without(layers: Layers, quantity: int) -> Layers:
    """What is left of the layers after their first `quantity` pieces."""
    return pieces(layers, quantity, quantity_of(layers) - quantity)


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
