"""Base data as commands: one a row, ordered before everything that has a date."""

from collections.abc import Iterator

from partsledger.v1 import (
    dealer_service_pb2,
    machine_service_pb2,
    part_service_pb2,
    place_service_pb2,
    policy_service_pb2,
    price_service_pb2,
)
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day_message
from server.erp.base_files import (
    DealerLine,
    MachineLine,
    PartLine,
    PlaceLine,
    PolicyLine,
    PriceLine,
    PriceListLine,
)
from server.erp.documents import Document
from server.erp.steps import Step, register
from server.erp.wire import Names, minor_units, money


def place_steps(names: Names, document: Document[PlaceLine]) -> Iterator[Step]:
    row = document.head
    kind = place_service_pb2.PlaceKind.Value(f"PLACE_KIND_{row.kind.upper()}")
    place = place_service_pb2.Place(description=row.description, kind=kind)
    yield register(
        place_service_pb2.CreatePlaceRequest(parent=names.book, place_id=row.place, place=place)
    )


def part_steps(names: Names, document: Document[PartLine]) -> Iterator[Step]:
    row = document.head
    part = part_service_pb2.Part(
        description=row.description,
        part_class=part_service_pb2.PartClass.Value(f"PART_CLASS_{row.part_class.upper()}"),
        serviceable=row.serviceable,
        restricted=row.restricted,
    )
    yield register(
        part_service_pb2.CreatePartRequest(parent=names.book, part_id=row.part, part=part)
    )


def price_list_steps(names: Names, document: Document[PriceListLine]) -> Iterator[Step]:
    row = document.head
    price_list = price_service_pb2.PriceList(
        kind=price_service_pb2.PriceListKind.Value(f"PRICE_LIST_KIND_{row.price_list.upper()}"),
        currency=row.currency,
        vat_rate=rate_message(row.vat_rate),
    )
    yield register(
        price_service_pb2.CreatePriceListRequest(parent=names.book, price_list=price_list)
    )


def price_steps(names: Names, document: Document[PriceLine]) -> Iterator[Step]:
    row = document.head
    price_list = names.of("priceLists", f"{row.price_list}-{row.currency}")
    version = price_service_pb2.PriceVersion(
        effective_from=day_message(row.effective_from),
        unit_price=money(row.unit_price, row.currency),
    )
    yield register(
        price_service_pb2.SetPriceRequest(name=f"{price_list}/prices/{row.part}", version=version)
    )


def dealer_steps(names: Names, document: Document[DealerLine]) -> Iterator[Step]:
    row = document.head
    dealer = dealer_service_pb2.Dealer(
        title=row.title,
        level=row.level,
        region_tier=row.region_tier,
        currency=row.currency,
        tax_number=row.tax_number,
        payment_days=row.payment_days,
        parent_dealer=names.dealer(row.parent),
    )
    yield register(
        dealer_service_pb2.CreateDealerRequest(
            parent=names.book, dealer_id=row.dealer, dealer=dealer
        )
    )


def machine_steps(names: Names, document: Document[MachineLine]) -> Iterator[Step]:
    row = document.head
    machine = machine_service_pb2.Machine(
        model=row.model,
        dealer=names.dealer(row.dealer),
        sold_on=day_message(row.sold_on),
        user=row.user or "",
    )
    yield register(
        machine_service_pb2.CreateMachineRequest(
            parent=names.book, machine_id=row.serial, machine=machine
        )
    )


def policy_steps(names: Names, document: Document[PolicyLine]) -> Iterator[Step]:
    row = document.head
    version = policy_service_pb2.PolicyVersion(
        effective_from=day_message(row.effective_from),
        term_months=row.term_months,
        covered_causes=row.covered_causes,
        handling_rate=rate_message(row.handling_rate),
        tolerance_minor=minor_units(row.tolerance, row.currency),
        submission_days=row.submission_days,
        return_days=row.return_days,
        chargeback_months=row.chargeback_months,
    )
    yield register(
        policy_service_pb2.SetPolicyRequest(name=names.of("policies", row.model), version=version)
    )
