"""Suppliers 供应商, and what was agreed with them."""

from collections.abc import Iterator

from partsledger.v1 import supplier_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import Code, Count, Currency, Day, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, holds_from
from server.erp.steps import Step, register
from server.erp.wire import Names


class SupplierLine(Line):
    FILE = "suppliers.csv"
    NUMBER = ("supplier",)
    MAY_LACK = frozenset({"effective_from"})

    supplier: Code = column("Number of the supplier.", example="S03")
    title: Text = column("Name of the company.", example="长沙液压件有限公司")
    currency: Currency = column("The book's currency.", example="CNY")
    tax_number: Text = column("Tax number.", default="", example="91430100MA4L00003X")
    payment_days: Count = column("Days from its invoice until it is paid.", example="60")
    effective_from: Day | None = holds_from()


def supplier_steps(names: Names, document: Document[SupplierLine]) -> Iterator[Step]:
    row = document.head
    supplier = pb.Supplier(
        title=row.title,
        currency=row.currency,
        tax_number=row.tax_number,
        payment_days=row.payment_days,
    )
    if row.effective_from is None:
        create = pb.CreateSupplierRequest(
            parent=names.book, supplier_id=row.supplier, supplier=supplier
        )
        yield register(create)
        return
    supplier.name = names.of("suppliers", row.supplier)
    first_day = day_message(row.effective_from)
    revise = pb.ReviseSupplierRequest(
        supplier=supplier, effective_from=first_day, allow_missing=True
    )
    yield register(revise, row.effective_from)
