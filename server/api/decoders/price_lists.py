"""Requests that open price lists."""

from functools import partial
from typing import Final

from domain import values
from domain.price_list import list_key
from domain.use_cases import base_data
from partsledger.v1 import price_service_pb2 as pb
from server.api.conversions import names
from server.api.conversions.base_data import PRICE_LIST_KIND
from server.api.conversions.rates import rate
from server.api.decoded import Decoded, Decoders


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
    return Decoded(book, list_key(kind, currency), use_case)


DECODERS: Final[Decoders] = {pb.CreatePriceListRequest: create_price_list}
