"""SettlementService: a dealer's month, from the statement to its closing."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from domain import values
from domain.dealer_settlement import DealerSettlement, settlement_key
from domain.use_cases import settling
from partsledger.v1 import settlement_service_pb2 as pb
from partsledger.v1.settlement_service_pb2_grpc import SettlementServiceServicer
from server.api.conversions import money, names, times
from server.api.conversions.closing import SETTLEMENT_STATE, settlement_message
from server.api.currencies import in_currency_of
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing, Within, states_asked
from server.api.servicer import Servicer

_STANDS: Final = money.Amount(0, "")  # No memo: the disputed line stands.


SETTLEMENTS: Final = Listing(
    DealerSettlement,
    settlement_message,
)


class SettlementServicer(Servicer, SettlementServiceServicer):
    IssueStatement = ReviewStatement = ConfirmStatement = Servicer.run
    DisputeLine = ResolveDispute = InvoiceSettlement = CloseSettlement = Servicer.run

    def GetSettlement(
        self, request: pb.GetSettlementRequest, context: grpc.ServicerContext
    ) -> pb.GetSettlementResponse:
        settlement, book, position = self.find(DealerSettlement, names.SETTLEMENT, request)
        return pb.GetSettlementResponse(
            settlement=settlement_message(settlement, book), as_of_position=position
        )

    def ListSettlements(
        self, request: pb.ListSettlementsRequest, context: grpc.ServicerContext
    ) -> pb.ListSettlementsResponse:
        book, dealer = names.DEALER.parse_or_all(request.parent, "parent")
        within = Within(
            states=states_asked(request, SETTLEMENT_STATE),
            collection=dealer,
            last_part=values.month(request.month, "month") if request.month else "",
        )
        page = SETTLEMENTS.page(self._reads, context, request, book, within)
        return pb.ListSettlementsResponse(
            settlements=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def issue_statement(request: pb.IssueStatementRequest) -> Decoded:
    book, dealer = names.DEALER.parse(request.parent, "parent")
    month = values.month(request.month, "month")
    use_case = partial(settling.issue_statement, dealer=dealer, month=month)
    stream = stream_of(DealerSettlement, settlement_key(dealer, month))
    return Decoded(book, stream, use_case, _answer(pb.IssueStatementResponse, book))


def review_statement(request: pb.ReviewStatementRequest) -> Decoded:
    return _step(request, settling.review_statement, pb.ReviewStatementResponse)


def dispute_line(request: pb.DisputeLineRequest) -> Decoded:
    return _step(
        request, settling.dispute_line, pb.DisputeLineResponse,
        line_version=request.line_version,
        because=values.text(request.because, "because", required=True),
    )  # fmt: skip


def resolve_dispute(request: pb.ResolveDisputeRequest) -> Decoded:
    memo = money.amount(request.memo, "memo") if request.HasField("memo") else _STANDS
    decoded = _step(
        request, settling.resolve_dispute, pb.ResolveDisputeResponse,
        occurrence=times.occurrence(request.occurrence),
        line_version=request.line_version, memo_minor=memo.minor,
        because=values.text(request.because, "because", required=True),
    )  # fmt: skip
    _, number = names.SETTLEMENT.parse(request.name, "name")
    use_case = in_currency_of(
        DealerSettlement, number, memo.currency, decoded.use_case, request.etag
    )
    return decoded._replace(use_case=use_case)


def confirm_statement(request: pb.ConfirmStatementRequest) -> Decoded:
    return _step(
        request, settling.confirm_statement, pb.ConfirmStatementResponse,
        content_hash=values.text(request.content_hash, "content_hash", required=True, most=64),
    )  # fmt: skip


def invoice_settlement(request: pb.InvoiceSettlementRequest) -> Decoded:
    return _step(
        request, settling.invoice_settlement, pb.InvoiceSettlementResponse,
        occurrence=times.occurrence(request.occurrence),
        sales_invoice=values.text(request.sales_invoice, "sales_invoice", most=100),
        claims_invoice=values.text(request.claims_invoice, "claims_invoice", most=100),
    )  # fmt: skip


def close_settlement(request: pb.CloseSettlementRequest) -> Decoded:
    return _step(
        request, settling.close_settlement, pb.CloseSettlementResponse,
        occurrence=times.occurrence(request.occurrence),
    )  # fmt: skip


def _step(
    request: Any,
    use_case: Callable[..., DealerSettlement],
    response: Callable[..., Any],
    **more: Any,
) -> Decoded:
    """What a settlement that is there goes through."""
    book, number = names.SETTLEMENT.parse(request.name, "name")
    step = partial(use_case, number=number, etag=request.etag, **more)
    return Decoded(book, stream_of(DealerSettlement, number), step, _answer(response, book))


def _answer(response: Callable[..., Any], book: str) -> Callable[[DealerSettlement], Any]:
    return lambda settlement: response(settlement=settlement_message(settlement, book))


DECODERS: Final[Decoders] = {
    pb.IssueStatementRequest: issue_statement,
    pb.ReviewStatementRequest: review_statement,
    pb.DisputeLineRequest: dispute_line,
    pb.ResolveDisputeRequest: resolve_dispute,
    pb.ConfirmStatementRequest: confirm_statement,
    pb.InvoiceSettlementRequest: invoice_settlement,
    pb.CloseSettlementRequest: close_settlement,
}
