"""Takes parts from a supplier into a warehouse."""

from domain import accounts, places
from domain.facts import Command
from domain.layers import Layer
from domain.ledger import Ledger
from domain.part import Part
from domain.place import PlaceKind
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.stock_moves import receive_into, require_distinct, require_kind
from domain.values import product_minor


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
    """Makes a layer for each line: origin and arrival on the day it came, at the cost paid."""
    ledger.require_new(PurchaseReceipt, number)
    require_kind(ledger, to_place, PlaceKind.WAREHOUSE, "receive a purchase at")
    require_distinct([line.part for line in lines])
    for index, line in enumerate(lines):
        ledger.get(Part, line.part)
        product_minor(line.quantity, line.unit_cost_minor, f"lines[{index}].unit_cost")
    booking = book(ledger, command, occurrence)
    receipt = ledger.add(
        PurchaseReceipt.receive(command, number, booking, supplier, to_place, lines)
    )
    received = booking.caused_by(receipt.last_step)
    for line in lines:
        layer = Layer(
            origin_on=booking.occurred_on,
            arrived_on=booking.occurred_on,
            unit_cost_minor=line.unit_cost_minor,
            quantity=line.quantity,
            lot=line.lot,
        )
        receive_into(
            ledger, command, received,
            place=to_place, part=line.part, from_place=places.SUPPLIER, layers=(layer,),
            credit=(accounts.SUPPLIER_PAYABLE, f"suppliers/{supplier}"),
        )  # fmt: skip
    return receipt
