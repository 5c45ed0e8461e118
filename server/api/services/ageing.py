"""AgeingService: how long parts have been in stock."""

import grpc

from partsledger.v1 import ageing_service_pb2 as pb
from partsledger.v1.ageing_service_pb2_grpc import AgeingServiceServicer
from projections.stock.inventory_ageing import Age, inventory_ageing
from server.access.roles import MAKER
from server.api.conversions import names, times
from server.api.conversions.ageing import ageing_message, place_key
from server.api.paging import Bookmark, bookmark_of, cut_to_page
from server.api.permissions import Permission
from server.api.servicer import Servicer


class AgeingServicer(Servicer, AgeingServiceServicer):
    OWN = {
        "GetInventoryAgeing": Permission(MAKER),
    }

    def GetInventoryAgeing(
        self, request: pb.GetInventoryAgeingRequest, context: grpc.ServicerContext
    ) -> pb.GetInventoryAgeingResponse:
        book = names.book(request.parent)
        self._reads.require_book(book)
        day = times.optional_day(request.as_of_date, "as_of_date") or self._reads.today()
        places = [place_key(n, f"places[{i}]", book) for i, n in enumerate(request.places)]
        parts = [names.PART.key(n, f"parts[{i}]", book) for i, n in enumerate(request.parts)]
        mark = bookmark_of(request) or Bookmark(request.as_of_position, day, "0")
        with self._reads.views(context, request.min_position, mark.position) as now:
            age, dwell = (
                inventory_ageing(
                    now, mark.today, kind, by_part=request.by_part, places=places, parts=parts
                )
                for kind in (Age.ORIGIN, Age.ARRIVAL)
            )
        response = ageing_message(age, dwell, self._reads.book)
        mark = mark._replace(position=age.as_of_position)
        return cut_to_page(request, response, response, ["rows"], mark)
