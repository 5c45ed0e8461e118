"""PriceService: price lists, and the prices on them."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.price_list import ListedPrice, PriceList, list_key
from domain.use_cases import base_data
from partsledger.v1 import price_service_pb2 as pb
from partsledger.v1.price_service_pb2_grpc import PriceServiceServicer
from server.api.conversions import money, names, times
from server.api.conversions.base_data import PRICE_LIST_KIND, price_list_message, price_message
from server.api.conversions.rates import rate
from server.api.currencies import in_currency_of
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing, Within
from server.api.servicer import Servicer

PRICE_LISTS: Final = Listing(PriceList, price_list_message)
PRICES: Final = Listing(ListedPrice, price_message)


class PriceServicer(Servicer, PriceServiceServicer):
    CreatePriceList = SetPrice = Servicer.run
    BatchSetPrices = Servicer.run_batch

    def GetPriceList(
        self, request: pb.GetPriceListRequest, context: grpc.ServicerContext
    ) -> pb.GetPriceListResponse:
        price_list, book, position = self.find(PriceList, names.PRICE_LIST, request)
        return pb.GetPriceListResponse(
            price_list=price_list_message(price_list, book), as_of_position=position
        )

    def GetPrice(
        self, request: pb.GetPriceRequest, context: grpc.ServicerContext
    ) -> pb.GetPriceResponse:
        price, book, position = self.find(ListedPrice, names.PRICE, request)
        return pb.GetPriceResponse(price=price_message(price, book), as_of_position=position)

    def ListPriceLists(
        self, request: pb.ListPriceListsRequest, context: grpc.ServicerContext
    ) -> pb.ListPriceListsResponse:
        page = PRICE_LISTS.page(self._reads, context, request, names.book(request.parent))
        return pb.ListPriceListsResponse(
            price_lists=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )

    def ListPrices(
        self, request: pb.ListPricesRequest, context: grpc.ServicerContext
    ) -> pb.ListPricesResponse:
        book, price_list = names.PRICE_LIST.parse_or_all(request.parent, "parent")
        within = Within(collection=price_list)
        page = PRICES.page(self._reads, context, request, book, within)
        return pb.ListPricesResponse(
            prices=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_price_list(request: pb.CreatePriceListRequest) -> Decoded:
    book = names.book(request.parent)
    kind = PRICE_LIST_KIND.value(request.price_list.kind, "price_list.kind")
    currency = values.currency(request.price_list.currency, "price_list.currency")
    use_case = partial(
        base_data.open_price_list,
        kind=kind,
        currency=currency,
        vat_rate=rate(request.price_list.vat_rate, "price_list.vat_rate"),
    )
    return Decoded(
        book, stream_of(PriceList, list_key(kind, currency)), use_case,
        lambda opened: pb.CreatePriceListResponse(price_list=price_list_message(opened, book)),
    )  # fmt: skip


def set_price(request: pb.SetPriceRequest) -> Decoded:
    book, key = names.PRICE.parse(request.name, "name")
    price_list, _, part = key.partition("/")
    unit_price = money.of_one_piece(request.version.unit_price, "version.unit_price")
    use_case = partial(
        base_data.set_price,
        price_list=price_list,
        part=part,
        effective_from=times.day(request.version.effective_from, "version.effective_from"),
        unit_price_minor=unit_price.minor,
    )
    return Decoded(
        book, stream_of(ListedPrice, key),
        in_currency_of(PriceList, price_list, unit_price.currency, use_case),
        lambda price: pb.SetPriceResponse(price=price_message(price, book)),
    )  # fmt: skip


DECODERS: Final[Decoders] = {
    pb.CreatePriceListRequest: create_price_list,
    pb.SetPriceRequest: set_price,
}
