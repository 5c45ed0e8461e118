"""PartService: the catalogue."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from domain import values
from domain.part import Part
from domain.use_cases import base_data
from partsledger.v1 import part_service_pb2 as pb
from partsledger.v1.part_service_pb2_grpc import PartServiceServicer
from server.api.conversions import names
from server.api.conversions.base_data import PART_CLASS, part_message
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing
from server.api.servicer import Servicer

PARTS: Final = Listing(Part, part_message)


class PartServicer(Servicer, PartServiceServicer):
    CreatePart = RevisePart = Servicer.run
    BatchCreateParts = Servicer.run_batch

    def GetPart(
        self, request: pb.GetPartRequest, context: grpc.ServicerContext
    ) -> pb.GetPartResponse:
        part, book, position = self.find(Part, names.PART, request)
        return pb.GetPartResponse(part=part_message(part, book), as_of_position=position)

    def ListParts(
        self, request: pb.ListPartsRequest, context: grpc.ServicerContext
    ) -> pb.ListPartsResponse:
        page = PARTS.page(self._reads, context, request, names.book(request.parent))
        return pb.ListPartsResponse(
            parts=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_part(request: pb.CreatePartRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.part_id, "part_id")
    use_case = partial(base_data.register_part, number=number, **_entry(request.part))
    return Decoded(book, stream_of(Part, number), use_case, _answer(pb.CreatePartResponse, book))


def revise_part(request: pb.RevisePartRequest) -> Decoded:
    book, number = names.PART.parse(request.part.name, "part.name")
    use_case = partial(
        base_data.revise_part, number=number, etag=request.etag, **_entry(request.part)
    )
    return Decoded(book, stream_of(Part, number), use_case, _answer(pb.RevisePartResponse, book))


def _entry(part: pb.Part) -> dict[str, Any]:
    """What the catalogue says of a part."""
    return {
        "description": values.text(part.description, "part.description", required=True),
        "part_class": PART_CLASS.value(part.part_class, "part.part_class"),
        "serviceable": part.serviceable,
        "restricted": part.restricted,
    }


def _answer(response: Callable[..., Any], book: str) -> Callable[[Part], Any]:
    return lambda part: response(part=part_message(part, book))


DECODERS: Final[Decoders] = {
    pb.CreatePartRequest: create_part,
    pb.RevisePartRequest: revise_part,
}
