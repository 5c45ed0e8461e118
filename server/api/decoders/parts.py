"""Requests that enter parts into the catalogue and revise them."""

from functools import partial
from typing import Any, Final

from domain import values
from domain.use_cases import base_data
from partsledger.v1 import part_service_pb2 as pb
from server.api.conversions import names
from server.api.conversions.base_data import PART_CLASS
from server.api.decoded import Decoded, Decoders


def create_part(request: pb.CreatePartRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.part_id, "part_id")
    use_case = partial(base_data.register_part, number=number, **_entry(request.part))
    return Decoded(book, number, use_case)


def revise_part(request: pb.RevisePartRequest) -> Decoded:
    book, number = names.PART.parse(request.part.name, "part.name")
    use_case = partial(base_data.revise_part, number=number, **_entry(request.part))
    return Decoded(book, number, use_case)


def _entry(part: pb.Part) -> dict[str, Any]:
    """The part's entry in the catalogue."""
    return {
        "description": values.text(part.description, "part.description", required=True),
        "part_class": PART_CLASS.value(part.part_class, "part.part_class"),
        "serviceable": part.serviceable,
        "restricted": part.restricted,
    }


DECODERS: Final[Decoders] = {
    pb.CreatePartRequest: create_part,
    pb.RevisePartRequest: revise_part,
}
