"""What a part costs a dealer: the two price lists 价目表, in effective-dated versions."""

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from domain.facts import Aggregate, Command, Fact, FirstFact


class PriceListKind(StrEnum):
    SETTLEMENT = "settlement"  # 经销商结算价: what the dealer pays.
    GUIDE = "guide"  # 市场指导价: what the market is advised.


class PriceList(Aggregate):
    """A list is one kind in one currency; amounts are before tax at `vat_rate`."""

    TOPIC = "partsledger:PriceList"
    KIND = "price-lists"

    class Opened(FirstFact):
        TOPIC = "partsledger:PriceList.Opened"
        kind: PriceListKind
        currency: str
        vat_rate: Decimal

    def __init__(self, kind: PriceListKind, currency: str, vat_rate: Decimal) -> None:
        self.kind = kind
        self.currency = currency
        self.vat_rate = vat_rate

    @classmethod
    def open(cls, command: Command, kind: PriceListKind, currency: str, vat_rate: Decimal) -> Self:
        key = list_key(kind, currency)
        return cls._first(cls.Opened, key, command, kind=kind, currency=currency, vat_rate=vat_rate)


class ListedPrice(Aggregate):
    """The price of one part on one list: every version, by the day it takes effect."""

    TOPIC = "partsledger:ListedPrice"
    KIND = "listed-prices"

    class Listed(FirstFact):
        TOPIC = "partsledger:ListedPrice.Listed"
        price_list: str
        part: str
        effective_from: date
        unit_price_minor: int

    class Changed(Fact):
        TOPIC = "partsledger:ListedPrice.Changed"
        effective_from: date
        unit_price_minor: int

        def apply(self, aggregate: "ListedPrice") -> None:
            aggregate._versions[self.effective_from] = self.unit_price_minor
            aggregate._days = sorted(aggregate._versions)

    def __init__(
        self, price_list: str, part: str, effective_from: date, unit_price_minor: int
    ) -> None:
        self.price_list = price_list
        self.part = part
        self._versions = {effective_from: unit_price_minor}
        self._days = [effective_from]

    @classmethod
    def list(
        cls, command: Command, price_list: str, part: str, effective_from: date, minor: int
    ) -> Self:
        return cls._first(
            cls.Listed, price_key(price_list, part), command,
            price_list=price_list, part=part,
            effective_from=effective_from, unit_price_minor=minor,
        )  # fmt: skip

    def change(self, command: Command, effective_from: date, minor: int) -> None:
        """Adds a version, or replaces that of the same day; documents keep the price they used."""
        self._record(self.Changed, command, effective_from=effective_from, unit_price_minor=minor)

    def on(self, day: date) -> int | None:
        """The unit price in minor units in force on a day; None before the first version."""
        position = bisect_right(self._days, day)
        return self._versions[self._days[position - 1]] if position else None

    @property
    def versions(self) -> dict[date, int]:
        """Unit price in minor units by the day it takes effect, oldest first."""
        return {day: self._versions[day] for day in self._days}


def list_key(kind: PriceListKind, currency: str) -> str:
    """`settlement-CNY`: the number of the list of a kind in a currency."""
    return f"{kind}-{currency}"


def price_key(price_list: str, part: str) -> str:
    """`settlement-CNY/P-100`: the number of a part's price on a list."""
    return f"{price_list}/{part}"
