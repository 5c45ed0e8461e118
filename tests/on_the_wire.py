"""Plain values as the API's JSON has them, and the API's messages as plain values.

Written a second time: what a test converts with the server's own code, it trusts.
"""

from datetime import date
from typing import Any

MINOR_A_UNIT = 100  # Of the currencies that the tests deal in.
NANOS_A_MINOR = 10_000_000


def money(minor: int, currency: str = "CNY") -> dict[str, Any]:
    """Units and nanos of the same sign."""
    units, rest = divmod(abs(minor), MINOR_A_UNIT)
    sign = -1 if minor < 0 else 1
    return {
        "currency_code": currency,
        "units": str(sign * units),
        "nanos": sign * rest * NANOS_A_MINOR,
    }


def cny(units: int) -> dict[str, Any]:
    return money(units * MINOR_A_UNIT)


def usd(units: int) -> dict[str, Any]:
    return money(units * MINOR_A_UNIT, "USD")


def minor(message: Any) -> int:
    """Minor units of a Money in the book's currency."""
    assert message.currency_code == "CNY", message
    assert message.nanos % NANOS_A_MINOR == 0, message
    found: int = message.units * MINOR_A_UNIT + message.nanos // NANOS_A_MINOR
    return found


def day(value: date | str) -> dict[str, int]:
    """A day, which may be written `2025-07-01`."""
    year, month, number = map(int, str(value).split("-"))
    return {"year": year, "month": month, "day": number}


def day_of(message: Any) -> date:
    return date(message.year, message.month, message.day)


def on(value: date | str, document: str = "DOC-1", late: bool = False) -> dict[str, Any]:
    """When something happened, on which paper, and whether it may be booked late."""
    return {"occurred_on": day(value), "document": document, "allow_late": late}


def last(name: str) -> str:
    """`T-1` of `books/main/transfers/T-1`."""
    return name.rpartition("/")[2]
