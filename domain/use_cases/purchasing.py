"""Takes parts from a supplier into a warehouse."""

from domain import accounts, places
from domain.errors import InvalidValue
from domain.facts import Command
from domain.layers import Layer
from domain.ledger import Ledger
from domain.part import Part
from domain.place import PlaceKind
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.stock_moves import receive_into, require_kind


def receive_purchase(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    supplier: str,
    to_place: str,
    lines: tuple[PurchaseLine, ...],
) -> PurchaseReceipt:
    """Makes a layer of each line: origin and arrival on the day it came, worth what was paid."""
    ledger.require_new(PurchaseReceipt, number)
    require_kind(ledger, to_place, PlaceKind.WAREHOUSE, "receive a purchase at")
    _require_distinct(lines)
    for line in lines:
        ledger.get(Part, line.part)
    booking = book(ledger, command, occurrence, number)
    receipt = ledger.add(
        PurchaseReceipt.receive(
            command, number, booking, supplier, to_place, ledger.currency, lines
        )
    )
    received = booking.caused_by(receipt.last_step)
    for line in lines:
        layer = Layer(
            origin_on=booking.occurred_on,
            arrived_on=booking.occurred_on,
            quantity=line.quantity,
            value_minor=line.value_minor,
            receipt=receipt.id,
            supplier=supplier,
            lot=line.lot,
            serial=line.serial,
        )
        receive_into(
            ledger, command, received,
            place=to_place, part=line.part, from_place=places.SUPPLIER, layers=(layer,),
            credit=(accounts.SUPPLIER_PAYABLE, f"suppliers/{supplier}"),
        )  # fmt: skip
    return receipt


def _require_distinct(lines: tuple[PurchaseLine, ...]) -> None:
    """Refuses a line that says the same pieces again: part, lot and serial number tell them."""
    seen = set()
    for index, line in enumerate(lines):
        pieces = line.part, line.lot, line.serial
        if pieces in seen:
            rule = "must not repeat an earlier line with the same lot and serial number"
            raise InvalidValue(f"lines[{index}].part", line.part, rule)
        seen.add(pieces)
