"""Business days, moments and occurrences: from messages and back."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from domain import values
from domain.errors import InvalidValue
from domain.use_cases.booking import Occurrence
from partsledger.v1 import types_pb2

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def day(message: Date, field: str) -> date:
    """A complete date. Refuses one without year, month or day, and one that is not set."""
    return _day(message.year, message.month, message.day, field)


@lru_cache(maxsize=10_000)  # Most requests name one of few days. Refusals are not kept.
def _day(year: int, month: int, number: int, field: str) -> date:
    try:
        found = date(year, month, number)
    except (ValueError, OverflowError):
        text = f"{year:04}-{month:02}-{number:02}"
        rule = "must be a day of the calendar, with year, month and day"
        raise InvalidValue(field, text, rule) from None
    return values.day(found, field)


def optional_day(message: Date, field: str) -> date | None:
    """The same, or None for a date that is not set."""
    return day(message, field) if message.ByteSize() else None


def day_message(value: date | None) -> Date | None:
    """A Date, or None, which leaves a field of a message unset."""
    return value and Date(year=value.year, month=value.month, day=value.day)


def moment_message(value: datetime) -> Timestamp:
    message = Timestamp()
    fill_moment(message, value)
    return message


def fill_moment(message: Timestamp, value: datetime) -> None:
    """The same, in its place within another message."""
    since = value - _EPOCH
    message.seconds = since.days * 86_400 + since.seconds
    message.nanos = 1_000 * since.microseconds


def occurrence(message: types_pb2.Occurrence) -> Occurrence:
    """When it happened, on which paper, and whether it may be booked late."""
    return Occurrence(
        on=day(message.occurred_on, "occurrence.occurred_on"),
        document=values.text(message.document, "occurrence.document", most=100),
        late=message.allow_late,
    )
