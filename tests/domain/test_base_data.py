"""Registering what documents refer to: numbers are unique, versions are dated."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.changes import KnownOtherwise, VersionExists
from domain.dated import Version
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.errors import AlreadyExists, InvalidValue, NotFound, RestrictedPart
from domain.facts import Fact
from domain.machine import Machine, MachineCard
from domain.months import months_after
from domain.part import CatalogueEntry, PartClass
from domain.place import PlaceKind
from domain.price_list import ListedPrice, PriceList, PriceListKind
from domain.use_cases import base_data, revising
from domain.warranty_policy import WarrantyPolicy
from tests.domain.desk import Desk, UseCase, d, kinds
from tests.domain.givens import CORE, LIST, PUMP, SEAL, maker
from tests.small_maker import policy, terms

SHAFT: dict[str, Any] = {
    "number": "SHAFT-3", "description": "轴", "part_class": PartClass.WEAR,
    "serviceable": True, "restricted": False,
}  # fmt: skip

CORE_SHAFT = CatalogueEntry("轴", PartClass.WEAR, serviceable=False, restricted=True)


@pytest.mark.parametrize(
    ("use_case", "fields", "kind", "key"),
    [
        (base_data.register_part, SHAFT | {"number": PUMP}, "Part", PUMP),
        (base_data.open_place,
         {"code": "W01", "description": "", "kind": PlaceKind.CUSTODY}, "Place", "W01"),
        (base_data.open_price_list,
         {"kind": PriceListKind.SETTLEMENT, "currency": "CNY", "vat_rate": Decimal(0)},
         "PriceList", LIST),
        (base_data.register_dealer, {"code": "D01", "terms": terms(payment_days=9)},
         "Dealer", "D01"),
        (base_data.register_machine,
         {"serial": "S1", "model": "ZY16", "dealer": "D01", "sold_on": d(1, 1), "user": "U9"},
         "Machine", "S1"),
    ],
)  # fmt: skip
def test_a_number_is_given_once(
    use_case: UseCase, fields: dict[str, Any], kind: str, key: str
) -> None:
    refusal = AlreadyExists if kind == "PriceList" else KnownOtherwise
    told = maker().refused(refusal, use_case, **fields)
    assert (told["kind"], told["key"]) == (kind, key)


@pytest.mark.parametrize(
    ("use_case", "fields", "kind", "key"),
    [
        (revising.revise_part,
         {"number": "SHAFT-3", "entry": CORE_SHAFT, "effective_from": d(1, 2)},
         "Part", "SHAFT-3"),
        (base_data.set_price,
         {"price_list": "guide-CNY", "part": PUMP, "effective_from": d(1, 1),
          "unit_price_minor": 1}, "PriceList", "guide-CNY"),
        (base_data.set_price,
         {"price_list": LIST, "part": "X", "effective_from": d(1, 1), "unit_price_minor": 1},
         "Part", "X"),
        (base_data.register_dealer, {"code": "D09", "terms": terms(parent="HQ")},
         "Dealer", "HQ"),
        (base_data.register_machine,
         {"serial": "S9", "model": "ZY16", "dealer": "D09", "sold_on": d(1, 1), "user": ""},
         "Dealer", "D09"),
    ],
)  # fmt: skip
def test_what_base_data_refers_to_has_to_exist(
    use_case: UseCase, fields: dict[str, Any], kind: str, key: str
) -> None:
    assert maker().refused(NotFound, use_case, **fields) == {"kind": kind, "key": key}


def test_a_dealer_is_registered_with_its_account() -> None:
    desk = maker()
    facts = desk.do(base_data.register_dealer, code="D11", terms=terms("EUR", 45, "D01"))

    assert kinds(facts) == ["Dealer.Registered", "DealerAccount.Opened"]
    assert desk.the(Dealer, "D11").versions.newest == terms("EUR", 45, "D01")
    assert desk.the(DealerAccount, "D11").currency == "EUR"
    assert desk.the(DealerAccount, "D11").items == {}


def test_a_place_may_not_look_like_a_dealers_consignment_stock() -> None:
    facts = maker().refused(
        InvalidValue, base_data.open_place,
        code="consignment.D01", description="", kind=PlaceKind.WAREHOUSE,
    )  # fmt: skip

    assert facts["field"] == "place"


def price_setter(desk: Desk, part: str = PUMP) -> Callable[[date, int], list[Fact]]:
    def set_price(effective_from: date, unit_price_minor: int) -> list[Fact]:
        return desk.do(
            base_data.set_price, price_list=LIST, part=part,
            effective_from=effective_from, unit_price_minor=unit_price_minor,
        )  # fmt: skip

    return set_price


def test_a_restricted_part_is_never_priced() -> None:
    facts = maker().refused(
        RestrictedPart, base_data.set_price,
        price_list=LIST, part=CORE, effective_from=d(1, 1), unit_price_minor=1,
    )  # fmt: skip

    assert facts == {"part": CORE, "action": "priced"}


def test_the_price_of_a_day_is_the_last_version_in_force_on_it() -> None:
    desk = maker()
    set_price = price_setter(desk)
    assert kinds(set_price(d(9, 1), 2500)) == ["ListedPrice.Changed"]
    set_price(d(5, 1), 2200)

    price = desk.the(ListedPrice, f"{LIST}/{PUMP}")

    days = [date(2024, 12, 31), d(1, 1), d(4, 30), d(5, 1), d(8, 31), d(9, 1)]
    listed, raised, last = (d(1, 1), 1999, 1), (d(5, 1), 2200, 3), (d(9, 1), 2500, 2)
    assert [price.on(day) for day in days] == [None, listed, listed, raised, raised, last]
    assert list(price.prices) == [listed, raised, last]


def test_a_list_is_one_kind_in_one_currency() -> None:
    desk = maker()
    desk.do(
        base_data.open_price_list,
        kind=PriceListKind.GUIDE, currency="CNY", vat_rate=Decimal("0.06"),
    )  # fmt: skip

    rates = [desk.the(PriceList, number).rate_on(d(1, 1)) for number in ("guide-CNY", LIST)]
    assert [found and found.rate for found in rates] == [Decimal("0.06"), Decimal("0.13")]
    assert desk.ledger.find(ListedPrice, f"guide-CNY/{SEAL}") is None


def test_the_policy_version_of_the_sale_date_counts() -> None:
    desk = maker()
    later = policy(effective_from=d(3, 1), term_months=12)
    desk.do(base_data.set_policy, model="ZY16", terms=later)
    versions = desk.the(WarrantyPolicy, "ZY16")

    assert versions.on(date(2019, 12, 31)) is None
    assert [versions.on(day) for day in (d(2, 28), d(3, 1))] == [
        Version(date(2020, 1, 1), policy(), 1), Version(d(3, 1), later, 2),
    ]  # fmt: skip


def test_a_version_of_a_policy_is_never_overwritten() -> None:
    desk = maker()
    desk.do(base_data.set_policy, model="ZY16", terms=policy())  # The same once more.

    facts = desk.refused(
        VersionExists, base_data.set_policy, model="ZY16", terms=policy(term_months=12)
    )

    assert (facts["what"], facts["effective_from"]) == ("policy ZY16", "2020-01-01")
    assert (facts["changed"], facts["known"], facts["given"]) == (
        "term_months", "term_months 24", "term_months 12",
    )  # fmt: skip
    assert [version.number for version in desk.the(WarrantyPolicy, "ZY16").versions] == [1]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)), (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 3, 31), 24, date(2027, 3, 31)), (date(2025, 3, 31), 0, date(2025, 3, 31)),
    ],
)  # fmt: skip
def test_months_later_is_the_same_day_or_the_months_last(
    day: date, months: int, later: date
) -> None:
    assert months_after(day, months) == later


def test_a_machine_remembers_its_sale() -> None:
    machine = maker().the(Machine, "S1")

    assert machine.versions.newest == MachineCard("ZY16", "D01", d(1, 1), "U1")
