"""Plain values as the API's JSON has them, and the API's messages as plain values.

Written a second time: what a test converts with the server's own code, it trusts.
"""

from datetime import date
from typing import Any
from urllib.parse import quote, unquote

MINOR_A_UNIT = {"CNY": 100, "USD": 100, "EUR": 100, "JPY": 1, "KWD": 1000}
NANOS = 1_000_000_000  # In a unit.


def money(minor: int, currency: str = "CNY") -> dict[str, Any]:
    """Units and nanos of the same sign."""
    units, rest = divmod(abs(minor), MINOR_A_UNIT[currency])
    sign = -1 if minor < 0 else 1
    return {
        "currency_code": currency,
        "units": str(sign * units),
        "nanos": sign * rest * NANOS // MINOR_A_UNIT[currency],
    }


def cny(units: int) -> dict[str, Any]:
    return money(units * MINOR_A_UNIT["CNY"])


def usd(units: int) -> dict[str, Any]:
    return money(units * MINOR_A_UNIT["USD"], "USD")


def minor(message: Any) -> int:
    """Minor units of a Money, or of a sum, in its currency."""
    minor_a_unit = MINOR_A_UNIT[message.currency_code]
    found, rest = divmod(message.units * NANOS + message.nanos, NANOS // minor_a_unit)
    assert rest == 0, message
    return int(found)


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
    """`T-1` of `books/main/transfers/T-1`, and `A/1` of `books/main/parts/A%2F1`."""
    return unquote(name.rpartition("/")[2])


def in_name(part: str) -> str:
    """The number of a part as it stands in the names of resources."""
    return quote(part, safe="")
