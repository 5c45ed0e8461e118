"""PlaceService: the maker's warehouses and custody rooms."""

from partsledger.v1.place_service_pb2_grpc import PlaceServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PlaceServicer(Servicer, PlaceServiceServicer):
    CreatePlace = RevisePlace = Servicer.run
    GetPlace = Servicer.get(names.PLACE)
    ListPlaces = Servicer.list(names.PLACE)
