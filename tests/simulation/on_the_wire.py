"""The trade's plain values as the API's JSON has them, and the API's messages as plain values.

Written a second time, like the model: what a test converts with the server's own code, it trusts.
"""

from datetime import date
from typing import Any

from tests.simulation.trade import CURRENCY, When

MINOR_A_UNIT = 100  # Of the currencies that the histories deal in.
NANOS_A_MINOR = 10_000_000


def money(minor: int, currency: str = CURRENCY) -> dict[str, Any]:
    """Units and nanos of the same sign."""
    units, rest = divmod(abs(minor), MINOR_A_UNIT)
    sign = -1 if minor < 0 else 1
    return {
        "currency_code": currency,
        "units": str(sign * units),
        "nanos": sign * rest * NANOS_A_MINOR,
    }


def minor(message: Any) -> int:
    """Minor units of a Money in the book's currency."""
    assert message.currency_code == CURRENCY, message
    assert message.nanos % NANOS_A_MINOR == 0, message
    found: int = message.units * MINOR_A_UNIT + message.nanos // NANOS_A_MINOR
    return found


def day(value: date) -> dict[str, int]:
    return {"year": value.year, "month": value.month, "day": value.day}


def day_of(message: Any) -> date:
    return date(message.year, message.month, message.day)


def occurrence(when: When) -> dict[str, Any]:
    return {"occurred_on": day(when.on), "document": when.document, "allow_late": when.late}


def last(name: str) -> str:
    """`T-1` of `books/main/transfers/T-1`."""
    return name.rpartition("/")[2]
