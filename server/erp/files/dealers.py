"""Dealers 经销商; a parent has to stand before its children."""

from collections.abc import Iterator

from partsledger.v1 import dealer_service_pb2 as pb
from server.api.conversions.rates import optional_rate_message
from server.api.conversions.times import day_message
from server.erp.cells import Code, Count, Currency, Day, Rate, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, holds_from, optional
from server.erp.steps import Step, register
from server.erp.wire import Names


class DealerLine(Line):
    FILE = "dealers.csv"
    NUMBER = ("dealer",)
    MAY_LACK = frozenset({"claims_vat_rate", "effective_from"})

    dealer: Code = column("Number of the dealer.", example="D01")
    title: Text = column("Name of the company.", example="湘江工程机械服务有限公司")
    level: Text = column("Level in the dealer network.", default="", example="A")
    region_tier: Text = column("Tier of its region.", default="", example="B")
    currency: Currency = column("The one currency its account is kept in.", example="CNY")
    tax_number: Text = column("Tax number.", default="", example="91430100MA4L00001X")
    payment_days: Count = column("Days from an invoice until it is due.", example="30")
    parent: Code | None = optional("Number of the dealer above it.", example="D01")
    claims_vat_rate: Rate | None = optional(
        "Tax on its own invoices for claims; empty: that of the settlement list.", "0.03"
    )
    effective_from: Day | None = holds_from()


def dealer_steps(names: Names, document: Document[DealerLine]) -> Iterator[Step]:
    row = document.head
    dealer = pb.Dealer(
        title=row.title,
        level=row.level,
        region_tier=row.region_tier,
        currency=row.currency,
        tax_number=row.tax_number,
        payment_days=row.payment_days,
        parent_dealer=names.dealer(row.parent),
        claims_vat_rate=optional_rate_message(row.claims_vat_rate),
    )
    if row.effective_from is None:
        create = pb.CreateDealerRequest(parent=names.book, dealer_id=row.dealer, dealer=dealer)
        yield register(create)
        return
    dealer.name = names.dealer(row.dealer)
    first_day = day_message(row.effective_from)
    revise = pb.ReviseDealerRequest(dealer=dealer, effective_from=first_day, allow_missing=True)
    yield register(revise, row.effective_from)
