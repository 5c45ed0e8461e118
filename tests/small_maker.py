"""A small maker, as tests open its business: by use cases, or by requests of the API."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from msgspec.structs import asdict

from domain.dealer import DealerTerms
from domain.facts import Aggregate
from domain.part import PartClass
from domain.place import PlaceKind
from domain.price_list import PriceListKind
from domain.use_cases import base_data
from domain.warranty_policy import PolicyTerms
from tests.on_the_wire import day, in_name, money

Fields = dict[str, Any]


class CataloguePart(NamedTuple):
    price_minor: int = 0  # On the settlement list; 0 where it has no price.
    serviceable: bool = True
    restricted: bool = False
    part_class: PartClass = PartClass.STANDARD


class SoldMachine(NamedTuple):
    model: str
    dealer: str
    sold_on: date
    user: str


def terms(
    currency: str = "CNY",
    payment_days: int = 30,
    parent: str = "",
    claims_vat_rate: Decimal | None = None,
) -> DealerTerms:
    return DealerTerms("大连", "A", "B", currency, "", payment_days, parent, claims_vat_rate)


def policy(**changes: object) -> PolicyTerms:
    """Of 2020: two years, whatever the cause, and 5 % on top of the price of parts."""
    standard: Fields = {
        "effective_from": date(2020, 1, 1),
        "term_months": 24,
        "covered_causes": (),
        "handling_rate": Decimal("0.05"),
        "currency": "CNY",
        "tolerance_minor": 0,
        "submission_days": 30,
        "return_days": 0,
        "chargeback_months": 12,
    }
    return PolicyTerms(**(standard | changes))


def revised(**changes: object) -> PolicyTerms:
    """A later version, for machines that are sold from 2025 on."""
    return policy(effective_from=date(2025, 1, 1), **changes)


@dataclass(frozen=True)
class SmallMaker:
    """What documents refer to: two warehouses, two parts at 10.00 and 50.00, two dealers who pay
    within 30 days, unless told otherwise. Nothing is sold under warranty, unless told so."""

    warehouses: tuple[str, ...] = ("W01", "W02")
    custody_rooms: tuple[str, ...] = ()
    currency: str = "CNY"
    vat_rate: Decimal = Decimal("0.13")
    later_vat_rates: Mapping[date, Decimal] = field(default_factory=dict)  # By their first day.
    parts: Mapping[str, CataloguePart] = field(
        default_factory=lambda: {"P-1": CataloguePart(1000), "P-2": CataloguePart(5000)}
    )
    priced_from: date = date(2024, 1, 1)
    dealers: Mapping[str, DealerTerms] = field(
        default_factory=lambda: {"D01": terms(), "D02": terms()}
    )
    other_lists: tuple[str, ...] = ()  # The other currencies that it sells in.
    exchange_rates: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)
    policies: Mapping[str, PolicyTerms] = field(default_factory=dict)  # By model.
    machines: Mapping[str, SoldMachine] = field(default_factory=dict)

    def use_cases(self) -> Iterator[tuple[Callable[..., Aggregate], Fields]]:
        """What opens the business in the domain: use cases and their fields."""
        for code, kind in self._places():
            yield base_data.open_place, {"code": code, "description": code, "kind": kind}
        yield from self._price_lists()
        for number, part in self.parts.items():
            yield (base_data.register_part, {
                "number": number, "description": number, "part_class": part.part_class,
                "serviceable": part.serviceable, "restricted": part.restricted,
            })  # fmt: skip
            if part.price_minor:
                yield from self._prices(number, part.price_minor)
        yield from self._exchange_rates()
        for code, agreed in self.dealers.items():
            yield (
                base_data.register_dealer,
                {"code": code, "terms": agreed},
            )
        for model, warranted in self.policies.items():
            yield base_data.set_policy, {"model": model, "terms": warranted}
        for serial, machine in self.machines.items():
            yield base_data.register_machine, {"serial": serial, **machine._asdict()}

    def _price_lists(self) -> Iterator[tuple[Callable[..., Aggregate], Fields]]:
        for currency in self._currencies:
            yield (base_data.open_price_list, {
                "kind": PriceListKind.SETTLEMENT, "currency": currency, "vat_rate": self.vat_rate,
            })  # fmt: skip
            for first_day, vat_rate in self.later_vat_rates.items():
                yield (base_data.change_vat_rate, {
                    "number": f"settlement-{currency}", "effective_from": first_day,
                    "vat_rate": vat_rate,
                })  # fmt: skip

    def _prices(
        self, part: str, price_minor: int
    ) -> Iterator[tuple[Callable[..., Aggregate], Fields]]:
        for currency in self._currencies:
            yield (base_data.set_price, {
                "price_list": f"settlement-{currency}", "part": part,
                "effective_from": self.priced_from, "unit_price_minor": price_minor,
            })  # fmt: skip

    def _exchange_rates(self) -> Iterator[tuple[Callable[..., Aggregate], Fields]]:
        for currency, rates in self.exchange_rates.items():
            for first_day, rate in rates.items():
                yield (base_data.set_exchange_rate, {
                    "from_currency": currency, "to_currency": self.currency,
                    "effective_from": first_day, "rate": rate, "source": "中国银行",
                })  # fmt: skip

    def requests(self, book: str) -> Iterator[tuple[str, Fields]]:
        """What opens it over the API: each command's name on the import stream, and its fields as
        JSON has them. The book is written `books/main`."""
        for code, kind in self._places():
            place = {"description": code, "kind": f"PLACE_KIND_{kind.name}"}
            yield "create_place", {"parent": book, "place_id": code, "place": place}
        yield from self._requests_of_parts(book)
        for code, agreed in self.dealers.items():
            dealer = agreed._asdict()
            parent = dealer.pop("parent")
            dealer["parent_dealer"] = f"{book}/dealers/{parent}" if parent else ""
            if (own_rate := dealer.pop("claims_vat_rate")) is not None:
                dealer["claims_vat_rate"] = {"value": str(own_rate)}
            yield "create_dealer", {"parent": book, "dealer_id": code, "dealer": dealer}
        for model, warranted in self.policies.items():
            version = {
                **asdict(warranted),
                "effective_from": day(warranted.effective_from),
                "handling_rate": {"value": str(warranted.handling_rate)},
            }
            yield "set_policy", {"name": f"{book}/policies/{model}", "version": version}
        for serial, sold in self.machines.items():
            dealer_name, sold_on = f"{book}/dealers/{sold.dealer}", day(sold.sold_on)
            machine = {**sold._asdict(), "dealer": dealer_name, "sold_on": sold_on}
            yield "create_machine", {"parent": book, "machine_id": serial, "machine": machine}

    def _requests_of_parts(self, book: str) -> Iterator[tuple[str, Fields]]:
        """And of price lists and exchange rates."""
        for currency in self._currencies:
            yield from self._requests_of_a_list(book, currency)
        for number, listed in self.parts.items():
            part = {
                "description": number, "part_class": f"PART_CLASS_{listed.part_class.name}",
                "serviceable": listed.serviceable, "restricted": listed.restricted,
            }  # fmt: skip
            yield "create_part", {"parent": book, "part_id": number, "part": part}
            for currency in self._currencies if listed.price_minor else ():
                name = f"{book}/priceLists/settlement-{currency}/prices/{in_name(number)}"
                price = money(listed.price_minor, currency)
                version = {"effective_from": day(self.priced_from), "unit_price": price}
                yield "set_price", {"name": name, "version": version}
        for currency, rates in self.exchange_rates.items():
            name = f"{book}/exchangeRates/{currency}-{self.currency}"
            for first_day, rate in rates.items():
                published: Fields = {
                    "effective_from": day(first_day), "rate": {"value": str(rate)},
                    "source": "中国银行",
                }  # fmt: skip
                yield "set_exchange_rate", {"name": name, "version": published}

    def _requests_of_a_list(self, book: str, currency: str) -> Iterator[tuple[str, Fields]]:
        price_list = {
            "kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": currency,
            "vat_rate": {"value": str(self.vat_rate)},
        }  # fmt: skip
        yield "create_price_list", {"parent": book, "price_list": price_list}
        for first_day, vat_rate in self.later_vat_rates.items():
            rate = {"effective_from": day(first_day), "vat_rate": {"value": str(vat_rate)}}
            name = f"{book}/priceLists/settlement-{currency}"
            yield "change_vat_rate", {"name": name, "version": rate}

    def _places(self) -> Iterator[tuple[str, PlaceKind]]:
        yield from ((code, PlaceKind.WAREHOUSE) for code in self.warehouses)
        yield from ((code, PlaceKind.CUSTODY) for code in self.custody_rooms)

    @property
    def _currencies(self) -> tuple[str, ...]:
        """Of its price lists; on each of them prices have the same numbers of minor units."""
        return (self.currency, *self.other_lists)


SMALL_MAKER: Final = SmallMaker()
