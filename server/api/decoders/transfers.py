"""Requests about transfers between the maker's places, and into consignment stock."""

from functools import partial
from typing import Any, Final

from domain import values
from domain.transfer_lines import Resolution, TransferLine
from domain.use_cases import transferring
from partsledger.v1 import transfer_service_pb2 as pb
from server.access.roles import STORE, Role, roles
from server.api.conversions import lines, names, times
from server.api.conversions.transfers import CAUSE, RESOLUTION
from server.api.decoded import Act, Acts, Decoded, step, streams_of_stock


def create_transfer(request: pb.CreateTransferRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.transfer_id, "transfer_id")
    transfer = request.transfer
    lines.require_some(transfer.lines, "transfer.lines")
    source = names.PLACE.key(transfer.from_place, "transfer.from_place", book)
    target = names.PLACE.key(transfer.to_place, "transfer.to_place", book)
    wanted = _lines(transfer.lines, "transfer.lines", book)
    use_case = partial(
        transferring.request_transfer,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        from_place=source,
        to_place=target,
        lines=wanted,
    )
    # Later steps need the stock at both places. They mostly come while it is still in memory.
    parts = [line.part for line in wanted]
    beside = (*streams_of_stock(source, parts), *streams_of_stock(target, parts))
    return Decoded(book, number, use_case, beside)


def approve_transfer(request: pb.ApproveTransferRequest) -> Decoded:
    return step(request, names.TRANSFER, transferring.approve_transfer)


def reject_transfer(request: pb.RejectTransferRequest) -> Decoded:
    because = values.text(request.because, "because", required=True)
    return step(request, names.TRANSFER, transferring.reject_transfer, because=because)


def cancel_transfer(request: pb.CancelTransferRequest) -> Decoded:
    because = values.text(request.because, "because", required=True)
    return step(request, names.TRANSFER, transferring.cancel_transfer, because=because)


def dispatch_transfer(request: pb.DispatchTransferRequest) -> Decoded:
    return step(request, names.TRANSFER, transferring.dispatch_transfer, lines=_some_of(request))


def receive_transfer(request: pb.ReceiveTransferRequest) -> Decoded:
    return step(request, names.TRANSFER, transferring.receive_transfer, lines=_some_of(request))


def record_discrepancy(request: pb.RecordDiscrepancyRequest) -> Decoded:
    part, quantity = _pieces(request)
    return step(
        request, names.TRANSFER, transferring.record_discrepancy,
        cause=CAUSE.value(request.cause, "cause"), part=part, quantity=quantity,
    )  # fmt: skip


def resolve_discrepancy(request: pb.ResolveDiscrepancyRequest) -> Decoded:
    part, quantity = _pieces(request)
    resolution = RESOLUTION.value(request.resolution, "resolution")
    carrier = request.carrier
    if carrier or resolution is Resolution.CARRIER:
        values.code(carrier, "carrier")
    return step(
        request, names.TRANSFER, transferring.resolve_discrepancy,
        resolution=resolution, part=part, quantity=quantity, carrier=carrier,
    )  # fmt: skip


def close_transfer(request: pb.CloseTransferRequest) -> Decoded:
    return step(request, names.TRANSFER, transferring.close_transfer)


def _pieces(request: Any) -> tuple[str, int]:
    """Part and quantity of a discrepancy."""
    book, _ = names.TRANSFER.parse(request.name, "name")
    return lines.pieces(request.line, "line", book)


def _some_of(request: Any) -> tuple[TransferLine, ...]:
    """The lines of a dispatch or receipt; empty means all there is."""
    book, _ = names.TRANSFER.parse(request.name, "name")
    lines.require_few(request.lines, "lines")
    return _lines(request.lines, "lines", book)


def _lines(messages: Any, field: str, book: str) -> tuple[TransferLine, ...]:
    read = [lines.pieces(line, f"{field}[{index}]", book) for index, line in enumerate(messages)]
    return tuple(TransferLine(part=part, quantity=quantity) for part, quantity in read)


# Who keeps the store moves the parts; another person, who keeps its books, agrees and writes off.
_MOVED: Final = roles(Role.STOREKEEPER, Role.ERP)
_BOOKED: Final = roles(Role.STORE_BOOKKEEPER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreateTransferRequest: Act(create_transfer, STORE | roles(Role.ERP)),
    pb.ApproveTransferRequest: Act(approve_transfer, _BOOKED),
    pb.RejectTransferRequest: Act(reject_transfer, _BOOKED),
    pb.CancelTransferRequest: Act(cancel_transfer, STORE | roles(Role.ERP)),
    pb.DispatchTransferRequest: Act(dispatch_transfer, _MOVED),
    pb.ReceiveTransferRequest: Act(receive_transfer, _MOVED),
    pb.RecordDiscrepancyRequest: Act(record_discrepancy, _MOVED),
    pb.ResolveDiscrepancyRequest: Act(resolve_discrepancy, _BOOKED),
    pb.CloseTransferRequest: Act(close_transfer, _BOOKED),
}
