"""Requests that open price lists, and change their VAT rate."""

from functools import partial
from typing import Final

from domain import values
from domain.price_list import list_key
from domain.use_cases import base_data
from partsledger.v1 import price_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names, times
from server.api.conversions.base_data import PRICE_LIST_KIND
from server.api.conversions.rates import rate
from server.api.decoded import Act, Acts, Decoded


def create_price_list(request: pb.CreatePriceListRequest) -> Decoded:
    book = names.book(request.parent)
    kind = PRICE_LIST_KIND.value(request.price_list.kind, "price_list.kind")
    currency = values.currency(request.price_list.currency, "price_list.currency")
    effective_from = times.optional_day(
        request.price_list.effective_from, "price_list.effective_from"
    )
    use_case = partial(
        base_data.open_price_list,
        kind=kind,
        currency=currency,
        vat_rate=rate(request.price_list.vat_rate, "price_list.vat_rate"),
        effective_from=effective_from or values.FIRST_DAY,
    )
    return Decoded(book, list_key(kind, currency), use_case)


def change_vat_rate(request: pb.ChangeVatRateRequest) -> Decoded:
    book, number = names.PRICE_LIST.parse(request.name, "name")
    use_case = partial(
        base_data.change_vat_rate,
        number=number,
        effective_from=times.day(request.version.effective_from, "version.effective_from"),
        vat_rate=rate(request.version.vat_rate, "version.vat_rate"),
        allow_missing=request.allow_missing,
    )
    return Decoded(book, number, use_case)


_KEPT: Final = roles(Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreatePriceListRequest: Act(create_price_list, _KEPT),
    pb.ChangeVatRateRequest: Act(change_vat_rate, _KEPT),
}
