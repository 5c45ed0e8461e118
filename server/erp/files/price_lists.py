"""The price lists 价目表: one of each kind in each currency, with its VAT rate in versions."""

from collections.abc import Iterator
from datetime import date

from domain.price_list import PriceListKind
from domain.values import FIRST_DAY
from partsledger.v1 import price_service_pb2 as pb
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day_message
from server.erp.cells import Currency, Day, Rate
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Step, register
from server.erp.wire import Names


class PriceListLine(Line):
    FILE = "price_lists.csv"
    NUMBER = ("price_list", "currency")
    PER_LINE = frozenset({"vat_rate", "effective_from"})
    MAY_LACK = frozenset({"effective_from"})

    price_list: PriceListKind = column(
        "`settlement` is what dealers pay, `guide` what the market is advised.",
        example="settlement",
    )
    currency: Currency = column("Currency of all its prices.", example="CNY")
    vat_rate: Rate = column("Tax on top of its prices: 0.13 is 13 %.", example="0.13")
    effective_from: Day | None = optional(
        "First day the rate counts; empty: from the beginning.", "2019-04-01"
    )


def price_list_steps(names: Names, document: Document[PriceListLine]) -> Iterator[Step]:
    """Opens the list with its earliest rate; the others are changes, whatever their order."""
    versions = sorted(document.by_line(), key=lambda version: _first_day(version[1]))
    number = f"{document.head.price_list}-{document.head.currency}"
    for index, (line, row) in enumerate(versions):
        if index == 0:
            yield register(_opening(names, row))._replace(line=line)
            continue
        day = _first_day(row)
        change = pb.ChangeVatRateRequest(
            name=names.of("priceLists", number),
            version=pb.VatRateVersion(
                effective_from=day_message(day), vat_rate=rate_message(row.vat_rate)
            ),
        )
        yield register(change)._replace(name=f"vat_rate/{day}", line=line)


def _opening(names: Names, row: PriceListLine) -> pb.CreatePriceListRequest:
    price_list = pb.PriceList(
        kind=pb.PriceListKind.Value(f"PRICE_LIST_KIND_{row.price_list.upper()}"),
        currency=row.currency,
        vat_rate=rate_message(row.vat_rate),
        effective_from=day_message(_first_day(row)),
    )
    return pb.CreatePriceListRequest(parent=names.book, price_list=price_list)


def _first_day(row: PriceListLine) -> date:
    return row.effective_from or FIRST_DAY
