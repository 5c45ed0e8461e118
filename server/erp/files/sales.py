"""Sales to dealers 配件销售, at the price list's price."""

from collections.abc import Iterator

from partsledger.v1 import sale_service_pb2 as pb
from server.erp.cells import Code, Day, Flag, PartNumber, Person, Quantity, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, occurrence_of


class SaleLine(Line):
    FILE = "sales.csv"
    NUMBER = ("sale",)
    PER_LINE = frozenset({"part", "quantity"})

    sale: Code = column("Number of the sale.", example="SO-250710-003")
    sold_on: Day = column(
        "Day of the sale; it decides the price and the VAT rate.", example="2025-07-10"
    )
    sold_by: Person | None = optional("Who sold it.", "w01.sales")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-08-02")
    late: Flag = column("As in purchases.csv.", default=False)
    document: Text = column("The paper: an invoice.", default="", example="INV-30211")
    dealer: Code = column("Who bought the parts.", example="D01")
    from_place: Code = column("A warehouse, or the dealer's own consignment stock.", example="W01")
    part: PartNumber = column("Each part once in a document.", example="P-10012")
    quantity: Quantity = column("Pieces.", example="2")


def sale_steps(names: Names, document: Document[SaleLine]) -> Iterator[Step]:
    head = document.head
    sale = pb.Sale(
        dealer=names.dealer(head.dealer),
        from_place=names.place(head.from_place),
        lines=[
            pb.SaleLine(part=names.part(row.part), quantity=row.quantity) for row in document.rows
        ],
    )
    request = pb.CreateSaleRequest(
        parent=names.book, sale_id=document.number, sale=sale,
        occurrence=occurrence_of(document, head.sold_on),
    )  # fmt: skip
    yield Step(head.entered_on or head.sold_on, Rank.SALE, "sell", head.sold_by, request)
