"""Layers of stock: pieces that came in together, and functions on rows of layers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import ConfigDict

from domain.errors import BeforeArrival


@dataclass(frozen=True, slots=True)
class Layer:
    """Pieces of one part that came in together: same origin, same arrival, same unit cost.

    `origin_on` is the day they entered the maker's books and travels with them; `arrived_on` the
    day they came to where they are. `unit_cost_minor` is in the book's currency.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    origin_on: date
    arrived_on: date
    unit_cost_minor: int
    quantity: int
    lot: str = ""


Layers = tuple[Layer, ...]


def quantity_of(layers: Iterable[Layer]) -> int:
    return sum(layer.quantity for layer in layers)


def value_minor(layers: Iterable[Layer]) -> int:
    """What the layers are worth, in minor units of the book's currency."""
    return sum(layer.quantity * layer.unit_cost_minor for layer in layers)


def layer_key(layer: Layer) -> tuple[date, date, int, str]:
    """What makes two pieces of a part at a place the same; also the order of consumption."""
    return layer.origin_on, layer.arrived_on, layer.unit_cost_minor, layer.lot


def with_quantity(layer: Layer, quantity: int) -> Layer:
    return Layer(layer.origin_on, layer.arrived_on, layer.unit_cost_minor, quantity, layer.lot)


def arrived(layers: Iterable[Layer], day: date) -> Layers:
    """The same layers, arrived on a day: origin and cost stay, dwell starts anew."""
    return tuple(
        Layer(layer.origin_on, day, layer.unit_cost_minor, layer.quantity, layer.lot)
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


def require_after(layers: Layers, day: date) -> None:
    """Refuses to take pieces on a day before they arrived."""
    latest = max(layer.arrived_on for layer in layers)
    if day < latest:
        raise BeforeArrival(
            f"the pieces came there on {latest}, which is after {day}", came_on=latest, on=day
        )
