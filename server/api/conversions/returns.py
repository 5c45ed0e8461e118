"""A return as the API shows it: which part, why it comes back, and its state."""

from typing import Final

from domain.parts_back import Finding
from domain.parts_return import Disposal, PartsReturn
from domain.return_states import ReturnState
from partsledger.v1 import return_service_pb2 as pb
from server.api.conversions import names
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.times import day_message, moment_message

STATE: Final = Choice(ReturnState, pb.ReturnState)
FINDING: Final = Choice(Finding, pb.Finding)
DISPOSAL: Final = Choice(Disposal, pb.Disposal)


def return_message(parcel: PartsReturn, book: ShownBook) -> pb.Return:
    message = pb.Return(
        name=names.PARTS_RETURN.format(book.name, parcel.key),
        etag=str(parcel.version),
        create_time=moment_message(parcel.created_on),
        update_time=moment_message(parcel.modified_on),
        dealer=names.DEALER.format(book.name, parcel.dealer),
        part=names.PART.format(book.name, parcel.part),
        quantity=parcel.quantity,
        to_place=names.PLACE.format(book.name, parcel.to_place),
        due_on=day_message(parcel.due_on),
        state=STATE.number(parcel.state),
        overdue=parcel.overdue,
        received_on=day_message(parcel.received_on),
        finding=FINDING.number(parcel.finding),
        disposal=DISPOSAL.number(parcel.disposal),
        claim_item=parcel.claim_items[0].item if len(parcel.claim_items) == 1 else 0,
        supplier=parcel.supplier,
    )
    if parcel.claim:
        message.claim = names.CLAIM.format(book.name, parcel.claim)
    else:
        message.sale = names.SALE.format(book.name, parcel.sale)
    return message
