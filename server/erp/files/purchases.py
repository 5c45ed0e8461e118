"""Purchase receipts 采购入库: what a supplier delivered to a warehouse."""

from collections.abc import Iterator

from partsledger.v1 import purchase_service_pb2 as pb
from server.erp.cells import Amount, Code, Currency, Day, Flag, Person, Quantity, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


class PurchaseLine(Line):
    FILE = "purchases.csv"
    NUMBER = ("purchase",)
    PER_LINE = frozenset({"part", "quantity", "unit_cost", "currency", "lot"})
    AMOUNTS = ("unit_cost",)

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
    part: Code = column("Each part once in a document.", example="P-10012")
    quantity: Quantity = column("Pieces.", example="40")
    unit_cost: Amount = column("Cost of one piece, before tax.", example="1240.00")
    currency: Currency = column("The book's currency.", example="CNY")
    lot: Text = column("The supplier's lot.", default="", example="L2507")


def purchase_steps(names: Names, document: Document[PurchaseLine]) -> Iterator[Step]:
    head = document.head
    purchase = pb.Purchase(
        supplier=head.supplier,
        to_place=names.place(head.to_place),
        lines=[
            pb.PurchaseLine(
                part=names.part(row.part),
                quantity=row.quantity,
                unit_cost=money(row.unit_cost, row.currency),
                lot=row.lot,
            )
            for row in document.rows
        ],
    )
    request = pb.CreatePurchaseRequest(
        parent=names.book, purchase_id=document.number, purchase=purchase,
        occurrence=occurrence_of(document, head.received_on),
    )  # fmt: skip
    on = head.entered_on or head.received_on
    yield Step(on, Rank.PURCHASE, "receive", head.received_by, request)
