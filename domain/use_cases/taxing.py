"""Finds the VAT rate in force on the day something happened (docs/domain.md, "VAT")."""

from datetime import date

from domain.dealer import Dealer
from domain.errors import NoVatRate
from domain.ledger import Ledger
from domain.price_list import PriceList, PriceListKind, list_key
from domain.vat import VatRate


def rate_of_sales(ledger: Ledger, currency: str, day: date) -> VatRate:
    """That of the settlement list in a currency, or the refusal NO_VAT_RATE."""
    number = list_key(PriceListKind.SETTLEMENT, currency)
    price_list = ledger.find(PriceList, number)
    rate = price_list.rate_on(day) if price_list else None
    if rate is None:
        raise NoVatRate(f"{number} has no VAT rate on {day}", price_list=number, on=day)
    return rate


def rate_of_claims(ledger: Ledger, dealer: Dealer, day: date) -> VatRate:
    """That of the dealer's own invoices, where it has one of its own; else that of sales to it."""
    return dealer.claims_rate(day) or rate_of_sales(ledger, dealer.currency, day)
