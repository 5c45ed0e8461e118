"""Registers what documents refer to: the catalogue, places, dealers, machines, suppliers, prices
and policies."""

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from domain import places
from domain.changes import KnownOtherwise, changes
from domain.dealer import Dealer, DealerTerms
from domain.dealer_account import DealerAccount
from domain.errors import AlreadyExists, InvalidValue, WrongCurrency
from domain.exchange_rate import ExchangeRate, SourcedRate, rate_key
from domain.facts import Command
from domain.ledger import Ledger
from domain.machine import Machine, MachineCard
from domain.part import CatalogueEntry, Part, PartClass
from domain.place import Place, PlaceEntry, PlaceKind
from domain.price_list import (
    ListedPrice,
    PriceList,
    PriceListKind,
    kind_and_currency,
    list_key,
    price_key,
)
from domain.records import Record
from domain.supplier import Supplier, SupplierTerms
from domain.use_cases.booking import require_past
from domain.values import FIRST_DAY
from domain.warranty_policy import PolicyTerms, WarrantyPolicy


def register_part(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    description: str,
    part_class: PartClass,
    serviceable: bool,
    restricted: bool,
    effective_from: date = FIRST_DAY,
) -> Part:
    entry = CatalogueEntry(description, part_class, serviceable, restricted)
    _require_new(ledger, Part, number, entry)
    return ledger.add(Part.register(command, number, effective_from, entry))


def open_place(
    ledger: Ledger,
    command: Command,
    *,
    code: str,
    description: str,
    kind: PlaceKind,
    effective_from: date = FIRST_DAY,
) -> Place:
    entry = PlaceEntry(description, kind)
    _require_new(ledger, Place, code, entry)
    if places.consignee(code) is not None:
        raise InvalidValue("place", code, "must not start with 'consignment.'")
    return ledger.add(Place.open(command, code, effective_from, entry))


def open_price_list(
    ledger: Ledger,
    command: Command,
    *,
    kind: PriceListKind,
    currency: str,
    vat_rate: Decimal,
    effective_from: date = FIRST_DAY,
) -> PriceList:
    """Opens a list with its first VAT rate; unless told otherwise it holds from the beginning."""
    ledger.require_new(PriceList, list_key(kind, currency))
    return ledger.add(PriceList.open(command, kind, currency, effective_from, vat_rate))


def change_vat_rate(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    effective_from: date,
    vat_rate: Decimal,
    allow_missing: bool = False,
) -> PriceList:
    """Adds a version to the VAT rate of a list; `allow_missing` opens the list if there is none."""
    if allow_missing and ledger.find(PriceList, number) is None:
        kind, currency = kind_and_currency(number)
        return ledger.add(PriceList.open(command, kind, currency, effective_from, vat_rate))
    price_list = ledger.get(PriceList, number)
    price_list.change_vat_rate(command, effective_from, vat_rate)
    return price_list


def set_exchange_rate(
    ledger: Ledger,
    command: Command,
    *,
    from_currency: str,
    to_currency: str,
    effective_from: date,
    rate: Decimal,
    source: str,
) -> ExchangeRate:
    """Lists the rate of a currency in the book's, or adds a version to it."""
    if to_currency != ledger.currency:
        raise WrongCurrency(
            f"the book is kept in {ledger.currency}: a rate is in it, and not in {to_currency}",
            currency=to_currency, expected=ledger.currency,
        )  # fmt: skip
    if from_currency == to_currency:
        raise InvalidValue("from_currency", from_currency, "must be another one than the book's")
    found = SourcedRate(rate, source)
    listed = ledger.find(ExchangeRate, rate_key(from_currency, to_currency))
    if listed is None:
        return ledger.add(
            ExchangeRate.list(command, from_currency, to_currency, effective_from, found)
        )
    listed.change(command, effective_from, found)
    return listed


def set_price(
    ledger: Ledger,
    command: Command,
    *,
    price_list: str,
    part: str,
    effective_from: date,
    unit_price_minor: int,
) -> ListedPrice:
    """Lists a part, or adds a version to its price. A restricted part is never priced."""
    on_list = ledger.get(PriceList, price_list)
    ledger.require_unrestricted(part, effective_from, "priced")
    price = ledger.find(ListedPrice, price_key(price_list, part))
    if price is None:
        return ledger.add(
            ListedPrice.list(command, on_list, part, effective_from, unit_price_minor)
        )
    price.change(command, effective_from, unit_price_minor)
    return price


def register_dealer(
    ledger: Ledger,
    command: Command,
    *,
    code: str,
    terms: DealerTerms,
    effective_from: date = FIRST_DAY,
) -> Dealer:
    """Registers a dealer and opens its account, in the one currency it settles in."""
    _require_new(ledger, Dealer, code, terms)
    require_parent(ledger, code, terms)
    dealer = ledger.add(Dealer.register(command, code, effective_from, terms))
    ledger.add(DealerAccount.open(command, dealer.last_step, code, terms.currency, ledger.currency))
    return dealer


def require_parent(ledger: Ledger, code: str, terms: DealerTerms) -> None:
    """The dealer above has to be registered, and be another one."""
    if terms.parent == code:
        raise InvalidValue("parent", code, "must be another dealer")
    if terms.parent:
        ledger.get(Dealer, terms.parent)


def register_machine(
    ledger: Ledger,
    command: Command,
    *,
    serial: str,
    model: str,
    dealer: str,
    sold_on: date,
    user: str,
    effective_from: date = FIRST_DAY,
) -> Machine:
    card = MachineCard(model, dealer, sold_on, user)
    _require_new(ledger, Machine, serial, card)
    ledger.get(Dealer, dealer)
    require_past(command, sold_on)
    return ledger.add(Machine.register(command, serial, effective_from, card))


def register_supplier(
    ledger: Ledger,
    command: Command,
    *,
    code: str,
    terms: SupplierTerms,
    effective_from: date = FIRST_DAY,
) -> Supplier:
    """Suppliers are paid in the book's currency."""
    _require_new(ledger, Supplier, code, terms)
    if terms.currency != ledger.currency:
        raise WrongCurrency(
            f"{code} is paid in the book's currency, {ledger.currency}, not in {terms.currency}",
            currency=terms.currency, expected=ledger.currency,
        )  # fmt: skip
    return ledger.add(Supplier.register(command, code, effective_from, terms))


def set_policy(
    ledger: Ledger, command: Command, *, model: str, terms: PolicyTerms
) -> WarrantyPolicy:
    """Issues the model's policy, or adds a version; the one at a machine's sale date counts.

    Terms that name no currency are in the book's.
    """
    if not terms.currency:
        terms = replace(terms, currency=ledger.currency)
    if terms.currency != ledger.currency:
        raise WrongCurrency(
            f"the book is kept in {ledger.currency}, and so is what a policy tolerates",
            currency=terms.currency, expected=ledger.currency,
        )  # fmt: skip
    policy = ledger.find(WarrantyPolicy, model)
    if policy is None:
        return ledger.add(WarrantyPolicy.issue(command, model, terms))
    policy.amend(command, terms)
    return policy


def _require_new(ledger: Ledger, kind: type[Record], number: str, given: object) -> None:
    """Refuses a number that is taken; says what is known of it and is other than what is given."""
    known = ledger.find(kind, number)
    if known is None:
        return
    if found := changes(known.versions.newest, given):
        raise KnownOtherwise(kind.__name__, number, found)
    raise AlreadyExists(kind.__name__, number)
