"""Checks of values that come in: one for each kind, naming the field, the value and the rule."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain.characters import BLANKS, unfit
from domain.currencies import DECIMALS, WITHOUT_MINOR_UNIT
from domain.errors import InvalidValue

MAX_QUANTITY: Final = 1_000_000
MAX_AMOUNT_MINOR: Final = 10**15  # Ten trillion in a currency with two decimals.
MAX_EXCHANGE_RATE: Final = 10**9
RATE_DECIMALS: Final = 10  # Of an exchange rate.
MAX_TEXT: Final = 500
FIRST_DAY: Final = date(1990, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
FIRST_MONTH: Final = "1990-01"
LAST_MONTH: Final = "2199-12"

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_PART: Final = re.compile(r"[A-Za-z0-9#](?:[A-Za-z0-9._/+# -]*[A-Za-z0-9._+#-])?")
_IN_NO_PART: Final = re.compile(r"[^A-Za-z0-9._/+# -]")
LONGEST_PART_NUMBER: Final = 63
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def code(value: str, field: str) -> str:
    """A number people give to a thing: letters, digits, dot, underscore, hyphen; 63 at most."""
    if not _CODE.fullmatch(value):
        rule = (
            "must be 1 to 63 letters, digits, '.', '_' or '-', and start with one of the first two"
        )
        raise InvalidValue(field, value, _unseen(value) or rule)
    return value


def part_number(value: str, field: str) -> str:
    """The number of a part, as catalogues write it: `6204-2RS/C3`, `M8 x 25`."""
    if not _PART.fullmatch(value) or "  " in value or len(value) > LONGEST_PART_NUMBER:
        raise InvalidValue(field, value, _unseen(value) or _fault_of_part(value))
    return value


def text(value: str, field: str, required: bool = False, most: int = MAX_TEXT) -> str:
    """A text whose every character can be seen, `most` at most, not blank where required."""
    if required and not value.strip():
        raise InvalidValue(field, value, "is required")
    if len(value) > most:
        raise InvalidValue(field, value[:40] + "…", f"must be at most {most} characters")
    if rule := _unseen(value):
        raise InvalidValue(field, value[:40], rule)
    return value


def quantity(value: int, field: str) -> int:
    """Whole pieces, from 1 to a million."""
    if not 1 <= value <= MAX_QUANTITY:
        raise InvalidValue(field, value, f"must be between 1 and {MAX_QUANTITY}")
    return value


def amount_minor(value: int, field: str, zero: bool = False) -> int:
    """An amount in minor units that is positive, or not negative where zero is allowed."""
    if not (0 if zero else 1) <= value <= MAX_AMOUNT_MINOR:
        rule = "must not be negative" if zero else "must be positive"
        raise InvalidValue(field, value, f"{rule} and at most {MAX_AMOUNT_MINOR} minor units")
    return value


def amount_text(minor: int, currency: str) -> str:
    """Minor units as people write them: `18.60`."""
    return format(Decimal(minor).scaleb(-DECIMALS[currency]), "f")


def money_text(minor: int, currency: str) -> str:
    """An amount as people write it, with its currency: `18.60 CNY`."""
    return f"{amount_text(minor, currency)} {currency}"


def product_minor(quantity: int, unit_minor: int, field: str) -> int:
    """What so many pieces are worth, within the limits of any amount."""
    return amount_minor(quantity * unit_minor, field, zero=True)


def cost_of(quantity: int, unit_cost: Decimal, currency: str) -> int:
    """What so many pieces cost together, rounded half up to the minor unit.

    The cost of one piece may have more decimals than its currency: 0.0035 for a washer.
    """
    cost = (quantity * unit_cost).scaleb(DECIMALS[currency])
    return int(cost.quantize(Decimal(1), ROUND_HALF_UP))


def count(value: int, field: str, most: int, least: int = 0) -> int:
    """A whole number of days, months or the like."""
    if not least <= value <= most:
        raise InvalidValue(field, value, f"must be between {least} and {most}")
    return value


def currency(value: str, field: str) -> str:
    """A code of ISO 4217 that has a minor unit: amounts are whole minor units."""
    if value in WITHOUT_MINOR_UNIT:
        raise InvalidValue(field, value, "must be a currency with a minor unit: no amount is in it")
    if value not in DECIMALS:
        raise InvalidValue(field, value, "must be the code of a currency of ISO 4217, such as CNY")
    return value


def day(value: date, field: str) -> date:
    """A business date in the range that is allowed, so that terms counted from it can be dates."""
    if not FIRST_DAY <= value <= LAST_DAY:
        raise InvalidValue(field, value, f"must be between {FIRST_DAY} and {LAST_DAY}")
    return value


def month(value: str, field: str) -> str:
    """A calendar month, as `2026-09`."""
    if not (_MONTH.fullmatch(value) and FIRST_MONTH <= value <= LAST_MONTH):
        rule = f"must be a month between {FIRST_MONTH} and {LAST_MONTH}"
        raise InvalidValue(field, value, rule)
    return value


def rate(value: Decimal, field: str) -> Decimal:
    """A rate between 0 and 1 with at most six decimals: 0.13 is 13 %."""
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 <= value <= 1:
        raise InvalidValue(field, value, "must be between 0 and 1")
    if not isinstance(exponent, int) or exponent < -6:
        raise InvalidValue(field, value, "must have at most six decimals")
    return value


def exchange_rate(value: Decimal, field: str) -> Decimal:
    """What one unit of a currency is worth in another: positive, with at most ten decimals."""
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 < value <= MAX_EXCHANGE_RATE:
        raise InvalidValue(field, value, f"must be positive and at most {MAX_EXCHANGE_RATE}")
    if not isinstance(exponent, int) or exponent < -RATE_DECIMALS:
        raise InvalidValue(field, value, f"must have at most {RATE_DECIMALS} decimals")
    return value


def of_rate(amount: int, of: Decimal) -> int:
    """`amount` times a rate, rounded half up to the minor unit."""
    return int((amount * of).quantize(Decimal(1), ROUND_HALF_UP))


def share(amount: int, before: int, part: int, whole: int) -> int:
    """What `part` takes of the amount of a whole, after `before` others were taken: rounded half
    up, so that all parts together take the amount to the last minor unit."""
    return _up_to(amount, before + part, whole) - _up_to(amount, before, whole)


def converted(amount: int, currency: str, rate: Decimal, into: str) -> int:
    """Minor units of a currency in those of another, of which one unit is worth `rate` units:
    rounded half up, whatever the size of the amount."""
    of_rate, a_unit = rate.as_integer_ratio()
    return _up_to(amount, of_rate * 10 ** DECIMALS[into], a_unit * 10 ** DECIMALS[currency])


def _up_to(amount: int, part: int, whole: int) -> int:
    """`amount` × part ÷ whole, half a minor unit away from nought."""
    twice = 2 * amount * part * (1 if whole > 0 else -1)
    rounded = (abs(twice) + abs(whole)) // (2 * abs(whole))
    return rounded if twice > 0 else -rounded


def _fault_of_part(value: str) -> str:
    """Why it is no number of a part, in words that are short enough for a long number."""
    if not 1 <= len(value) <= LONGEST_PART_NUMBER:
        return f"must have 1 to {LONGEST_PART_NUMBER} characters"
    if _IN_NO_PART.search(value):
        return "must hold only letters A to Z, a to z, digits, blanks and . _ - / + #"
    if "  " in value:
        return "must not hold two blanks in a row: they look like one"
    return "must not end with /" if value.endswith("/") else "must begin with a letter, digit or #"


def _unseen(value: str) -> str:
    """What people would not see: the rule it breaks, or nothing."""
    if character := unfit(value):
        return f"must not hold {character}"
    return "" if value == value.strip(BLANKS) else "must not begin or end with a blank"
