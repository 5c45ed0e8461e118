"""Requests that close and reopen months, and approve single documents in a soft-closed one."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from domain import values
from domain.accounting_period import AccountingPeriod
from domain.approvals import ApprovedEntry
from domain.errors import InvalidValue
from domain.use_cases import closing
from partsledger.v1 import period_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import money, names, times
from server.api.decoded import Act, Acts, Decoded

_PARTIES: Final = ("dealers", "suppliers", "places")


def soft_close_month(request: pb.SoftCloseMonthRequest) -> Decoded:
    return _of_month(request, closing.soft_close)


def approve_entry(request: pb.ApproveEntryRequest) -> Decoded:
    book, calendar = names.PERIOD.parse(request.name, "name")
    month = values.month(request.month, "month")
    document = values.text(request.document, "document", required=True, most=100)
    kind, party = values.code(request.kind, "kind"), _party(request.party)
    entry = ApprovedEntry(month, document, kind, party, *money.amount(request.amount, "amount"))
    occurrence = times.occurrence(request.occurrence)
    use_case = partial(closing.approve_entry, occurrence=occurrence, entry=entry)
    return Decoded(book, calendar, use_case)


def request_reopening(request: pb.RequestReopeningRequest) -> Decoded:
    return _of_month(request, closing.request_reopening)


def reopen_month(request: pb.ReopenMonthRequest) -> Decoded:
    return _of_month(request, closing.reopen)


def request_hard_close(request: pb.RequestHardCloseRequest) -> Decoded:
    return _of_month(request, closing.request_hard_close)


def hard_close_month(request: pb.HardCloseMonthRequest) -> Decoded:
    decoded = _of_month(request, closing.hard_close)
    return decoded._replace(proves=request.month)


def _party(value: str) -> str:
    """As postings name it: `dealers/D01`."""
    kind, _, number = value.partition("/")
    if kind not in _PARTIES:
        rule = f"must be {', '.join(f'{kind}/…' for kind in _PARTIES)}, with a number behind"
        raise InvalidValue("party", value, rule)
    return f"{kind}/{values.code(number, 'party')}"


def _of_month(request: Any, use_case: Callable[..., AccountingPeriod]) -> Decoded:
    """Decodes a request about one month. The book's calendar may not exist yet."""
    book, calendar = names.PERIOD.parse(request.name, "name")
    month = values.month(request.month, "month")
    occurrence = times.occurrence(request.occurrence)
    return Decoded(book, calendar, partial(use_case, month=month, occurrence=occurrence))


_CLOSED: Final = roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.SoftCloseMonthRequest: Act(soft_close_month, _CLOSED),
    pb.ApproveEntryRequest: Act(approve_entry, roles(Role.CONTROLLER, Role.ERP)),
    pb.RequestReopeningRequest: Act(request_reopening, _CLOSED),
    pb.ReopenMonthRequest: Act(reopen_month, roles(Role.CONTROLLER, Role.ERP)),
    pb.RequestHardCloseRequest: Act(request_hard_close, _CLOSED),
    pb.HardCloseMonthRequest: Act(hard_close_month, roles(Role.CONTROLLER, Role.ERP)),
}
