"""The stock of one part at one place, in layers that keep the day they came in and their value.

Guarantees: never below zero, on any day, in pieces or in value; oldest origin first; a layer keeps
its origin, receipt, supplier and value wherever it goes; every movement carries the inventory
postings that value it, so stock and inventory accounts always agree (docs/domain.md, "The one
idea").
"""

from typing import Self

from domain import accounts
from domain.days import Days
from domain.errors import InsufficientStock
from domain.facts import Aggregate, Booking, Cause, CausedFact, Command, FirstCausedFact
from domain.layers import (
    Layers,
    added,
    arrived,
    first_pieces,
    in_facts,
    left_of,
    quantity_of,
    require_there,
    value_of,
)
from domain.lines import Movement, transferred
from domain.stored import Stored


class StockState(Stored):
    """What a snapshot of a stock item holds."""

    place: str
    part: str
    custody: bool
    currency: str
    layers: Layers


class StockItem(Aggregate):
    """Layers in their order of consumption (`layer_key`), no two of them the same."""

    TOPIC = "partsledger:StockItem"
    KIND = "stock"
    STATE = StockState
    SNAPSHOT_EVERY = 25  # Its state is a few layers, its stream the longest of all.

    class Opened(FirstCausedFact):
        TOPIC = "partsledger:StockItem.Opened"
        place: str
        part: str
        custody: bool = False
        currency: str

    class Received(CausedFact):
        TOPIC = "partsledger:StockItem.Received"

        def apply(self, aggregate: "StockItem") -> None:
            for movement in self.movements:
                there = arrived(movement.layers, self.days)
                aggregate.layers = added(aggregate.layers, there)

    class Issued(CausedFact):
        TOPIC = "partsledger:StockItem.Issued"

        def apply(self, aggregate: "StockItem") -> None:
            for movement in self.movements:
                aggregate.layers = left_of(aggregate.layers, movement.layers)

    def __init__(self, place: str, part: str, custody: bool, currency: str) -> None:
        self.place = place
        self.part = part
        self.custody = custody
        self.currency = currency
        self.layers: Layers = ()

    @classmethod
    def open(
        cls, command: Command, cause: Cause, place: str, part: str, custody: bool, currency: str
    ) -> Self:
        return cls._first(
            cls.Opened, stock_key(place, part), command,
            place=place, part=part, custody=custody, currency=currency,
            caused_by=cause.stream, caused_by_version=cause.version,
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
        for some in in_facts(layers):
            self._record(
                self.Received, command, booking,
                movements=(self._movement(from_place, self.place, some),),
                postings=transferred(self._account, credit, value_of(some), self.currency),
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
        for some in in_facts(layers):
            self._record(
                self.Issued, command, booking,
                movements=(self._movement(self.place, to_place, some),),
                postings=transferred(debit, self._account, value_of(some), self.currency),
                book_currency=self.currency,
            )  # fmt: skip

    @property
    def _account(self) -> tuple[str, str]:
        return accounts.of_stock(self.place, self.custody)

    def _movement(self, from_place: str, to_place: str, layers: Layers) -> Movement:
        return Movement(part=self.part, from_place=from_place, to_place=to_place, layers=layers)

    def _oldest(self, quantity: int, days: Days) -> Layers:
        there = (layer for layer in self.layers if layer.is_there(days))
        taken = first_pieces(there, quantity)
        if (found := quantity_of(taken)) < quantity:
            raise insufficient(self.part, self.place, days, found, quantity)
        return taken


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
