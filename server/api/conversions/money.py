"""google.type.Money to whole minor units and back, without rounding and without floats.

A unit of a currency is 10^decimals minor units (ISO 4217) and a milliard nanos: CNY 12.34 is 12
units and 340,000,000 nanos on the wire, and 1,234 minor units inside.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from domain import values
from domain.currencies import DECIMALS
from domain.errors import InvalidValue, WrongCurrency
from partsledger.v1.types_pb2 import Sum

NANOS: Final = 1_000_000_000  # In a unit.
MOST_UNITS: Final = 2**63 - 1  # What the wire's 64-bit number holds.

# Of one piece. A million pieces on each line of a document still fit a 64-bit amount.
MAX_UNIT_MINOR: Final = 10**10


class Amount(NamedTuple):
    """Minor units of a currency; of either sign."""

    minor: int
    currency: str


def amount(money: Money, field: str) -> Amount:
    """A Money as minor units. Refuses different signs, and decimals the currency does not have."""
    currency = values.currency(money.currency_code, f"{field}.currency_code")
    decimals = DECIMALS[currency]
    _require_one_sign(money, field)
    nanos_a_minor = NANOS // 10**decimals
    if money.nanos % nanos_a_minor:
        rule = f"{currency} has {decimals} decimals: must be a multiple of {nanos_a_minor}"
        raise InvalidValue(f"{field}.nanos", money.nanos, rule)
    minor = (money.units * NANOS + money.nanos) // nanos_a_minor
    if abs(minor) > values.MAX_AMOUNT_MINOR:
        rule = f"must be within ±{values.MAX_AMOUNT_MINOR} minor units"
        raise InvalidValue(field, minor, rule)
    return Amount(minor, currency)


def _require_one_sign(money: Money, field: str) -> None:
    """Refuses units and nanos that say different things, or the same thing twice."""
    if abs(money.nanos) >= NANOS:
        raise InvalidValue(f"{field}.nanos", money.nanos, f"must be within ±{NANOS - 1}")
    if money.units * money.nanos < 0:
        raise InvalidValue(f"{field}.nanos", money.nanos, "must have the sign of units")


def positive(money: Money, field: str) -> Amount:
    """An amount above zero."""
    found = amount(money, field)
    values.amount_minor(found.minor, field)
    return found


def of_one_piece(money: Money, field: str, zero: bool = False) -> Amount:
    """A price or cost of one piece: above zero, or also zero if that is allowed."""
    found = not_negative(money, field) if zero else positive(money, field)
    if found.minor > MAX_UNIT_MINOR:
        raise InvalidValue(field, found.minor, f"must be at most {MAX_UNIT_MINOR} minor units")
    return found


def not_negative(money: Money, field: str) -> Amount:
    """An amount of zero or more."""
    found = amount(money, field)
    values.amount_minor(found.minor, field, zero=True)
    return found


def cost_of_one_piece(money: Money, field: str) -> Decimal:
    """A cost of zero or more, in the currency's main unit: it may have decimals that the currency
    does not have."""
    currency = values.currency(money.currency_code, f"{field}.currency_code")
    _require_one_sign(money, field)
    cost = Decimal(money.units * NANOS + money.nanos) / NANOS
    most = Decimal(MAX_UNIT_MINOR).scaleb(-DECIMALS[currency])
    if not 0 <= cost <= most:
        raise InvalidValue(field, cost, f"must not be negative, and at most {most}")
    return cost


def common_currency(amounts: Iterable[Amount], field: str) -> str:
    """The currency of all amounts of a document; empty if it has no amounts."""
    common = ""
    for _, currency in amounts:
        common = common or currency
        if currency != common:
            raise WrongCurrency(
                f"{field} has amounts in {common} and in {currency}",
                field=field, currency=currency, expected=common,
            )  # fmt: skip
    return common


def message(minor: int, currency: str) -> Money:
    """Minor units as a Money: units and nanos of the same sign."""
    units, nanos = _in_units(minor, currency)
    return Money(currency_code=currency, units=units, nanos=nanos)


def sum_message(minor: int, currency: str) -> Sum:
    """A sum of amounts, whatever its size: where no 64-bit number holds its units, as a decimal."""
    units, nanos = _in_units(minor, currency)
    if abs(units) > MOST_UNITS:
        # A text, and no arithmetic of decimals: that would round to so many digits.
        decimals, sign, digits = DECIMALS[currency], "-" * (minor < 0), str(abs(minor))
        whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
        value = f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
        return Sum(currency_code=currency, large=DecimalMessage(value=value))
    return Sum(currency_code=currency, units=units, nanos=nanos)


def optional_sum_message(minor: int | None, currency: str) -> Sum | None:
    """The same, or None for no sum, which leaves a field of a message unset."""
    return None if minor is None else sum_message(minor, currency)


def _in_units(minor: int, currency: str) -> tuple[int, int]:
    """Whole units, and billionths of one with the same sign."""
    minor_a_unit = 10 ** DECIMALS[currency]
    units, rest = divmod(abs(minor), minor_a_unit)
    sign = -1 if minor < 0 else 1
    return sign * units, sign * rest * (NANOS // minor_a_unit)


def decimal_message(cost: Decimal, currency: str) -> Money:
    """A cost of one piece as a Money, with all its decimals."""
    units, nanos = divmod(int(cost * NANOS), NANOS)
    return Money(currency_code=currency, units=units, nanos=nanos)
