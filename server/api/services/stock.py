"""StockService: the stock of parts at places."""

from datetime import date

import grpc

from domain.values import FIRST_DAY
from partsledger.v1 import stock_service_pb2 as pb
from partsledger.v1.stock_service_pb2_grpc import StockServiceServicer
from projections.stock.on_hand import stock_quantities
from projections.stock.stock_card import CardPlace, stock_card
from server.access.roles import MAKER
from server.api.conversions import names, times
from server.api.conversions.ageing import place_key
from server.api.conversions.stock import stock_card_message, stock_quantity_message
from server.api.paging import Bookmark, bookmark_of, page_size, page_token
from server.api.permissions import Permission
from server.api.servicer import Servicer


class StockServicer(Servicer, StockServiceServicer):
    OWN = {
        "ListStockItems": Permission(MAKER),
        "ListStockCardLines": Permission(MAKER),
    }

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

    def ListStockCardLines(
        self, request: pb.ListStockCardLinesRequest, context: grpc.ServicerContext
    ) -> pb.ListStockCardLinesResponse:
        book, part = names.PART.parse(request.parent, "parent")
        self._reads.require_book(book)
        self._reads.aggregate(self._resources.named[names.PART], part)
        size = page_size(request)
        place = place_key(request.place, "place", book) if request.place else ""
        first = times.optional_day(request.from_date, "from_date") or FIRST_DAY
        mark = bookmark_of(request) or Bookmark(
            request.as_of_position,
            times.optional_day(request.to_date, "to_date") or self._reads.today(),
            _bookmarked(CardPlace(first)),
        )
        with self._reads.views(context, request.min_position, mark.position) as now:
            found = stock_card(
                now,
                part,
                place or None,
                to=mark.today,
                after=_card_place(mark.after),
                limit=size + 1,
            )
        shown = found.lines[:size]
        token = ""
        if len(found.lines) > size:
            after = Bookmark(now.position, mark.today, _bookmarked(shown[-1].after))
            token = page_token(request, after)
        steps = self._reads.steps_at(line.after.position for line in shown)
        response = stock_card_message(found.opening, shown, steps, self._reads.book)
        response.next_page_token, response.as_of_position = token, now.position
        response.to_date.CopyFrom(times.day_message(mark.today))
        return response


def _bookmarked(place: CardPlace) -> str:
    return "\t".join(map(str, place))


def _card_place(bookmarked: str) -> CardPlace:
    day, position, place, other, quantity, value = bookmarked.split("\t")
    return CardPlace(
        date.fromisoformat(day), int(position), place, other, int(quantity), int(value)
    )
