"""Payments of dealers 回款; without open items, they clear what is due longest."""

from collections.abc import Iterator

from partsledger.v1 import payment_service_pb2 as pb
from server.erp.cells import Amount, Code, Currency, Day, Flag, Person, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


class PaymentLine(Line):
    FILE = "payments.csv"
    NUMBER = ("payment",)
    PER_LINE = frozenset({"open_item", "allocated"})
    AMOUNTS = ("amount", "allocated")
    TOGETHER = {"open_item": "allocated"}

    payment: Code = column("Number of the payment.", example="PM-250820-001")
    received_on: Day = column("Day the money came.", example="2025-08-20")
    received_by: Person | None = optional("Who booked it.", "finance.cash")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-09-01")
    late: Flag = column("As in purchases.csv.", default=False)
    document: Text = column("The paper: a bank advice.", default="", example="BK-660012")
    dealer: Code = column("Who paid.", example="D01")
    amount: Amount = column("All of the payment.", example="52000.00")
    currency: Currency = column("The dealer's currency.", example="CNY")
    open_item: Text | None = optional("What it pays, one a row.", "sales/SO-250710-003")
    allocated: Amount | None = optional("How much of it.", "4203.60")


def payment_steps(names: Names, document: Document[PaymentLine]) -> Iterator[Step]:
    head = document.head
    amount = money(head.amount, head.currency)
    request = pb.CreatePaymentRequest(
        parent=names.book, payment_id=document.number,
        payment=pb.Payment(dealer=names.dealer(head.dealer), amount=amount),
        occurrence=occurrence_of(document, head.received_on),
        allocations=[
            pb.Allocation(item=row.open_item, amount=money(row.allocated, row.currency))
            for row in document.rows
            if row.open_item and row.allocated is not None
        ],
    )  # fmt: skip
    on = head.entered_on or head.received_on
    yield Step(on, Rank.PAYMENT, "receive", head.received_by, request)
