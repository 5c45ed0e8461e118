"""Finds what another currency was worth on the day something happened (docs/domain.md,
"Exchange rates")."""

from datetime import date

from domain.conversion import Conversion
from domain.errors import NoExchangeRate
from domain.exchange_rate import ExchangeRate, rate_key
from domain.ledger import Ledger


def conversion_on(ledger: Ledger, currency: str, day: date) -> Conversion | None:
    """The rate in force on a day, or the refusal NO_EXCHANGE_RATE; None for the book's currency,
    which needs none."""
    if currency == ledger.currency:
        return None
    number = rate_key(currency, ledger.currency)
    rate = ledger.find(ExchangeRate, number)
    conversion = rate.on(day) if rate else None
    if conversion is None:
        raise NoExchangeRate(
            f"{number} has no exchange rate on {day}", exchange_rate=number, on=day
        )
    return conversion
