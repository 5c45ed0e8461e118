"""ReturnService: defective and unsold parts on their way back."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from domain import values
from domain.errors import InvalidValue
from domain.parts_return import PartsReturn
from domain.use_cases import returning
from partsledger.v1 import return_service_pb2 as pb
from partsledger.v1.return_service_pb2_grpc import ReturnServiceServicer
from server.api.conversions import names, times
from server.api.conversions.returns import DISPOSAL, FINDING, STATE, return_message
from server.api.decoded import Decoded, Decoders, stream_of, streams_of_stock
from server.api.listing import Listing, Within, dealer_asked, states_asked
from server.api.servicer import Servicer

RETURNS: Final = Listing(
    PartsReturn,
    return_message,
)


class ReturnServicer(Servicer, ReturnServiceServicer):
    CreateReturn = ShipReturn = MarkReturnOverdue = Servicer.run
    ReceiveReturn = InspectReturn = DisposeReturn = Servicer.run
    BatchCreateReturns = Servicer.run_batch

    def GetReturn(
        self, request: pb.GetReturnRequest, context: grpc.ServicerContext
    ) -> pb.GetReturnResponse:
        parcel, book, position = self.find(PartsReturn, names.RETURN, request)
        return pb.GetReturnResponse(
            parts_return=return_message(parcel, book), as_of_position=position
        )

    def ListReturns(
        self, request: pb.ListReturnsRequest, context: grpc.ServicerContext
    ) -> pb.ListReturnsResponse:
        book = names.book(request.parent)
        within = Within(dealer_asked(request, book), states_asked(request, STATE))
        page = RETURNS.page(self._reads, context, request, book, within)
        return pb.ListReturnsResponse(
            returns=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_return(request: pb.CreateReturnRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.return_id, "return_id")
    parcel = request.parts_return
    part = names.PART.key(parcel.part, "parts_return.part", book)
    place = names.PLACE.key(parcel.to_place, "parts_return.to_place", book)
    use_case = partial(
        _of_origin(parcel, book),
        number=number,
        occurrence=times.occurrence(request.occurrence),
        part=part,
        quantity=values.quantity(parcel.quantity, "parts_return.quantity"),
        to_place=place,
    )
    return Decoded(
        book, stream_of(PartsReturn, number), use_case, _answer(pb.CreateReturnResponse, book),
        streams_of_stock(place, [part]),
    )  # fmt: skip


def ship_return(request: pb.ShipReturnRequest) -> Decoded:
    return _step(
        request, returning.ship_return, pb.ShipReturnResponse,
        waybill=values.text(request.waybill, "waybill", most=100),
    )  # fmt: skip


def mark_return_overdue(request: pb.MarkReturnOverdueRequest) -> Decoded:
    return _step(request, returning.mark_return_overdue, pb.MarkReturnOverdueResponse)


def receive_return(request: pb.ReceiveReturnRequest) -> Decoded:
    return _step(request, returning.receive_return, pb.ReceiveReturnResponse)


def inspect_return(request: pb.InspectReturnRequest) -> Decoded:
    return _step(
        request, returning.inspect_return, pb.InspectReturnResponse,
        finding=FINDING.value(request.finding, "finding"),
        note=values.text(request.note, "note"),
    )  # fmt: skip


def dispose_return(request: pb.DisposeReturnRequest) -> Decoded:
    book, _ = names.RETURN.parse(request.name, "name")
    return _step(
        request, returning.dispose_return, pb.DisposeReturnResponse,
        disposal=DISPOSAL.value(request.disposal, "disposal"),
        to_place=names.PLACE.optional_key(request.to_place, "to_place", book),
    )  # fmt: skip


def _of_origin(parcel: pb.Return, book: str) -> Callable[..., PartsReturn]:
    """The use case for what the part comes from: a claim replaced it, or a sale sold it."""
    origin = parcel.WhichOneof("origin")
    if origin == "claim":
        if parcel.HasField("due_on"):
            raise InvalidValue("parts_return.due_on", parcel.due_on, "is the claim's to say")
        claim = names.CLAIM.key(parcel.claim, "parts_return.claim", book)
        return partial(returning.request_defective_return, claim=claim)
    if origin == "sale":
        return partial(
            returning.request_good_return,
            sale=names.SALE.key(parcel.sale, "parts_return.sale", book),
            due_on=times.optional_day(parcel.due_on, "parts_return.due_on"),
        )
    raise InvalidValue("parts_return.origin", "", "must be a claim or a sale")


def _step(
    request: Any, use_case: Callable[..., PartsReturn], response: Callable[..., Any], **more: Any
) -> Decoded:
    """What a return that is there goes through; each step happens on a day."""
    book, number = names.RETURN.parse(request.name, "name")
    occurrence = times.occurrence(request.occurrence)
    step = partial(use_case, number=number, occurrence=occurrence, etag=request.etag, **more)
    return Decoded(book, stream_of(PartsReturn, number), step, _answer(response, book))


def _answer(response: Callable[..., Any], book: str) -> Callable[[PartsReturn], Any]:
    return lambda parcel: response(parts_return=return_message(parcel, book))


DECODERS: Final[Decoders] = {
    pb.CreateReturnRequest: create_return,
    pb.ShipReturnRequest: ship_return,
    pb.MarkReturnOverdueRequest: mark_return_overdue,
    pb.ReceiveReturnRequest: receive_return,
    pb.InspectReturnRequest: inspect_return,
    pb.DisposeReturnRequest: dispose_return,
}
