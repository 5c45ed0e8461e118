"""Settlements and periods as commands: what closes a month, dealer by dealer and for the book.

A dealer confirms the hash of the statement as issued, and disputes a line by its place in it. An
ERP's export knows neither, so both are looked up when the command's turn has come.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from google.protobuf.message import Message

from partsledger.v1 import period_service_pb2, settlement_service_pb2
from partsledger.v1.import_service_pb2 import ImportCommand
from server.erp.documents import Document
from server.erp.flow_files import PeriodLine, PeriodStep, SettlementLine
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence


class IssuedStatements(Protocol):
    """What the ledger says of a settlement `books/{book}/dealers/{dealer}/settlements/{month}`."""

    def content_hash(self, settlement: str) -> str: ...

    def line_version(self, settlement: str, document: str) -> int:
        """The version of the statement's first line with this document; 0 where it has none."""


def settlement_steps(names: Names, document: Document[SettlementLine]) -> Iterator[Step]:
    head = document.head
    dealer = names.dealer(head.dealer)
    name = f"{dealer}/settlements/{head.month}"
    issue = settlement_service_pb2.IssueStatementRequest(parent=dealer, month=head.month)
    yield _step(head.issued_on, "issue", head.issued_by, issue)
    if head.reviewed_on:
        review = settlement_service_pb2.ReviewStatementRequest(name=name)
        yield _step(head.reviewed_on, "review", head.reviewed_by, review)
    disputes = [step for line, row in document.by_line() for step in _dispute(name, row, line)]
    yield from sorted(disputes, key=lambda step: step.on)
    if head.confirmed_on:
        confirm = settlement_service_pb2.ConfirmStatementRequest(name=name)
        yield _step(head.confirmed_on, "confirm", head.confirmed_by, confirm)
    if head.invoiced_on:
        invoice = settlement_service_pb2.InvoiceSettlementRequest(
            name=name,
            occurrence=occurrence(head.invoiced_on, f"{head.dealer}-{head.month}", late=False),
            sales_invoice=head.sales_invoice,
            claims_invoice=head.claims_invoice,
        )
        yield _step(head.invoiced_on, "invoice", head.invoiced_by, invoice)
    if head.closed_on:
        close = settlement_service_pb2.CloseSettlementRequest(
            name=name,
            occurrence=occurrence(head.closed_on, f"{head.dealer}-{head.month}", late=False),
        )
        yield _step(head.closed_on, "close", head.closed_by, close)


def period_steps(names: Names, document: Document[PeriodLine]) -> Iterator[Step]:
    row = document.head
    fields: dict[str, Any] = {"name": f"{names.book}/period", "month": row.month}
    if row.step is PeriodStep.APPROVE_ENTRY:
        fields["document"] = row.document
    request = _PERIOD_REQUESTS[row.step](**fields)
    yield Step(row.done_on, Rank.PERIOD, str(row.step), row.done_by, request)


_PERIOD_REQUESTS: Final[dict[PeriodStep, Callable[..., Message]]] = {
    PeriodStep.SOFT_CLOSE: period_service_pb2.SoftCloseMonthRequest,
    PeriodStep.APPROVE_ENTRY: period_service_pb2.ApproveEntryRequest,
    PeriodStep.REQUEST_REOPENING: period_service_pb2.RequestReopeningRequest,
    PeriodStep.REOPEN: period_service_pb2.ReopenMonthRequest,
    PeriodStep.HARD_CLOSE: period_service_pb2.HardCloseMonthRequest,
}


def needs_statement(command: ImportCommand) -> bool:
    """Whether the command says something that only the statement as issued can tell."""
    kind = command.WhichOneof("command")
    return kind in ("confirm_statement", "dispute_line", "resolve_dispute")


def complete(command: ImportCommand, disputed: str, statements: IssuedStatements) -> None:
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


def _dispute(name: str, row: SettlementLine, line: int) -> Iterator[Step]:
    if row.disputed_on is None:
        return
    paper = row.disputed_document or ""
    dispute = settlement_service_pb2.DisputeLineRequest(name=name, because=row.dispute_reason or "")
    yield Step(row.disputed_on, Rank.SETTLEMENT, f"dispute/{paper}", row.disputed_by, dispute,
               line, paper)  # fmt: skip
    if row.resolved_on:
        resolve = settlement_service_pb2.ResolveDisputeRequest(
            name=name, occurrence=occurrence(row.resolved_on, paper, late=False),
            memo=money(row.memo or Decimal(0), row.currency or ""), because=row.resolution or "",
        )  # fmt: skip
        yield Step(row.resolved_on, Rank.SETTLEMENT, f"resolve/{paper}", row.resolved_by, resolve,
                   line, paper)  # fmt: skip


def _step(on: date, step: str, by: str | None, request: Message) -> Step:
    return Step(on, Rank.SETTLEMENT, step, by, request)
