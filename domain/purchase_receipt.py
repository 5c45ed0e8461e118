"""Parts bought from a supplier and taken into a warehouse: where every layer begins."""

from decimal import Decimal
from typing import Self

from domain.facts import Aggregate, Booking, Command, FirstBookedFact
from domain.stored import Stored


class PurchaseLine(Stored):
    """What the pieces cost together, before tax, in minor units of the receipt's currency.

    `unit_cost` is what the paper says one of them cost, in the currency's main unit and with as
    many decimals as it has there; None where the paper has only the whole amount.
    """

    part: str
    quantity: int
    value_minor: int
    unit_cost: Decimal | None = None
    lot: str = ""
    serial: str = ""


class PurchaseReceipt(Aggregate):
    """A delivery note of a supplier, as received; the stock items carry what it moved."""

    TOPIC = "partsledger:PurchaseReceipt"
    KIND = "purchases"

    class Received(FirstBookedFact):
        TOPIC = "partsledger:PurchaseReceipt.Received"
        supplier: str
        to_place: str
        currency: str
        lines: tuple[PurchaseLine, ...]

    def __init__(
        self, supplier: str, to_place: str, currency: str, lines: tuple[PurchaseLine, ...]
    ) -> None:
        self.supplier = supplier
        self.to_place = to_place
        self.currency = currency
        self.lines = lines

    @classmethod
    def receive(
        cls,
        command: Command,
        number: str,
        booking: Booking,
        supplier: str,
        to_place: str,
        currency: str,
        lines: tuple[PurchaseLine, ...],
    ) -> Self:
        return cls._first(
            cls.Received, number, command, booking,
            supplier=supplier, to_place=to_place, currency=currency, lines=lines,
        )  # fmt: skip
