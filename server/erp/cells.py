"""What may stand in a cell: one type a kind of value, each refusing what could be read two ways.

A rule's wording is what the person sees who has to mend the file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator

from domain import people, values
from domain.errors import InvalidValue

T = TypeVar("T")

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# As spreadsheets make them of dates, year first; a day may have its beginning as a time.
_OTHER_DAY: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})( 0?0:00(:00)?)?", re.ASCII)
_DAY_LENGTH: Final = 10
_EITHER: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", re.ASCII)
# A long number as a spreadsheet writes it back: digits are lost.
_SHORTENED: Final = re.compile(r"-?\d([.,]\d+)?[Ee]\+\d+", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)
_COST_DECIMALS: Final = 9  # As many as a Money has.
_FLAGS: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Shape:
    """What the reference calls a kind of value."""

    words: str


def checked(check: Callable[[str, str], T]) -> Callable[[str], T]:
    """A check of the domain as a check of a cell: it says the rule, the reader knows the place.

    Dates, places and dealers come again and again, so the last values are remembered.
    """

    @lru_cache(4096)
    def of_cell(value: str) -> T:
        try:
            return check(value, "cell")
        except InvalidValue as refused:
            raise ValueError(refused.facts["rule"]) from None

    return of_cell


def _require_all_digits(value: str) -> None:
    if _SHORTENED.fullmatch(value):
        raise ValueError(
            "must not be a number that a spreadsheet has shortened, because digits are lost: format"
            " the column as text before it is filled"
        )


def _text(value: str, field: str) -> str:
    _require_all_digits(value)
    return values.text(value, field)


def _code(value: str, field: str) -> str:
    _require_all_digits(value)
    return values.code(value, field)


def _part(value: str, field: str) -> str:
    _require_all_digits(value)
    return values.part_number(value, field)


def _day(value: str, field: str) -> date:
    rule = "must be a date as 2025-07-31"
    plain = plain_day(value)
    if not _DAY.fullmatch(plain):
        either = ", year first: which number is the day is not guessed; format the column so"
        raise ValueError(rule + either if _EITHER.fullmatch(value) else rule)
    try:
        day = date.fromisoformat(plain)
    except ValueError:
        raise ValueError(f"{rule}, and the calendar must have it") from None
    return values.day(day, field)


def plain_day(cell: str) -> str:
    """`2025-07-31` of a day that is written with its year first; anything else stays as it is."""
    if len(cell) == _DAY_LENGTH and cell[4] == cell[7] == "-":
        return cell
    found = _OTHER_DAY.fullmatch(cell)
    return f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}" if found else cell


def _flag(value: str, _: str) -> bool:
    flag = _FLAGS.get(value.lower())  # A spreadsheet writes TRUE.
    if flag is None:
        raise ValueError("must be true or false")
    return flag


def _whole(value: str, _: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise ValueError("must be a whole number, without separators")
    return int(value)


def _quantity(value: str, field: str) -> int:
    return values.quantity(_whole(value, field), field)


def _count(value: str, field: str) -> int:
    return values.count(_whole(value, field), field, most=3650)


def _decimal(value: str, example: str) -> Decimal:
    if not _DECIMAL.fullmatch(value):
        raise ValueError(
            f"must be a plain decimal as {example}: no thousands separator, sign of a currency or"
            " percentage, exponent or blank"
        )
    return Decimal(value)


def _signed_amount(value: str, _: str) -> Decimal:
    return _decimal(value, "1234.50")


def _amount(value: str, field: str) -> Decimal:
    amount = _signed_amount(value, field)
    if amount < 0:
        raise ValueError("must not be negative")
    return amount


def _cost(value: str, _: str) -> Decimal:
    cost = _decimal(value, "0.0035")
    if cost < 0:
        raise ValueError("must not be negative")
    if -int(cost.as_tuple().exponent) > _COST_DECIMALS:
        raise ValueError(f"must have at most {_COST_DECIMALS} decimals")
    return cost


def _rate(value: str, field: str) -> Decimal:
    return values.rate(_decimal(value, "0.13"), field)


def _exchange_rate(value: str, field: str) -> Decimal:
    return values.exchange_rate(_decimal(value, "7.1586"), field)


def _fault_codes(value: str, field: str) -> tuple[str, ...]:
    return tuple(values.code(found, field) for found in value.split(";"))


Code = Annotated[str, BeforeValidator(checked(_code)), Shape("code")]
PartNumber = Annotated[str, BeforeValidator(checked(_part)), Shape("part number")]
Person = Annotated[str, BeforeValidator(checked(people.named)), Shape("name")]
Text = Annotated[str, BeforeValidator(checked(_text)), Shape("text")]
Currency = Annotated[str, BeforeValidator(checked(values.currency)), Shape("currency")]
Month = Annotated[str, BeforeValidator(checked(values.month)), Shape("month")]
Day = Annotated[date, BeforeValidator(checked(_day)), Shape("date")]
Flag = Annotated[bool, BeforeValidator(checked(_flag)), Shape("`true` or `false`")]
Quantity = Annotated[int, BeforeValidator(checked(_quantity)), Shape("pieces")]
Count = Annotated[int, BeforeValidator(checked(_count)), Shape("whole number")]
Amount = Annotated[Decimal, BeforeValidator(checked(_amount)), Shape("amount")]
Cost = Annotated[Decimal, BeforeValidator(checked(_cost)), Shape("amount with up to nine decimals")]
SignedAmount = Annotated[
    Decimal, BeforeValidator(checked(_signed_amount)), Shape("amount, either sign")
]
Rate = Annotated[Decimal, BeforeValidator(checked(_rate)), Shape("rate")]
ExchangeRate = Annotated[Decimal, BeforeValidator(checked(_exchange_rate)), Shape("exchange rate")]
FaultCodes = Annotated[
    tuple[str, ...], BeforeValidator(checked(_fault_codes)), Shape("codes, `;` between them")
]
