"""Parts, places, prices and policies as the API shows them."""

from typing import Final

from domain.exchange_rate import ExchangeRate
from domain.part import CatalogueEntry, Part, PartClass
from domain.place import Place, PlaceKind
from domain.price_list import ListedPrice, PriceList, PriceListKind
from domain.warranty_policy import PolicyTerms, WarrantyPolicy
from partsledger.v1 import (
    exchange_rate_service_pb2,
    part_service_pb2,
    place_service_pb2,
    policy_service_pb2,
    price_service_pb2,
)
from server.api.conversions import money, names
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day_message, moment_message

PART_CLASS: Final = Choice(PartClass, part_service_pb2.PartClass)
PLACE_KIND: Final = Choice(PlaceKind, place_service_pb2.PlaceKind)
PRICE_LIST_KIND: Final = Choice(PriceListKind, price_service_pb2.PriceListKind)


def part_message(part: Part, book: ShownBook) -> part_service_pb2.Part:
    versions = [
        part_service_pb2.PartVersion(
            effective_from=day_message(day), number=number, part=_entry(entry)
        )
        for day, entry, number in part.versions
    ]
    shown = part_service_pb2.Part(
        name=names.PART.format(book.name, part.key),
        etag=str(part.version),
        create_time=moment_message(part.created_on),
        update_time=moment_message(part.modified_on),
        effective_from=versions[-1].effective_from,
        versions=versions,
    )
    shown.MergeFrom(versions[-1].part)
    return shown


def _entry(entry: CatalogueEntry) -> part_service_pb2.Part:
    return part_service_pb2.Part(
        description=entry.description,
        part_class=PART_CLASS.number(entry.part_class),
        serviceable=entry.serviceable,
        restricted=entry.restricted,
    )


def place_message(place: Place, book: ShownBook) -> place_service_pb2.Place:
    versions = [
        place_service_pb2.PlaceVersion(
            effective_from=day_message(day),
            number=number,
            place=place_service_pb2.Place(
                description=entry.description, kind=PLACE_KIND.number(entry.kind)
            ),
        )
        for day, entry, number in place.versions
    ]
    shown = place_service_pb2.Place(
        name=names.PLACE.format(book.name, place.key),
        etag=str(place.version),
        create_time=moment_message(place.created_on),
        update_time=moment_message(place.modified_on),
        effective_from=versions[-1].effective_from,
        versions=versions,
    )
    shown.MergeFrom(versions[-1].place)
    return shown


def price_list_message(price_list: PriceList, book: ShownBook) -> price_service_pb2.PriceList:
    versions = [
        price_service_pb2.VatRateVersion(
            effective_from=day_message(day), vat_rate=rate_message(vat_rate), number=number
        )
        for day, vat_rate, number in price_list.rates
    ]
    return price_service_pb2.PriceList(
        name=names.PRICE_LIST.format(book.name, price_list.key),
        etag=str(price_list.version),
        create_time=moment_message(price_list.created_on),
        update_time=moment_message(price_list.modified_on),
        kind=PRICE_LIST_KIND.number(price_list.kind),
        currency=price_list.currency,
        vat_rate=versions[-1].vat_rate,
        effective_from=versions[-1].effective_from,
        vat_rates=versions,
    )


def price_message(price: ListedPrice, book: ShownBook) -> price_service_pb2.Price:
    versions = [
        price_service_pb2.PriceVersion(
            effective_from=day_message(day),
            unit_price=money.message(minor, price.currency),
            number=number,
        )
        for day, minor, number in price.prices
    ]
    return price_service_pb2.Price(
        name=names.PRICE.format(book.name, price.key),
        etag=str(price.version),
        create_time=moment_message(price.created_on),
        update_time=moment_message(price.modified_on),
        part=names.PART.format(book.name, price.part),
        versions=versions,
    )


def exchange_rate_message(
    rate: ExchangeRate, book: ShownBook
) -> exchange_rate_service_pb2.ExchangeRate:
    versions = [
        exchange_rate_service_pb2.ExchangeRateVersion(
            effective_from=day_message(day), rate=rate_message(found.rate), source=found.source,
            number=number,
        )
        for day, found, number in rate.rates
    ]  # fmt: skip
    return exchange_rate_service_pb2.ExchangeRate(
        name=names.EXCHANGE_RATE.format(book.name, rate.key),
        etag=str(rate.version),
        create_time=moment_message(rate.created_on),
        update_time=moment_message(rate.modified_on),
        from_currency=rate.from_currency,
        to_currency=rate.to_currency,
        versions=versions,
    )


def policy_message(policy: WarrantyPolicy, book: ShownBook) -> policy_service_pb2.Policy:
    return policy_service_pb2.Policy(
        name=names.POLICY.format(book.name, policy.key),
        etag=str(policy.version),
        create_time=moment_message(policy.created_on),
        update_time=moment_message(policy.modified_on),
        versions=[_policy_version(version.value) for version in policy.versions],
    )


def _policy_version(terms: PolicyTerms) -> policy_service_pb2.PolicyVersion:
    return policy_service_pb2.PolicyVersion(
        effective_from=day_message(terms.effective_from),
        term_months=terms.term_months,
        covered_causes=terms.covered_causes,
        handling_rate=rate_message(terms.handling_rate),
        currency=terms.currency,
        tolerance_minor=terms.tolerance_minor,
        submission_days=terms.submission_days,
        return_days=terms.return_days,
        chargeback_months=terms.chargeback_months,
    )
