"""Requests that enter parts into the catalogue and revise them."""

from functools import partial
from typing import Final

from domain import values
from domain.part import CatalogueEntry
from domain.use_cases import base_data, revising
from partsledger.v1 import part_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names
from server.api.conversions.base_data import PART_CLASS
from server.api.decoded import Act, Acts, Decoded, dated


def create_part(request: pb.CreatePartRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.part_number(request.part_id, "part_id")
    entry = _entry(request.part)
    use_case = partial(base_data.register_part, number=number, **entry._asdict())
    return Decoded(book, number, use_case)


def revise_part(request: pb.RevisePartRequest) -> Decoded:
    book, number = names.PART.parse(request.part.name, "part.name")
    entry = _entry(request.part)
    use_case = partial(revising.revise_part, number=number, entry=entry, **dated(request))
    return Decoded(book, number, use_case)


def _entry(part: pb.Part) -> CatalogueEntry:
    """The part's entry in the catalogue."""
    return CatalogueEntry(
        description=values.text(part.description, "part.description", required=True),
        part_class=PART_CLASS.value(part.part_class, "part.part_class"),
        serviceable=part.serviceable,
        restricted=part.restricted,
    )


_KEPT: Final = roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreatePartRequest: Act(create_part, _KEPT),
    pb.RevisePartRequest: Act(revise_part, _KEPT),
}
