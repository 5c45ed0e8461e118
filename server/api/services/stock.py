"""StockService: the stock of parts at places."""

import grpc

from partsledger.v1 import stock_service_pb2 as pb
from partsledger.v1.stock_service_pb2_grpc import StockServiceServicer
from projections.stock.on_hand import stock_quantities
from server.api.conversions import names, times
from server.api.conversions.stock import stock_quantity_message
from server.api.paging import Bookmark, bookmark_of, page_size, page_token
from server.api.servicer import Servicer


class StockServicer(Servicer, StockServiceServicer):
    GetStockItem = Servicer.get(names.STOCK_ITEM)

    def ListStockItems(
        self, request: pb.ListStockItemsRequest, context: grpc.ServicerContext
    ) -> pb.ListStockItemsResponse:
        book, place = names.PLACE.parse_or_all(request.parent, "parent")
        self._reads.require_book(book)
        size = page_size(request)
        mark = bookmark_of(request) or Bookmark(request.as_of_position, self._reads.today(), "")
        after_place, _, after_part = mark.after.partition("/")
        with self._reads.views(context, request.min_position, mark.position) as now:
            found = stock_quantities(
                now,
                as_of=times.optional_day(request.as_of_date, "as_of_date"),
                place=place or None,
                part=names.PART.optional_key(request.part, "part", book) or None,
                show_empty=request.show_empty,
                after=(after_place, after_part),
                limit=size + 1,
            )
        token = ""
        if len(found) > size:
            last = found[size - 1]
            after = Bookmark(now.position, mark.today, f"{last.place}/{last.part}")
            token = page_token(request, after)
        return pb.ListStockItemsResponse(
            stock_items=[stock_quantity_message(line, self._reads.book) for line in found[:size]],
            next_page_token=token,
            as_of_position=now.position,
        )
