"""Dealers, suppliers and machines as the API shows them: in versions, the last one on top."""

from domain.dealer import Dealer, DealerTerms
from domain.machine import Machine, MachineCard
from domain.supplier import Supplier, SupplierTerms
from partsledger.v1 import dealer_service_pb2, machine_service_pb2, supplier_service_pb2
from server.api.conversions import names
from server.api.conversions.book import ShownBook
from server.api.conversions.rates import optional_rate_message
from server.api.conversions.times import day_message, moment_message


def dealer_message(dealer: Dealer, book: ShownBook) -> dealer_service_pb2.Dealer:
    versions = [
        dealer_service_pb2.DealerVersion(
            effective_from=day_message(day), number=number, dealer=_agreed(terms, book)
        )
        for day, terms, number in dealer.versions
    ]
    shown = dealer_service_pb2.Dealer(
        name=names.DEALER.format(book.name, dealer.key),
        etag=str(dealer.version),
        create_time=moment_message(dealer.created_on),
        update_time=moment_message(dealer.modified_on),
        effective_from=versions[-1].effective_from,
        versions=versions,
    )
    shown.MergeFrom(versions[-1].dealer)
    return shown


def _agreed(terms: DealerTerms, book: ShownBook) -> dealer_service_pb2.Dealer:
    return dealer_service_pb2.Dealer(
        title=terms.title,
        level=terms.level,
        region_tier=terms.region_tier,
        currency=terms.currency,
        tax_number=terms.tax_number,
        payment_days=terms.payment_days,
        parent_dealer=names.DEALER.format(book.name, terms.parent) if terms.parent else "",
        claims_vat_rate=optional_rate_message(terms.claims_vat_rate),
    )


def supplier_message(supplier: Supplier, book: ShownBook) -> supplier_service_pb2.Supplier:
    versions = [
        supplier_service_pb2.SupplierVersion(
            effective_from=day_message(day), number=number, supplier=_agreed_with_supplier(terms)
        )
        for day, terms, number in supplier.versions
    ]
    shown = supplier_service_pb2.Supplier(
        name=names.SUPPLIER.format(book.name, supplier.key),
        etag=str(supplier.version),
        create_time=moment_message(supplier.created_on),
        update_time=moment_message(supplier.modified_on),
        effective_from=versions[-1].effective_from,
        versions=versions,
    )
    shown.MergeFrom(versions[-1].supplier)
    return shown


def _agreed_with_supplier(terms: SupplierTerms) -> supplier_service_pb2.Supplier:
    return supplier_service_pb2.Supplier(
        title=terms.title,
        currency=terms.currency,
        tax_number=terms.tax_number,
        payment_days=terms.payment_days,
    )


def machine_message(machine: Machine, book: ShownBook) -> machine_service_pb2.Machine:
    """Of a machine that was another dealer's before, a dealer sees its own versions of the card,
    and no claims: some may be the other's."""
    seen = [v for v in machine.versions if book.seen_by in ("", v.value.dealer)]
    claims = machine.failures.items() if len(seen) == len(machine.versions) else ()
    failures = [
        machine_service_pb2.ClaimedFailure(
            claim=names.CLAIM.format(book.name, claim),
            failed_on=day_message(failed_on),
            causal_part=names.PART.format(book.name, part),
        )
        for (failed_on, part), claim in claims
    ]
    versions = [
        machine_service_pb2.MachineVersion(
            effective_from=day_message(day), number=number, machine=_card(card, book)
        )
        for day, card, number in seen
    ]
    shown = machine_service_pb2.Machine(
        name=names.MACHINE.format(book.name, machine.key),
        etag=str(machine.version),
        create_time=moment_message(machine.created_on),
        update_time=moment_message(machine.modified_on),
        failures=failures,
        effective_from=versions[-1].effective_from,
        versions=versions,
    )
    shown.MergeFrom(versions[-1].machine)
    return shown


def _card(card: MachineCard, book: ShownBook) -> machine_service_pb2.Machine:
    return machine_service_pb2.Machine(
        model=card.model,
        dealer=names.DEALER.format(book.name, card.dealer),
        sold_on=day_message(card.sold_on),
        user=card.user,
    )
