"""Parts bought from a supplier and taken into a warehouse: where every layer begins."""

from typing import Self

from domain.facts import Aggregate, Booking, Command, FirstBookedFact
from domain.stored import Stored


class PurchaseLine(Stored):
    """`unit_cost_minor` is in the book's currency, before tax."""

    part: str
    quantity: int
    unit_cost_minor: int
    lot: str = ""


class PurchaseReceipt(Aggregate):
    """A delivery note of a supplier, as received; the stock items carry what it moved."""

    TOPIC = "partsledger:PurchaseReceipt"
    KIND = "purchases"

    class Received(FirstBookedFact):
        TOPIC = "partsledger:PurchaseReceipt.Received"
        supplier: str
        to_place: str
        lines: tuple[PurchaseLine, ...]

    def __init__(self, supplier: str, to_place: str, lines: tuple[PurchaseLine, ...]) -> None:
        self.supplier = supplier
        self.to_place = to_place
        self.lines = lines

    @classmethod
    def receive(
        cls,
        command: Command,
        number: str,
        booking: Booking,
        supplier: str,
        to_place: str,
        lines: tuple[PurchaseLine, ...],
    ) -> Self:
        return cls._first(
            cls.Received, number, command, booking,
            supplier=supplier, to_place=to_place, lines=lines,
        )  # fmt: skip
