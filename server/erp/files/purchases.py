"""Purchase receipts 采购入库: what a supplier delivered to a warehouse."""

from collections.abc import Iterator
from decimal import Decimal

from domain.currencies import DECIMALS
from domain.values import cost_of
from partsledger.v1 import purchase_service_pb2 as pb
from server.api.conversions.money import decimal_message
from server.erp.cells import (
    Amount,
    Code,
    Cost,
    Currency,
    Day,
    Flag,
    PartNumber,
    Person,
    Quantity,
    Text,
)
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


class PurchaseLine(Line):
    FILE = "purchases.csv"
    NUMBER = ("purchase",)
    PER_LINE = frozenset({"part", "quantity", "unit_cost", "amount", "currency", "lot", "serial"})
    MAY_LACK = frozenset({"unit_cost", "amount", "serial"})
    AMOUNTS = ("amount",)

    purchase: Code = column("Number of the receipt.", example="PR-250701-001")
    received_on: Day = column("Day the parts came.", example="2025-07-01")
    received_by: Person | None = optional("Who booked it.", "w01.keeper")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-07-03")
    late: Flag = column(
        "May count on the first open day where its month is closed for ever.", default=False
    )
    document: Text = column("The paper: a delivery note.", default="", example="DN-88121")
    supplier: Code = column("Number of the supplier.", example="S03")
    to_place: Code = column("A warehouse.", example="W01")
    part: PartNumber = column(
        "Again in a document only with another lot or serial.", example="P-10012"
    )
    quantity: Quantity = column("Pieces.", example="40")
    unit_cost: Cost | None = optional("Cost of one piece, before tax.", "0.0035")
    amount: Amount | None = optional(
        "Cost of the line, before tax; if empty, pieces × `unit_cost`, rounded half up.", "35.00"
    )
    currency: Currency = column("The book's currency.", example="CNY")
    lot: Text = column("The supplier's lot.", default="", example="L2507")
    serial: Text = column("Serial number of a single piece.", default="", example="SN-4711")

    def faults(self) -> list[tuple[str, str]]:
        """Amount and unit cost: one of them, or both if they agree. A serial is of one piece."""
        faults = []
        if self.serial and self.quantity != 1:
            faults.append(("quantity", "must be 1 where there is a serial"))
        if self.unit_cost is None:
            if self.amount is None:
                faults.append(("amount", "is required, or else unit_cost"))
            return faults
        counted = cost_of(self.quantity, self.unit_cost, self.currency)
        cost = Decimal(counted).scaleb(-DECIMALS[self.currency])
        if self.amount not in (None, cost):
            rule = "must be quantity times unit_cost, rounded half up, which is"
            faults.append(("amount", f"{rule} {cost}"))
        return faults


def purchase_steps(names: Names, document: Document[PurchaseLine]) -> Iterator[Step]:
    head = document.head
    purchase = pb.Purchase(
        supplier=head.supplier,
        to_place=names.place(head.to_place),
        lines=[_line(names, row) for row in document.rows],
    )
    request = pb.CreatePurchaseRequest(
        parent=names.book, purchase_id=document.number, purchase=purchase,
        occurrence=occurrence_of(document, head.received_on),
    )  # fmt: skip
    on = head.entered_on or head.received_on
    yield Step(on, Rank.PURCHASE, "receive", head.received_by, request)


def _line(names: Names, row: PurchaseLine) -> pb.PurchaseLine:
    cost, amount = row.unit_cost, row.amount
    return pb.PurchaseLine(
        part=names.part(row.part),
        quantity=row.quantity,
        unit_cost=None if cost is None else decimal_message(cost, row.currency),
        amount=None if amount is None else money(amount, row.currency),
        lot=row.lot,
        serial=row.serial,
    )
