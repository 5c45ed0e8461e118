"""What people read of a book: everything that views answer, but for where in the log it stands.

Positions, times and etags differ between two runs of the same business, because several callers
come in another order each time. What is left must not differ, even if one of them is read before
midnight and the other one after it: so no answer may be of the day it is asked on.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import grpc
from google.protobuf import json_format

from domain.months import month_of
from tests.on_the_wire import day
from tests.server.api.reading.front_desk import FrontDesk

Readings = dict[str, list[Any]]

_WHERE_AND_WHEN: Final = frozenset({"asOfPosition", "entry", "etag", "nextPageToken", "position"})
_LISTS: Final = {
    "Purchase.ListPurchases": {},
    "Sale.ListSales": {},
    "Transfer.ListTransfers": {},
    "Claim.ListClaims": {},
    "Return.ListReturns": {},
    "Payment.ListPayments": {},
    "Dealer.ListDealers": {},
    "Stock.ListStockItems": {"parent": "places/-"},
    "Statement.ListOpenItems": {"parent": "dealers/-"},
}
_OF_A_DAY: Final = frozenset({"Statement.ListOpenItems"})  # Of the day they are asked, unless told.


def readings(channel: grpc.Channel, book: str, months: Iterable[date], today: date) -> Readings:
    """Of every month its last day is given; `today` is the day that open items are of.

    The views have followed the log when this is read.
    """
    desk = FrontDesk(channel, book)
    last = {"min_position": desk.call("View.GetViewStatus").head_position}
    read: Readings = {}
    for method, fields in _LISTS.items():
        asked: dict[str, Any] = {name: desk.name(path) for name, path in fields.items()}
        if method in _OF_A_DAY:
            asked["as_of_date"] = day(str(today))
        pages = desk.pages(method, page_size=1_000, **asked, **last)
        read[method] = [_comparable(page, book) for page in pages]
    dealers = [dealer["name"] for page in read["Dealer.ListDealers"] for dealer in page["dealers"]]
    for end in months:
        on: dict[str, Any] = {"as_of_date": day(end), **last}
        read[f"{end}"] = [
            _comparable(desk.call("Statement.GetTrialBalance", by_party=True, **on), book),
            _comparable(desk.call("Ageing.GetInventoryAgeing", by_part=True, **on), book),
        ]
        for dealer in dealers:
            name = desk.name(f"{dealer}/statements/{month_of(end)}")
            statement = desk.call("Statement.GetStatement", name=name, **last)
            read[f"{dealer} {end}"] = [_comparable(statement, book)]
    return read


def differences(one: Readings, other: Readings) -> list[str]:
    """What reads differently."""
    return [what for what in sorted({*one, *other}) if one.get(what) != other.get(what)]


def _comparable(message: Any, book: str) -> Any:
    return _without(json_format.MessageToDict(message), f"books/{book}/")


def _without(value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(each, prefix)
            for key, each in value.items()
            if key not in _WHERE_AND_WHEN and not key.endswith("Time")
        }
    if isinstance(value, list):
        return [_without(each, prefix) for each in value]
    return value.removeprefix(prefix) if isinstance(value, str) else value
