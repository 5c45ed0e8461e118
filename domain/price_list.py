"""What a part costs a dealer: the two price lists 价目表, in effective-dated versions."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from domain.changes import Change
from domain.dated import Dated, Version
from domain.errors import InvalidValue
from domain.facts import Aggregate, Command, Fact, FirstFact
from domain.values import currency as checked_currency
from domain.values import money_text
from domain.vat import VatRate


class PriceListKind(StrEnum):
    SETTLEMENT = "settlement"  # 经销商结算价: what the dealer pays.
    GUIDE = "guide"  # 市场指导价: what the market is advised.


class PriceList(Aggregate):
    """A list is one kind in one currency; amounts are before tax, at the VAT rate of the day."""

    TOPIC = "partsledger:PriceList"
    KIND = "price-lists"

    class Opened(FirstFact):
        """A rate that holds from the beginning is effective from `values.FIRST_DAY`."""

        TOPIC = "partsledger:PriceList.Opened"
        kind: PriceListKind
        currency: str
        effective_from: date
        vat_rate: Decimal

    class VatRateChanged(Fact):
        TOPIC = "partsledger:PriceList.VatRateChanged"
        effective_from: date
        vat_rate: Decimal

        def apply(self, aggregate: "PriceList") -> None:
            version = Version(self.effective_from, self.vat_rate, self.originator_version)
            aggregate.rates.add(version)

    def __init__(
        self, kind: PriceListKind, currency: str, effective_from: date, vat_rate: Decimal
    ) -> None:
        self.kind = kind
        self.currency = currency
        self.rates = Dated([Version(effective_from, vat_rate, 1)])

    @classmethod
    def open(
        cls,
        command: Command,
        kind: PriceListKind,
        currency: str,
        effective_from: date,
        vat_rate: Decimal,
    ) -> Self:
        return cls._first(
            cls.Opened, list_key(kind, currency), command,
            kind=kind, currency=currency, effective_from=effective_from, vat_rate=vat_rate,
        )  # fmt: skip

    def change_vat_rate(self, command: Command, effective_from: date, vat_rate: Decimal) -> None:
        """Adds a version; documents keep the rate they took."""
        self.rates.require_free(
            f"price list {self.key}", effective_from, vat_rate,
            lambda was, now: [Change("vat_rate", str(was), str(now))],
        )  # fmt: skip
        self._record(self.VatRateChanged, command, effective_from=effective_from, vat_rate=vat_rate)

    def rate_on(self, day: date) -> VatRate | None:
        """The rate in force on a day; None before the first version."""
        version = self.rates.on(day)
        if version is None:
            return None
        return VatRate(rate=version.value, stream=self.id, version=version.number)


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
        currency: str

    class Changed(Fact):
        TOPIC = "partsledger:ListedPrice.Changed"
        effective_from: date
        unit_price_minor: int
        currency: str

        def apply(self, aggregate: "ListedPrice") -> None:
            version = Version(self.effective_from, self.unit_price_minor, self.originator_version)
            aggregate.prices.add(version)

    def __init__(
        self,
        price_list: str,
        part: str,
        effective_from: date,
        unit_price_minor: int,
        currency: str,
    ) -> None:
        self.price_list = price_list
        self.part = part
        self.currency = currency
        self.prices = Dated([Version(effective_from, unit_price_minor, 1)])

    @classmethod
    def list(
        cls, command: Command, price_list: PriceList, part: str, effective_from: date, minor: int
    ) -> Self:
        return cls._first(
            cls.Listed, price_key(price_list.key, part), command,
            price_list=price_list.key, part=part, effective_from=effective_from,
            unit_price_minor=minor, currency=price_list.currency,
        )  # fmt: skip

    def change(self, command: Command, effective_from: date, minor: int) -> None:
        """Adds a version; documents keep the price they used."""
        self.prices.require_free(
            f"price {self.key}", effective_from, minor,
            lambda was, now: [Change("unit_price", self._shown(was), self._shown(now))],
        )  # fmt: skip
        self._record(
            self.Changed, command,
            effective_from=effective_from, unit_price_minor=minor, currency=self.currency,
        )  # fmt: skip

    def _shown(self, minor: int) -> str:
        return money_text(minor, self.currency)

    def on(self, day: date) -> Version[int] | None:
        """The unit price in minor units in force on a day; None before the first version."""
        return self.prices.on(day)


def list_key(kind: PriceListKind, currency: str) -> str:
    """`settlement-CNY`: the number of the list of a kind in a currency."""
    return f"{kind}-{currency}"


def kind_and_currency(number: str) -> tuple[PriceListKind, str]:
    """What the number of a list says, or the refusal of one that is none."""
    kind, _, currency = number.partition("-")
    if kind not in set(PriceListKind):
        raise InvalidValue("name", number, "must be a kind and a currency, as settlement-CNY")
    return PriceListKind(kind), checked_currency(currency, "name")


def price_key(price_list: str, part: str) -> str:
    """`settlement-CNY/P-100`: the number of a part's price on a list."""
    return f"{price_list}/{part}"
