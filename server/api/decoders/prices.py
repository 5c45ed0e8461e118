"""Requests that set prices of parts on price lists."""

from functools import partial
from typing import Final

from domain.price_list import PriceList
from domain.use_cases import base_data
from partsledger.v1 import price_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import money, names, times
from server.api.decoded import Act, Acts, Decoded
from server.api.decoders.currencies import in_currency_of


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
    return Decoded(book, key, in_currency_of(PriceList, price_list, unit_price.currency, use_case))


ACTS: Final[Acts] = {
    pb.SetPriceRequest: Act(set_price, roles(Role.CONTROLLER, Role.ERP)),
}
