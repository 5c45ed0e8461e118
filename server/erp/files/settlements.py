"""Monthly settlements 结算 with the dealers, one row each, or a row a disputed line.

A dealer confirms the hash of the statement as issued, and disputes a line by its place in it. An
ERP's export knows neither, so both are looked up when the command's turn has come.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Protocol

from partsledger.v1 import settlement_service_pb2 as pb
from partsledger.v1.import_service_pb2 import ImportCommand
from server.erp.cells import Code, Currency, Day, Month, Person, SignedAmount, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Disputed, Rank, Step
from server.erp.wire import Names, money, occurrence


class SettlementLine(Line):
    FILE = "settlements.csv"
    NUMBER = ("dealer", "month")
    PER_LINE = frozenset({
        "disputed_on", "disputed_by", "disputed_document", "dispute_reason", "resolved_on",
        "resolved_by", "memo", "currency", "resolution",
    })  # fmt: skip
    AMOUNTS = ("memo",)
    NEEDS = {"reviewed_on": "issued_on", "disputed_on": "reviewed_on",
             "resolved_on": "disputed_on", "confirmed_on": "reviewed_on",
             "invoiced_on": "confirmed_on", "closed_on": "invoiced_on",
             "sales_invoice": "invoiced_on", "claims_invoice": "invoiced_on"}  # fmt: skip
    TOGETHER = {"disputed_document": "disputed_on", "dispute_reason": "disputed_on",
                "memo": "resolved_on", "resolution": "resolved_on"}  # fmt: skip

    dealer: Code = column("The dealer.", example="D01")
    month: Month = column("The month that is stated.", example="2025-07")
    issued_on: Day = column("Day the statement 对账单 was issued.", example="2025-08-09")
    issued_by: Person | None = optional("Who issued it.", "settlement.issue")
    reviewed_on: Day | None = optional("Day it was reviewed.", "2025-08-10")
    reviewed_by: Person | None = optional("Not who issued it.", "settlement.review")
    disputed_on: Day | None = optional("Day the dealer disputed a line.", "2025-08-11")
    disputed_by: Person | None = optional("Who disputed it.", "d01.office")
    disputed_document: Text | None = optional("The line's document.", "INV-30211")
    dispute_reason: Text | None = optional("Why.", "少发一件")
    resolved_on: Day | None = optional("Day the dispute was resolved.", "2025-08-13")
    resolved_by: Person | None = optional("Not who disputed it.", "settlement.review")
    memo: SignedAmount | None = optional(
        "Tax included: debit memo above nought, credit memo below; 0 when the line stands.",
        "-210.18",
    )
    currency: Currency | None = optional("The dealer's currency; needed with `memo`.", "CNY")
    resolution: Text | None = optional("How it was resolved.", "补开红字发票")
    confirmed_on: Day | None = optional("Day the dealer confirmed it.", "2025-08-14")
    confirmed_by: Person | None = optional("Who confirmed it.", "d01.office")
    invoiced_on: Day | None = optional("Day both invoices were matched.", "2025-08-16")
    invoiced_by: Person | None = optional("Who matched them.", "finance.tax")
    sales_invoice: Text = column(
        "The maker's invoice; needed where there are sales.", default="", example="VAT-25080001"
    )
    claims_invoice: Text = column(
        "The dealer's for its claims; needed where there are any.", default="", example="FP-901233"
    )
    closed_on: Day | None = optional("Day it was netted and closed.", "2025-08-18")
    closed_by: Person | None = optional("Who closed it.", "settlement.issue")


def settlement_steps(names: Names, document: Document[SettlementLine]) -> Iterator[Step]:
    head = document.head
    dealer = names.dealer(head.dealer)
    name = f"{dealer}/settlements/{head.month}"
    paper = f"{head.dealer}-{head.month}"
    issued = occurrence(head.issued_on, paper, late=False)
    issue = pb.IssueStatementRequest(parent=dealer, month=head.month, occurrence=issued)
    yield Step(head.issued_on, Rank.SETTLEMENT, "issue", head.issued_by, issue)
    if head.reviewed_on:
        reviewed = occurrence(head.reviewed_on, paper, late=False)
        review = pb.ReviewStatementRequest(name=name, occurrence=reviewed)
        yield Step(head.reviewed_on, Rank.SETTLEMENT, "review", head.reviewed_by, review)
    yield from sorted(_disputes(name, document), key=lambda step: step.on)
    if head.confirmed_on:
        confirmed = occurrence(head.confirmed_on, paper, late=False)
        confirm = pb.ConfirmStatementRequest(name=name, occurrence=confirmed)
        yield Step(head.confirmed_on, Rank.SETTLEMENT, "confirm", head.confirmed_by, confirm)
    if head.invoiced_on:
        invoice = pb.InvoiceSettlementRequest(
            name=name, occurrence=occurrence(head.invoiced_on, paper, late=False),
            sales_invoice=head.sales_invoice, claims_invoice=head.claims_invoice,
        )  # fmt: skip
        yield Step(head.invoiced_on, Rank.SETTLEMENT, "invoice", head.invoiced_by, invoice)
    if head.closed_on:
        closed = occurrence(head.closed_on, paper, late=False)
        close = pb.CloseSettlementRequest(name=name, occurrence=closed)
        yield Step(head.closed_on, Rank.SETTLEMENT, "close", head.closed_by, close)


def _disputes(name: str, document: Document[SettlementLine]) -> Iterator[Step]:
    """Of each disputed row; rows that name the same paper mean its lines one after another."""
    times: Counter[str] = Counter()
    for line, row in document.by_line():
        if row.disputed_on:
            paper = row.disputed_document or ""
            times[paper] += 1
            yield from _dispute(name, row, line, row.disputed_on, Disputed(paper, times[paper]))


def _dispute(
    name: str, row: SettlementLine, line: int, on: date, disputed: Disputed
) -> Iterator[Step]:
    paper, place = disputed
    which = f"/{paper}" if place == 1 else f"-{place}/{paper}"
    happened = occurrence(on, paper, late=False)
    dispute = pb.DisputeLineRequest(
        name=name, occurrence=happened, because=row.dispute_reason or ""
    )
    yield Step(on, Rank.SETTLEMENT, f"dispute{which}", row.disputed_by, dispute, line, disputed)
    if row.resolved_on:
        resolve = pb.ResolveDisputeRequest(
            name=name, occurrence=occurrence(row.resolved_on, paper, late=False),
            memo=money(row.memo or Decimal(0), row.currency or ""), because=row.resolution or "",
        )  # fmt: skip
        yield Step(row.resolved_on, Rank.SETTLEMENT, f"resolve{which}", row.resolved_by, resolve,
                   line, disputed)  # fmt: skip


class IssuedStatements(Protocol):
    """What the ledger says of a settlement `books/{book}/dealers/{dealer}/settlements/{month}`."""

    def content_hash(self, settlement: str) -> str: ...

    def line_version(self, settlement: str, disputed: Disputed) -> int:
        """The version of the line; of the last with its document if there are fewer, 0 if none."""


def needs_statement(command: ImportCommand) -> bool:
    """Whether the command says something that only the statement as issued can tell."""
    kind = command.WhichOneof("command")
    return kind in ("confirm_statement", "dispute_line", "resolve_dispute")


def complete(command: ImportCommand, disputed: Disputed, statements: IssuedStatements) -> None:
    """Fills in what the statement as issued says: its hash, or the version of a line."""
    if command.HasField("confirm_statement"):
        confirm = command.confirm_statement
        confirm.content_hash = statements.content_hash(confirm.name)
    elif command.HasField("dispute_line"):
        dispute = command.dispute_line
        dispute.line_version = statements.line_version(dispute.name, disputed)
    else:
        resolve = command.resolve_dispute
        resolve.line_version = statements.line_version(resolve.name, disputed)
