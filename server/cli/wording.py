"""How values of API messages are printed: exact amounts, days, short names."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from domain.currencies import DECIMALS
from partsledger.v1.types_pb2 import Sum
from server.api.conversions.names import last_number

_NANO_DIGITS: Final = 9


class Amount(NamedTuple):
    """An exact amount: `1234.50` to machines, `1,234.50` to people."""

    text: str
    currency: str

    @property
    def is_zero(self) -> bool:
        return not Decimal(self.text)

    @property
    def grouped(self) -> str:
        return f"{Decimal(self.text):,f}"


class Share(NamedTuple):
    """A share in basis points: 8000 for programs, `80.00 %` for people."""

    basis_points: int

    @property
    def percent(self) -> str:
        whole, rest = divmod(self.basis_points, 100)
        return f"{whole}.{rest:02} %"


def amount(money: Money | Sum) -> Amount:
    """All digits that the message holds, and as many decimals as the currency has."""
    if isinstance(money, Sum) and money.HasField("large"):
        return Amount(money.large.value, money.currency_code)
    nanos = abs(money.nanos)
    decimals = DECIMALS.get(money.currency_code, 2)
    digits = f"{nanos:0{_NANO_DIGITS}}"
    fraction = digits[:decimals] + digits[decimals:].rstrip("0")
    sign = "-" if money.units < 0 or money.nanos < 0 else ""
    whole = f"{sign}{abs(money.units)}"
    return Amount(f"{whole}.{fraction}" if fraction else whole, money.currency_code)


def day(message: Date) -> str:
    """`2025-07-31`; empty for a date that is not set."""
    if not message.year:
        return ""
    return date(message.year, message.month, message.day).isoformat()


def day_message(value: date | None) -> Date | None:
    return value and Date(year=value.year, month=value.month, day=value.day)


def moment(message: Timestamp) -> str:
    """To the microsecond, in UTC: `2025-07-31T08:15:02.123456Z`; empty if it is not set."""
    if not message.ByteSize():
        return ""
    found: datetime = message.ToDatetime(tzinfo=UTC)
    return found.isoformat(timespec="microseconds").replace("+00:00", "Z")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 entry`, `1,200 entries`. Without `many` it is `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(name: str) -> str:
    """What a resource name ends with: `W01` of `books/main/places/W01`."""
    return last_number(name)
