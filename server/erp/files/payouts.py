"""Money paid out to dealers 付款; without open items, it pays the oldest credits."""

from collections.abc import Iterator

from partsledger.v1 import payment_service_pb2, payout_service_pb2
from server.erp.cells import Amount, Code, Currency, Day, Flag, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


class PayoutLine(Line):
    FILE = "payouts.csv"
    NUMBER = ("payout",)
    PER_LINE = frozenset({"open_item", "allocated"})
    AMOUNTS = ("amount", "allocated")
    TOGETHER = {"open_item": "allocated"}

    payout: Code = column("Number of the payout.", example="PO-250905-001")
    paid_on: Day = column("Day the money left.", example="2025-09-05")
    paid_by: Code | None = optional("Who booked it.", "finance.cash")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-09-08")
    late: Flag = column("As in purchases.csv.", default=False)
    document: Text = column("The paper: a bank advice.", default="", example="BK-660044")
    dealer: Code = column("Who is paid.", example="D01")
    amount: Amount = column("All of the payout.", example="1200.00")
    currency: Currency = column("The dealer's currency.", example="CNY")
    open_item: Text | None = optional("The credit it pays, one a row.", "claims/CL-250712-001")
    allocated: Amount | None = optional("How much of it.", "1200.00")


def payout_steps(names: Names, document: Document[PayoutLine]) -> Iterator[Step]:
    head = document.head
    amount = money(head.amount, head.currency)
    request = payout_service_pb2.CreatePayoutRequest(
        parent=names.book, payout_id=document.number,
        payout=payout_service_pb2.Payout(dealer=names.dealer(head.dealer), amount=amount),
        occurrence=occurrence_of(document, head.paid_on),
        allocations=[
            payment_service_pb2.Allocation(
                item=row.open_item, amount=money(row.allocated, row.currency)
            )
            for row in document.rows
            if row.open_item and row.allocated is not None
        ],
    )  # fmt: skip
    on = head.entered_on or head.paid_on
    yield Step(on, Rank.PAYMENT, "pay", head.paid_by, request)
