"""Requests about returns, from the announcement to what became of the part."""

from collections.abc import Callable
from functools import partial
from typing import Final

from domain import values
from domain.errors import InvalidValue
from domain.parts_return import PartsReturn
from domain.parts_sale import PartsSale
from domain.use_cases import returning
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import return_service_pb2 as pb
from server.access.roles import CLAIMS_DESK, Role, roles
from server.api import own
from server.api.conversions import names, times
from server.api.conversions.claims import MOST_ITEMS
from server.api.conversions.returns import DISPOSAL, FINDING
from server.api.decoded import Act, Acts, Decoded, step, stream_of, streams_of_stock


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
    beside = (_origin(parcel, book), *streams_of_stock(place, [part]))
    return Decoded(book, number, use_case, beside)


def ship_return(request: pb.ShipReturnRequest) -> Decoded:
    waybill = values.text(request.waybill, "waybill", most=100)
    return step(request, names.PARTS_RETURN, returning.ship_return, waybill=waybill)


def mark_return_overdue(request: pb.MarkReturnOverdueRequest) -> Decoded:
    return step(request, names.PARTS_RETURN, returning.mark_return_overdue)


def receive_return(request: pb.ReceiveReturnRequest) -> Decoded:
    return step(request, names.PARTS_RETURN, returning.receive_return)


def inspect_return(request: pb.InspectReturnRequest) -> Decoded:
    return step(
        request, names.PARTS_RETURN, returning.inspect_return,
        finding=FINDING.value(request.finding, "finding"),
        note=values.text(request.note, "note"),
    )  # fmt: skip


def dispose_return(request: pb.DisposeReturnRequest) -> Decoded:
    book, _ = names.PARTS_RETURN.parse(request.name, "name")
    return step(
        request, names.PARTS_RETURN, returning.dispose_return,
        disposal=DISPOSAL.value(request.disposal, "disposal"),
        to_place=names.PLACE.optional_key(request.to_place, "to_place", book),
        supplier=values.code(request.supplier, "supplier") if request.supplier else "",
    )  # fmt: skip


def _origin(parcel: pb.Return, book: str) -> str:
    """The stream of the claim or the sale that the part comes from."""
    if parcel.claim:
        return stream_of(WarrantyClaim, names.CLAIM.key(parcel.claim, "parts_return.claim", book))
    return stream_of(PartsSale, names.SALE.key(parcel.sale, "parts_return.sale", book))


def _of_origin(parcel: pb.Return, book: str) -> Callable[..., PartsReturn]:
    """The use case for the origin of the part: a claim or a sale."""
    origin = parcel.WhichOneof("origin")
    if origin == "claim":
        if parcel.HasField("due_on"):
            raise InvalidValue("parts_return.due_on", parcel.due_on, "is the claim's to say")
        claim = names.CLAIM.key(parcel.claim, "parts_return.claim", book)
        item = values.count(parcel.claim_item, "parts_return.claim_item", most=MOST_ITEMS) or None
        return partial(returning.request_defective_return, claim=claim, claim_item=item)
    if origin == "sale":
        if parcel.claim_item:
            raise InvalidValue(
                "parts_return.claim_item", parcel.claim_item, "must be empty of a sale"
            )
        return partial(
            returning.request_good_return,
            sale=names.SALE.key(parcel.sale, "parts_return.sale", book),
            due_on=times.optional_day(parcel.due_on, "parts_return.due_on"),
        )
    raise InvalidValue("parts_return.origin", "", "must be a claim or a sale")


_SENT: Final = roles(Role.CLAIMS_CLERK, Role.DEALER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreateReturnRequest: Act(create_return, _SENT, own.where_found),
    pb.ShipReturnRequest: Act(ship_return, _SENT, own.where_found),
    pb.MarkReturnOverdueRequest: Act(mark_return_overdue, CLAIMS_DESK | roles(Role.ERP)),
    pb.ReceiveReturnRequest: Act(receive_return, roles(Role.STOREKEEPER, Role.ERP)),
    pb.InspectReturnRequest: Act(inspect_return, roles(Role.ADJUDICATOR, Role.ERP)),
    pb.DisposeReturnRequest: Act(dispose_return, roles(Role.STORE_BOOKKEEPER, Role.ERP)),
}
