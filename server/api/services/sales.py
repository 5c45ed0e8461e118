"""SaleService: parts sold to dealers."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.parts_sale import PartsSale
from domain.use_cases import selling
from domain.use_cases.selling import WantedLine
from partsledger.v1 import sale_service_pb2 as pb
from partsledger.v1.sale_service_pb2_grpc import SaleServiceServicer
from server.api.conversions import lines, names, times
from server.api.conversions.trade import sale_message
from server.api.decoded import (
    Decoded,
    Decoders,
    stream_of,
    streams_of_dealer,
    streams_of_stock,
)
from server.api.listing import Listing, Within, dealer_asked
from server.api.servicer import Servicer

SALES: Final = Listing(PartsSale, sale_message)


class SaleServicer(Servicer, SaleServiceServicer):
    CreateSale = Servicer.run
    BatchCreateSales = Servicer.run_batch

    def GetSale(
        self, request: pb.GetSaleRequest, context: grpc.ServicerContext
    ) -> pb.GetSaleResponse:
        sale, book, position = self.find(PartsSale, names.SALE, request)
        return pb.GetSaleResponse(sale=sale_message(sale, book), as_of_position=position)

    def ListSales(
        self, request: pb.ListSalesRequest, context: grpc.ServicerContext
    ) -> pb.ListSalesResponse:
        book = names.book(request.parent)
        within = Within(dealer=dealer_asked(request, book))
        page = SALES.page(self._reads, context, request, book, within)
        return pb.ListSalesResponse(
            sales=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_sale(request: pb.CreateSaleRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.sale_id, "sale_id")
    sale = request.sale
    lines.require_some(sale.lines, "sale.lines")
    dealer = names.DEALER.key(sale.dealer, "sale.dealer", book)
    place = names.PLACE.key(sale.from_place, "sale.from_place", book)
    sold = tuple(_line(line, f"sale.lines[{index}]", book) for index, line in enumerate(sale.lines))
    use_case = partial(
        selling.sell_parts,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        dealer=dealer,
        from_place=place,
        lines=sold,
    )
    return Decoded(
        book, stream_of(PartsSale, number), use_case,
        lambda made: pb.CreateSaleResponse(sale=sale_message(made, book)),
        (*streams_of_dealer(dealer), *streams_of_stock(place, [line.part for line in sold])),
    )  # fmt: skip


def _line(line: pb.SaleLine, field: str, book: str) -> WantedLine:
    return WantedLine(
        part=names.PART.key(line.part, f"{field}.part", book),
        quantity=values.quantity(line.quantity, f"{field}.quantity"),
    )


DECODERS: Final[Decoders] = {pb.CreateSaleRequest: create_sale}
