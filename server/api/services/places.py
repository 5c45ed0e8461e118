"""PlaceService: the maker's warehouses and custody rooms."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.place import Place
from domain.use_cases import base_data
from partsledger.v1 import place_service_pb2 as pb
from partsledger.v1.place_service_pb2_grpc import PlaceServiceServicer
from server.api.conversions import names
from server.api.conversions.base_data import PLACE_KIND, place_message
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing
from server.api.servicer import Servicer

PLACES: Final = Listing(Place, place_message)


class PlaceServicer(Servicer, PlaceServiceServicer):
    CreatePlace = Servicer.run

    def GetPlace(
        self, request: pb.GetPlaceRequest, context: grpc.ServicerContext
    ) -> pb.GetPlaceResponse:
        place, book, position = self.find(Place, names.PLACE, request)
        return pb.GetPlaceResponse(place=place_message(place, book), as_of_position=position)

    def ListPlaces(
        self, request: pb.ListPlacesRequest, context: grpc.ServicerContext
    ) -> pb.ListPlacesResponse:
        page = PLACES.page(self._reads, context, request, names.book(request.parent))
        return pb.ListPlacesResponse(
            places=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_place(request: pb.CreatePlaceRequest) -> Decoded:
    book = names.book(request.parent)
    code = values.code(request.place_id, "place_id")
    use_case = partial(
        base_data.open_place,
        code=code,
        description=values.text(request.place.description, "place.description"),
        kind=PLACE_KIND.value(request.place.kind, "place.kind"),
    )
    return Decoded(
        book, stream_of(Place, code), use_case,
        lambda place: pb.CreatePlaceResponse(place=place_message(place, book)),
    )  # fmt: skip


DECODERS: Final[Decoders] = {pb.CreatePlaceRequest: create_place}
