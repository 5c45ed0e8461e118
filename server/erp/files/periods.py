"""What was done to the book's months 会计期间, one step a row."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from google.protobuf.message import Message

from partsledger.v1 import period_service_pb2 as pb
from server.erp.cells import Code, Currency, Day, Month, Person, SignedAmount, Text
from server.erp.documents import Document, Reading, read_documents
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence


class PeriodStep(StrEnum):
    SOFT_CLOSE = "soft_close"
    APPROVE_ENTRY = "approve_entry"
    REQUEST_REOPENING = "request_reopening"
    REOPEN = "reopen"
    REQUEST_HARD_CLOSE = "request_hard_close"
    HARD_CLOSE = "hard_close"


class PeriodLine(Line):
    FILE = "periods.csv"
    NUMBER = ("month", "step", "done_on", "document")
    AMOUNTS = ("amount",)
    TOGETHER = {"party": "kind", "amount": "kind"}
    MAY_LACK = frozenset({"kind", "party", "amount", "currency"})

    month: Month = column("The month.", example="2025-07")
    step: PeriodStep = column(
        "Reopening takes two people, and so does closing for good.", example="soft_close"
    )
    done_on: Day = column("Day of the step.", example="2025-08-08")
    done_by: Person | None = optional("Who did it.", "finance.close")
    document: Text = column(
        "The paper that `approve_entry` lets into the month.", default="", example="INV-30400"
    )
    kind: Code | None = optional(
        "The file of its document, without the ending; needed with `approve_entry`.", "sales"
    )
    party: Text | None = optional(
        "Whose accounts it changes: `dealers/…`, `suppliers/…` or `places/…`.", "dealers/D01"
    )
    amount: SignedAmount | None = optional(
        "By how much, tax included: above nought what a dealer owes, or the stock of a place,"
        " becomes more; below nought less.", "1130.00",
    )  # fmt: skip
    currency: Currency | None = optional("Of the party; needed with `amount`.", "CNY")


def read_periods(
    path: Path, kind: type[PeriodLine], reading: Reading
) -> Iterator[Document[PeriodLine]]:
    """The steps, one a row. Approvals of one paper for one month are told apart by their order.

    Other steps are told apart by their day, since a month may go through them again. An approval
    lets an entry in, so a row whose day is corrected must not become one more of them.
    """
    times: Counter[tuple[str, str]] = Counter()
    for document in read_documents(path, kind, reading):
        row = document.head
        if row.step is not PeriodStep.APPROVE_ENTRY:
            yield document
            continue
        times[row.month, row.document] += 1
        which = f"{row.step}-{times[row.month, row.document]}"
        yield replace(document, number=f"{row.month}/{which}/{row.document}")


_REQUESTS: Final[dict[PeriodStep, Callable[..., Message]]] = {
    PeriodStep.SOFT_CLOSE: pb.SoftCloseMonthRequest,
    PeriodStep.APPROVE_ENTRY: pb.ApproveEntryRequest,
    PeriodStep.REQUEST_REOPENING: pb.RequestReopeningRequest,
    PeriodStep.REOPEN: pb.ReopenMonthRequest,
    PeriodStep.REQUEST_HARD_CLOSE: pb.RequestHardCloseRequest,
    PeriodStep.HARD_CLOSE: pb.HardCloseMonthRequest,
}


def period_steps(names: Names, document: Document[PeriodLine]) -> Iterator[Step]:
    row = document.head
    fields: dict[str, Any] = {
        "name": f"{names.book}/period",
        "month": row.month,
        "occurrence": occurrence(row.done_on, "", late=False),
    }
    if row.step is PeriodStep.APPROVE_ENTRY:
        amount = money(row.amount or Decimal(0), row.currency or "")
        fields |= {"document": row.document, "kind": row.kind, "party": row.party, "amount": amount}
    yield Step(row.done_on, Rank.PERIOD, str(row.step), row.done_by, _REQUESTS[row.step](**fields))
