"""Requests that close and reopen months, and approve single documents in a soft-closed one."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from domain import values
from domain.accounting_period import AccountingPeriod
from domain.use_cases import closing
from partsledger.v1 import period_service_pb2 as pb
from server.api.conversions import names, times
from server.api.decoded import Decoded, Decoders


def soft_close_month(request: pb.SoftCloseMonthRequest) -> Decoded:
    return _of_month(request, closing.soft_close)


def approve_entry(request: pb.ApproveEntryRequest) -> Decoded:
    document = values.text(request.document, "document", required=True, most=100)
    return _of_month(request, closing.approve_entry, document=document)


def request_reopening(request: pb.RequestReopeningRequest) -> Decoded:
    return _of_month(request, closing.request_reopening)


def reopen_month(request: pb.ReopenMonthRequest) -> Decoded:
    return _of_month(request, closing.reopen)


def hard_close_month(request: pb.HardCloseMonthRequest) -> Decoded:
    return _of_month(request, closing.hard_close)


def _of_month(request: Any, use_case: Callable[..., AccountingPeriod], **more: Any) -> Decoded:
    """Decodes a request about one month. The book's calendar may not exist yet."""
    book, calendar = names.PERIOD.parse(request.name, "name")
    month = values.month(request.month, "month")
    occurrence = times.occurrence(request.occurrence)
    return Decoded(book, calendar, partial(use_case, month=month, occurrence=occurrence, **more))


DECODERS: Final[Decoders] = {
    pb.SoftCloseMonthRequest: soft_close_month,
    pb.ApproveEntryRequest: approve_entry,
    pb.RequestReopeningRequest: request_reopening,
    pb.ReopenMonthRequest: reopen_month,
    pb.HardCloseMonthRequest: hard_close_month,
}
