"""Requests that open warehouses and custody rooms, and revise them."""

from functools import partial
from typing import Final

from domain import values
from domain.place import PlaceEntry
from domain.use_cases import base_data, revising
from partsledger.v1 import place_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names
from server.api.conversions.base_data import PLACE_KIND
from server.api.decoded import Act, Acts, Decoded, dated


def create_place(request: pb.CreatePlaceRequest) -> Decoded:
    book = names.book(request.parent)
    code = values.code(request.place_id, "place_id")
    use_case = partial(base_data.open_place, code=code, **_entry(request.place)._asdict())
    return Decoded(book, code, use_case)


def revise_place(request: pb.RevisePlaceRequest) -> Decoded:
    book, code = names.PLACE.parse(request.place.name, "place.name")
    entry = _entry(request.place)
    use_case = partial(revising.revise_place, code=code, entry=entry, **dated(request))
    return Decoded(book, code, use_case)


def _entry(place: pb.Place) -> PlaceEntry:
    return PlaceEntry(
        description=values.text(place.description, "place.description"),
        kind=PLACE_KIND.value(place.kind, "place.kind"),
    )


_KEPT: Final = roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreatePlaceRequest: Act(create_place, _KEPT),
    pb.RevisePlaceRequest: Act(revise_place, _KEPT),
}
