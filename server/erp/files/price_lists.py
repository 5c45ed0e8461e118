"""The price lists 价目表: one of each kind in each currency."""

from collections.abc import Iterator

from domain.price_list import PriceListKind
from partsledger.v1 import price_service_pb2 as pb
from server.api.conversions.rates import rate_message
from server.erp.cells import Currency, Rate
from server.erp.documents import Document
from server.erp.lines import Line, column
from server.erp.steps import Step, register
from server.erp.wire import Names


class PriceListLine(Line):
    FILE = "price_lists.csv"
    NUMBER = ("price_list", "currency")

    price_list: PriceListKind = column(
        "`settlement` is what dealers pay, `guide` what the market is advised.",
        example="settlement",
    )
    currency: Currency = column("Currency of all its prices.", example="CNY")
    vat_rate: Rate = column("Tax on top of its prices: 0.13 is 13 %.", example="0.13")


def price_list_steps(names: Names, document: Document[PriceListLine]) -> Iterator[Step]:
    row = document.head
    price_list = pb.PriceList(
        kind=pb.PriceListKind.Value(f"PRICE_LIST_KIND_{row.price_list.upper()}"),
        currency=row.currency,
        vat_rate=rate_message(row.vat_rate),
    )
    yield register(pb.CreatePriceListRequest(parent=names.book, price_list=price_list))
