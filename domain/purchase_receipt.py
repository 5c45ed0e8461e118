"""Parts bought from a supplier and taken into a warehouse: where every layer begins."""

from dataclasses import dataclass
from typing import Self

from pydantic import ConfigDict

from domain.facts import Aggregate, Booking, Command, FirstBookedFact


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """`unit_cost_minor` is in the book's currency, before tax."""

    __pydantic_config__ = ConfigDict(extra="forbid")

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
            book_currency=command.book_currency,
        )  # fmt: skip
