"""Requests about monthly settlements, from statement to closing."""

from functools import partial
from typing import Final

from domain import values
from domain.dealer_settlement import DealerSettlement, settlement_key
from domain.use_cases import settling
from partsledger.v1 import settlement_service_pb2 as pb
from server.access.roles import Role, roles
from server.api import own
from server.api.conversions import money, names, times
from server.api.decoded import Act, Acts, Decoded, step
from server.api.decoders.currencies import in_currency_of

_STANDS: Final = money.Amount(0, "")  # No memo: the disputed line stands.


def issue_statement(request: pb.IssueStatementRequest) -> Decoded:
    book, dealer = names.DEALER.parse(request.parent, "parent")
    month = values.month(request.month, "month")
    occurrence = times.occurrence(request.occurrence)
    use_case = partial(settling.issue_statement, dealer=dealer, month=month, occurrence=occurrence)
    return Decoded(book, settlement_key(dealer, month), use_case)


def review_statement(request: pb.ReviewStatementRequest) -> Decoded:
    return step(request, names.SETTLEMENT, settling.review_statement)


def dispute_line(request: pb.DisputeLineRequest) -> Decoded:
    return step(
        request, names.SETTLEMENT, settling.dispute_line,
        line_version=request.line_version,
        because=values.text(request.because, "because", required=True),
    )  # fmt: skip


def resolve_dispute(request: pb.ResolveDisputeRequest) -> Decoded:
    memo = money.amount(request.memo, "memo") if request.HasField("memo") else _STANDS
    decoded = step(
        request, names.SETTLEMENT, settling.resolve_dispute,
        line_version=request.line_version, memo_minor=memo.minor,
        because=values.text(request.because, "because", required=True),
    )  # fmt: skip
    use_case = in_currency_of(DealerSettlement, decoded.key, memo.currency, decoded.use_case)
    return decoded._replace(use_case=use_case)


def confirm_statement(request: pb.ConfirmStatementRequest) -> Decoded:
    content_hash = values.text(request.content_hash, "content_hash", required=True, most=64)
    return step(request, names.SETTLEMENT, settling.confirm_statement, content_hash=content_hash)


def invoice_settlement(request: pb.InvoiceSettlementRequest) -> Decoded:
    return step(
        request, names.SETTLEMENT, settling.invoice_settlement,
        sales_invoice=values.text(request.sales_invoice, "sales_invoice", most=100),
        claims_invoice=values.text(request.claims_invoice, "claims_invoice", most=100),
    )  # fmt: skip


def close_settlement(request: pb.CloseSettlementRequest) -> Decoded:
    return step(request, names.SETTLEMENT, settling.close_settlement)


_SETTLED: Final = roles(Role.FINANCE, Role.ERP)
_ANSWERED: Final = roles(Role.DEALER, Role.FINANCE, Role.ERP)

ACTS: Final[Acts] = {
    pb.IssueStatementRequest: Act(issue_statement, _SETTLED),
    pb.ReviewStatementRequest: Act(review_statement, _SETTLED),
    pb.DisputeLineRequest: Act(dispute_line, _ANSWERED, own.in_name(names.SETTLEMENT)),
    pb.ResolveDisputeRequest: Act(resolve_dispute, roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)),
    pb.ConfirmStatementRequest: Act(confirm_statement, _ANSWERED, own.in_name(names.SETTLEMENT)),
    pb.InvoiceSettlementRequest: Act(invoice_settlement, _SETTLED),
    pb.CloseSettlementRequest: Act(close_settlement, _SETTLED),
}
