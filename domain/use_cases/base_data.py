"""Registers what documents refer to: parts, places, prices, dealers, machines, policies."""

from datetime import date
from decimal import Decimal

from domain import places
from domain.dealer import Dealer, DealerTerms
from domain.dealer_account import DealerAccount
from domain.errors import InvalidValue, WrongCurrency
from domain.exchange_rate import ExchangeRate, SourcedRate, rate_key
from domain.facts import Command
from domain.ledger import Ledger
from domain.machine import Machine
from domain.part import Part, PartClass
from domain.place import Place, PlaceKind
from domain.price_list import ListedPrice, PriceList, PriceListKind, list_key, price_key
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
) -> Part:
    ledger.require_new(Part, number)
    return ledger.add(
        Part.register(command, number, description, part_class, serviceable, restricted)
    )


def revise_part(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    description: str,
    part_class: PartClass,
    serviceable: bool,
    restricted: bool,
) -> Part:
    part = ledger.get(Part, number)
    part.revise(command, description, part_class, serviceable, restricted)
    return part


def open_place(
    ledger: Ledger, command: Command, *, code: str, description: str, kind: PlaceKind
) -> Place:
    ledger.require_new(Place, code)
    if places.consignee(code) is not None:
        raise InvalidValue("place", code, "must not start with 'consignment.'")
    return ledger.add(Place.open(command, code, description, kind))


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
    ledger: Ledger, command: Command, *, number: str, effective_from: date, vat_rate: Decimal
) -> PriceList:
    """Adds a version to the VAT rate of a list."""
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
    ledger.require_unrestricted(part, "priced")
    price = ledger.find(ListedPrice, price_key(price_list, part))
    if price is None:
        return ledger.add(
            ListedPrice.list(command, on_list, part, effective_from, unit_price_minor)
        )
    price.change(command, effective_from, unit_price_minor)
    return price


def register_dealer(
    ledger: Ledger, command: Command, *, code: str, title: str, terms: DealerTerms
) -> Dealer:
    """Registers a dealer and opens its account, in the one currency it settles in."""
    ledger.require_new(Dealer, code)
    if terms.parent:
        ledger.get(Dealer, terms.parent)
    dealer = ledger.add(Dealer.register(command, code, title, terms))
    ledger.add(DealerAccount.open(command, dealer.last_step, code, terms.currency, ledger.currency))
    return dealer


def register_machine(
    ledger: Ledger,
    command: Command,
    *,
    serial: str,
    model: str,
    dealer: str,
    sold_on: date,
    user: str,
) -> Machine:
    ledger.require_new(Machine, serial)
    ledger.get(Dealer, dealer)
    require_past(command, sold_on)
    return ledger.add(Machine.register(command, serial, model, dealer, sold_on, user))


def set_policy(
    ledger: Ledger, command: Command, *, model: str, terms: PolicyTerms
) -> WarrantyPolicy:
    """Issues the model's policy, or adds a version; the one at a machine's sale date counts."""
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
