"""Prices before tax, in versions: each counts from its day until the next one's."""

from collections.abc import Iterator

from domain.price_list import PriceListKind, list_key
from partsledger.v1 import price_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import Amount, Currency, Day, PartNumber
from server.erp.documents import Document
from server.erp.lines import Line, column
from server.erp.steps import Step, register
from server.erp.wire import Names, money


class PriceLine(Line):
    FILE = "prices.csv"
    NUMBER = ("price_list", "currency", "part", "effective_from")
    AMOUNTS = ("unit_price",)

    price_list: PriceListKind = column("Kind of the list.", example="settlement")
    currency: Currency = column("Currency of the list.", example="CNY")
    part: PartNumber = column("A part that is not restricted.", example="P-10012")
    effective_from: Day = column("First day the price counts.", example="2025-07-01")
    unit_price: Amount = column("Price of one piece, before tax.", example="1860.00")


def price_steps(names: Names, document: Document[PriceLine]) -> Iterator[Step]:
    row = document.head
    name = names.price(list_key(row.price_list, row.currency), row.part)
    version = pb.PriceVersion(
        effective_from=day_message(row.effective_from),
        unit_price=money(row.unit_price, row.currency),
    )
    yield register(pb.SetPriceRequest(name=name, version=version))
