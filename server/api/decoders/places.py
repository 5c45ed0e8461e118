"""Requests that open warehouses and custody rooms."""

from functools import partial
from typing import Final

from domain import values
from domain.use_cases import base_data
from partsledger.v1 import place_service_pb2 as pb
from server.api.conversions import names
from server.api.conversions.base_data import PLACE_KIND
from server.api.decoded import Decoded, Decoders


def create_place(request: pb.CreatePlaceRequest) -> Decoded:
    book = names.book(request.parent)
    code = values.code(request.place_id, "place_id")
    use_case = partial(
        base_data.open_place,
        code=code,
        description=values.text(request.place.description, "place.description"),
        kind=PLACE_KIND.value(request.place.kind, "place.kind"),
    )
    return Decoded(book, code, use_case)


DECODERS: Final[Decoders] = {pb.CreatePlaceRequest: create_place}
