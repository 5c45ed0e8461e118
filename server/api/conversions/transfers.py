"""A transfer as the API shows it: where each of its pieces is."""

from typing import Final

from domain.layers import quantity_of
from domain.parts_transfer import PartsTransfer
from domain.transfer_lines import DiscrepancyCause, Resolution
from domain.transfer_states import TransferState
from partsledger.v1 import transfer_service_pb2 as pb
from server.api.conversions import names
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.times import moment_message

STATE: Final = Choice(TransferState, pb.TransferState)
CAUSE: Final = Choice(DiscrepancyCause, pb.DiscrepancyCause)
RESOLUTION: Final = Choice(Resolution, pb.Resolution)


def transfer_message(transfer: PartsTransfer, book: ShownBook) -> pb.Transfer:
    return pb.Transfer(
        name=names.TRANSFER.format(book.name, transfer.key),
        etag=str(transfer.version),
        create_time=moment_message(transfer.created_on),
        update_time=moment_message(transfer.modified_on),
        from_place=names.PLACE.format(book.name, transfer.from_place),
        to_place=names.PLACE.format(book.name, transfer.to_place),
        lines=[_line(transfer, part, book) for part in transfer.requested],
        state=STATE.number(transfer.state),
    )


def _line(transfer: PartsTransfer, part: str, book: ShownBook) -> pb.TransferLine:
    return pb.TransferLine(
        part=names.PART.format(book.name, part),
        quantity=transfer.requested[part],
        dispatched_quantity=transfer.dispatched.get(part, 0),
        in_transit_quantity=quantity_of(transfer.in_transit.get(part, ())),
        received_quantity=transfer.received.get(part, 0),
        discrepant_quantity=quantity_of(transfer.discrepant.get(part, ())),
        resolved_quantity=transfer.resolved.get(part, 0),
    )
