"""The stock of one part at one place, in layers that keep the day and cost they came in with.

Guarantees: never below zero, on any day; oldest origin first; a layer keeps its origin date and
unit cost wherever it goes; every movement carries the inventory postings that value it, so stock
and inventory accounts always agree (docs/domain.md, "The one idea").
"""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel

from domain import accounts
from domain.days import Days
from domain.errors import InsufficientStock
from domain.facts import Aggregate, BookedFact, Booking, Command, FirstFact
from domain.layers import (
    Layer,
    Layers,
    arrived,
    layer_key,
    require_there,
    value_minor,
    with_quantity,
)
from domain.lines import Movement, transferred


class StockState(BaseModel):
    """What a snapshot of a stock item holds."""

    place: str
    part: str
    custody: bool
    currency: str
    layers: list[Layer]


class StockItem(Aggregate):
    """Layers in order of consumption: by origin date, then arrival, unit cost and lot."""

    TOPIC = "partsledger:StockItem"
    KIND = "stock"
    STATE = StockState
    SNAPSHOT_EVERY = 25  # Its state is a few layers, its stream the longest of all.

    class Opened(FirstFact):
        TOPIC = "partsledger:StockItem.Opened"
        place: str
        part: str
        custody: bool = False
        currency: str

    class Received(BookedFact):
        TOPIC = "partsledger:StockItem.Received"

        def apply(self, aggregate: "StockItem") -> None:
            for movement in self.movements:
                aggregate._put(arrived(movement.layers, self.days))

    class Issued(BookedFact):
        TOPIC = "partsledger:StockItem.Issued"

        def apply(self, aggregate: "StockItem") -> None:
            for movement in self.movements:
                aggregate._remove(movement.layers)

    def __init__(self, place: str, part: str, custody: bool, currency: str) -> None:
        self.place = place
        self.part = part
        self.custody = custody
        self.currency = currency
        self.layers: list[Layer] = []

    @classmethod
    def open(cls, command: Command, place: str, part: str, custody: bool, currency: str) -> Self:
        return cls._first(
            cls.Opened, stock_key(place, part), command,
            place=place, part=part, custody=custody, currency=currency,
        )  # fmt: skip

    def receive(
        self,
        command: Command,
        booking: Booking,
        from_place: str,
        layers: Layers,
        credit: tuple[str, str],
    ) -> None:
        """Takes layers in from another place; `credit` is the (account, party) they leave."""
        self._record(
            self.Received, command, booking,
            movements=(self._movement(from_place, self.place, layers),),
            postings=transferred(self._account, credit, value_minor(layers), self.currency),
            book_currency=self.currency,
        )  # fmt: skip

    def issue(
        self,
        command: Command,
        booking: Booking,
        to_place: str,
        quantity: int,
        debit: tuple[str, str],
    ) -> Layers:
        """Sends the oldest layers out that were there, and returns them."""
        layers = self._oldest(quantity, booking.days)
        self._send(command, booking, to_place, layers, debit)
        return layers

    def release(
        self,
        command: Command,
        booking: Booking,
        to_place: str,
        layers: Layers,
        debit: tuple[str, str],
    ) -> None:
        """Sends out exactly these layers: in a custody room those of one return, not the oldest."""
        require_there(layers, booking.days)
        self._send(command, booking, to_place, layers, debit)

    def _send(
        self,
        command: Command,
        booking: Booking,
        to_place: str,
        layers: Layers,
        debit: tuple[str, str],
    ) -> None:
        self._record(
            self.Issued, command, booking,
            movements=(self._movement(self.place, to_place, layers),),
            postings=transferred(debit, self._account, value_minor(layers), self.currency),
            book_currency=self.currency,
        )  # fmt: skip

    @property
    def _account(self) -> tuple[str, str]:
        return accounts.of_stock(self.place, self.custody)

    def _movement(self, from_place: str, to_place: str, layers: Layers) -> Movement:
        return Movement(part=self.part, from_place=from_place, to_place=to_place, layers=layers)

    def _oldest(self, quantity: int, days: Days) -> Layers:
        taken = []
        wanted = quantity
        for layer in self.layers:
            if not layer.is_there(days):
                continue
            part_of_it = min(wanted, layer.quantity)
            taken.append(with_quantity(layer, part_of_it))
            wanted -= part_of_it
            if wanted == 0:
                return tuple(taken)
        raise insufficient(self.part, self.place, days, quantity - wanted, quantity)

    def _put(self, layers: Iterable[Layer]) -> None:
        for layer in layers:
            for index, present in enumerate(self.layers):
                if layer_key(present) == layer_key(layer):
                    total = present.quantity + layer.quantity
                    self.layers[index] = with_quantity(present, total)
                    break
            else:
                self.layers.append(layer)
        self.layers.sort(key=layer_key)

    def _remove(self, layers: Iterable[Layer]) -> None:
        for layer in layers:
            index = next(
                i for i, present in enumerate(self.layers) if layer_key(present) == layer_key(layer)
            )
            left = self.layers[index].quantity - layer.quantity
            self.layers[index : index + 1] = [with_quantity(layer, left)] if left else []


def stock_key(place: str, part: str) -> str:
    """`W01/P-100`: the number of the stock of a part at a place."""
    return f"{place}/{part}"


def insufficient(
    part: str, place: str, days: Days, available: int, requested: int
) -> InsufficientStock:
    """The refusal of an issue above what was there."""
    late = days.effective_on != days.occurred_on
    counting = f" and counting on {days.effective_on}" if late else ""
    return InsufficientStock(
        f"{part} at {place}: {available} there on {days.occurred_on}{counting},"
        f" {requested} wanted",
        part=part, place=place, on=days.occurred_on, available=available, requested=requested,
    )  # fmt: skip
