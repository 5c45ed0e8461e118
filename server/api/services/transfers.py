"""TransferService: parts on their way between the maker's places, or into consignment."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from domain import values
from domain.parts_transfer import PartsTransfer
from domain.transfer_lines import Resolution, TransferLine
from domain.use_cases import transferring
from partsledger.v1 import transfer_service_pb2 as pb
from partsledger.v1.transfer_service_pb2_grpc import TransferServiceServicer
from server.api.conversions import lines, names, times
from server.api.conversions.transfers import CAUSE, RESOLUTION, STATE, transfer_message
from server.api.decoded import Decoded, Decoders, stream_of, streams_of_stock
from server.api.listing import Listing, Within, states_asked
from server.api.servicer import Servicer

TRANSFERS: Final = Listing(
    PartsTransfer,
    transfer_message,
)


class TransferServicer(Servicer, TransferServiceServicer):
    CreateTransfer = ApproveTransfer = RejectTransfer = CancelTransfer = Servicer.run
    DispatchTransfer = ReceiveTransfer = CloseTransfer = Servicer.run
    RecordDiscrepancy = ResolveDiscrepancy = Servicer.run
    BatchCreateTransfers = Servicer.run_batch

    def GetTransfer(
        self, request: pb.GetTransferRequest, context: grpc.ServicerContext
    ) -> pb.GetTransferResponse:
        transfer, book, position = self.find(PartsTransfer, names.TRANSFER, request)
        return pb.GetTransferResponse(
            transfer=transfer_message(transfer, book), as_of_position=position
        )

    def ListTransfers(
        self, request: pb.ListTransfersRequest, context: grpc.ServicerContext
    ) -> pb.ListTransfersResponse:
        book = names.book(request.parent)
        within = Within(states=states_asked(request, STATE))
        page = TRANSFERS.page(self._reads, context, request, book, within)
        return pb.ListTransfersResponse(
            transfers=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


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
    parts = [line.part for line in wanted]
    return Decoded(
        book, stream_of(PartsTransfer, number), use_case, _answer(pb.CreateTransferResponse, book),
        # Its steps need the stock at both ends; they mostly come soon, while it is in memory.
        (*streams_of_stock(source, parts), *streams_of_stock(target, parts)),
    )  # fmt: skip


def approve_transfer(request: pb.ApproveTransferRequest) -> Decoded:
    return _step(request, transferring.approve_transfer, pb.ApproveTransferResponse)


def reject_transfer(request: pb.RejectTransferRequest) -> Decoded:
    return _step(
        request, transferring.reject_transfer, pb.RejectTransferResponse,
        because=values.text(request.because, "because", required=True),
    )  # fmt: skip


def cancel_transfer(request: pb.CancelTransferRequest) -> Decoded:
    return _step(
        request, transferring.cancel_transfer, pb.CancelTransferResponse,
        because=values.text(request.because, "because", required=True),
    )  # fmt: skip


def dispatch_transfer(request: pb.DispatchTransferRequest) -> Decoded:
    return _step(
        request, transferring.dispatch_transfer, pb.DispatchTransferResponse,
        occurrence=times.occurrence(request.occurrence), lines=_some_of(request),
    )  # fmt: skip


def receive_transfer(request: pb.ReceiveTransferRequest) -> Decoded:
    return _step(
        request, transferring.receive_transfer, pb.ReceiveTransferResponse,
        occurrence=times.occurrence(request.occurrence), lines=_some_of(request),
    )  # fmt: skip


def record_discrepancy(request: pb.RecordDiscrepancyRequest) -> Decoded:
    part, quantity = _pieces(request)
    return _step(
        request, transferring.record_discrepancy, pb.RecordDiscrepancyResponse,
        occurrence=times.occurrence(request.occurrence),
        cause=CAUSE.value(request.cause, "cause"), part=part, quantity=quantity,
    )  # fmt: skip


def resolve_discrepancy(request: pb.ResolveDiscrepancyRequest) -> Decoded:
    part, quantity = _pieces(request)
    resolution = RESOLUTION.value(request.resolution, "resolution")
    carrier = request.carrier
    if carrier or resolution is Resolution.CARRIER:
        values.code(carrier, "carrier")
    return _step(
        request, transferring.resolve_discrepancy, pb.ResolveDiscrepancyResponse,
        occurrence=times.occurrence(request.occurrence),
        resolution=resolution, part=part, quantity=quantity, carrier=carrier,
    )  # fmt: skip


def close_transfer(request: pb.CloseTransferRequest) -> Decoded:
    return _step(request, transferring.close_transfer, pb.CloseTransferResponse)


def _step(
    request: Any, use_case: Callable[..., PartsTransfer], response: Callable[..., Any], **more: Any
) -> Decoded:
    """What a transfer that is there goes through."""
    book, number = names.TRANSFER.parse(request.name, "name")
    step = partial(use_case, number=number, etag=request.etag, **more)
    return Decoded(book, stream_of(PartsTransfer, number), step, _answer(response, book))


def _pieces(request: Any) -> tuple[str, int]:
    """The pieces a discrepancy is about."""
    book, _ = names.TRANSFER.parse(request.name, "name")
    return lines.pieces(request.line, "line", book)


def _some_of(request: Any) -> tuple[TransferLine, ...]:
    """The lines of a dispatch or receipt; none stands for all."""
    book, _ = names.TRANSFER.parse(request.name, "name")
    lines.require_few(request.lines, "lines")
    return _lines(request.lines, "lines", book)


def _lines(messages: Any, field: str, book: str) -> tuple[TransferLine, ...]:
    read = [lines.pieces(line, f"{field}[{index}]", book) for index, line in enumerate(messages)]
    return tuple(TransferLine(part=part, quantity=quantity) for part, quantity in read)


def _answer(response: Callable[..., Any], book: str) -> Callable[[PartsTransfer], Any]:
    return lambda transfer: response(transfer=transfer_message(transfer, book))


DECODERS: Final[Decoders] = {
    pb.CreateTransferRequest: create_transfer,
    pb.ApproveTransferRequest: approve_transfer,
    pb.RejectTransferRequest: reject_transfer,
    pb.CancelTransferRequest: cancel_transfer,
    pb.DispatchTransferRequest: dispatch_transfer,
    pb.ReceiveTransferRequest: receive_transfer,
    pb.RecordDiscrepancyRequest: record_discrepancy,
    pb.ResolveDiscrepancyRequest: resolve_discrepancy,
    pb.CloseTransferRequest: close_transfer,
}
