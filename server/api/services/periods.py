"""PeriodService: which months may still be written to."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from domain import values
from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.use_cases import closing
from partsledger.v1 import period_service_pb2 as pb
from partsledger.v1.period_service_pb2_grpc import PeriodServiceServicer
from server.api.conversions import names
from server.api.conversions.closing import period_message
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.servicer import Servicer


class PeriodServicer(Servicer, PeriodServiceServicer):
    SoftCloseMonth = HardCloseMonth = ApproveEntry = Servicer.run
    RequestReopening = ReopenMonth = Servicer.run

    def GetPeriod(
        self, request: pb.GetPeriodRequest, context: grpc.ServicerContext
    ) -> pb.GetPeriodResponse:
        calendar, book, position = self.find(AccountingPeriod, names.PERIOD, request, key=CALENDAR)
        return pb.GetPeriodResponse(period=period_message(calendar, book), as_of_position=position)


def soft_close_month(request: pb.SoftCloseMonthRequest) -> Decoded:
    return _step(request, closing.soft_close, pb.SoftCloseMonthResponse)


def approve_entry(request: pb.ApproveEntryRequest) -> Decoded:
    return _step(
        request, closing.approve_entry, pb.ApproveEntryResponse,
        document=values.text(request.document, "document", required=True, most=100),
    )  # fmt: skip


def request_reopening(request: pb.RequestReopeningRequest) -> Decoded:
    return _step(request, closing.request_reopening, pb.RequestReopeningResponse)


def reopen_month(request: pb.ReopenMonthRequest) -> Decoded:
    return _step(request, closing.reopen, pb.ReopenMonthResponse)


def hard_close_month(request: pb.HardCloseMonthRequest) -> Decoded:
    return _step(request, closing.hard_close, pb.HardCloseMonthResponse)


def _step(
    request: Any,
    use_case: Callable[..., AccountingPeriod],
    response: Callable[..., Any],
    **more: Any,
) -> Decoded:
    """What happens to a month of the book's one calendar."""
    book, _ = names.PERIOD.parse(request.name, "name")
    return Decoded(
        book, stream_of(AccountingPeriod, CALENDAR),
        partial(use_case, month=values.month(request.month, "month"), **more),
        lambda calendar: response(period=period_message(calendar, book)),
    )  # fmt: skip


DECODERS: Final[Decoders] = {
    pb.SoftCloseMonthRequest: soft_close_month,
    pb.ApproveEntryRequest: approve_entry,
    pb.RequestReopeningRequest: request_reopening,
    pb.ReopenMonthRequest: reopen_month,
    pb.HardCloseMonthRequest: hard_close_month,
}
