"""google.type.Decimal to rates and back, without a float in between."""

import re
from decimal import Decimal
from typing import Final

from google.type.decimal_pb2 import Decimal as DecimalMessage

from domain import values
from domain.errors import InvalidValue

# The message type also allows signs and exponents. In a rate they are most likely a mistake.
_PLAIN: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")
_PLAIN_RATE: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,12})?")


def rate(message: DecimalMessage, field: str) -> Decimal:
    """A rate between 0 and 1, as 0.13, with at most six decimals."""
    if not _PLAIN.fullmatch(message.value):
        raise InvalidValue(field, message.value[:40], "must be a plain decimal such as 0.13")
    return values.rate(Decimal(message.value), field)


def exchange_rate(message: DecimalMessage, field: str) -> Decimal:
    """What one unit of a currency is worth in another, as 7.1, with at most ten decimals."""
    if not _PLAIN_RATE.fullmatch(message.value):
        raise InvalidValue(field, message.value[:40], "must be a plain decimal such as 7.1")
    return values.exchange_rate(Decimal(message.value), field)


def optional_rate(message: DecimalMessage, field: str) -> Decimal:
    """The same, or 0 for a rate that is not set."""
    return rate(message, field) if message.value else Decimal(0)


def rate_message(value: Decimal) -> DecimalMessage:
    return DecimalMessage(value=format(value, "f"))


def optional_rate_message(value: Decimal | None) -> DecimalMessage | None:
    """The same, or None for no rate, which leaves a field of a message unset."""
    return None if value is None else rate_message(value)
