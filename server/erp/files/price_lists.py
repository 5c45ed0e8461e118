"""The price lists 价目表: one of each kind in each currency, with its VAT rate in versions."""

from collections.abc import Iterator
from datetime import date

from domain.price_list import PriceListKind, list_key
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
    """A version of the rate for each row; the earliest opens the list if there is none.

    Of two rates of one day each is a command of its own, so that the ledger names both in what it
    refuses.
    """
    for line, row in sorted(document.by_line(), key=lambda row: _first_day(row[1])):
        yield register(_version(names, row), _first_day(row))._replace(line=line)


def _version(names: Names, row: PriceListLine) -> pb.ChangeVatRateRequest:
    version = pb.VatRateVersion(
        effective_from=day_message(_first_day(row)), vat_rate=rate_message(row.vat_rate)
    )
    name = names.of("priceLists", list_key(row.price_list, row.currency))
    return pb.ChangeVatRateRequest(name=name, version=version, allow_missing=True)


def _first_day(row: PriceListLine) -> date:
    return row.effective_from or FIRST_DAY
