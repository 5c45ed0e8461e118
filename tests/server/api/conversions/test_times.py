"""Days, months, moments and occurrences on the wire."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from google.type.date_pb2 import Date
from hypothesis import example, given
from hypothesis import strategies as st

from domain import values
from domain.errors import InvalidValue
from domain.values import FIRST_DAY, LAST_DAY
from partsledger.v1.types_pb2 import Occurrence
from server.api.conversions import times

INT32 = st.integers(-(2**31), 2**31 - 1)


@given(st.dates(FIRST_DAY, LAST_DAY))
@example(FIRST_DAY)
@example(LAST_DAY)
@example(date(2024, 2, 29))
def test_every_business_day_comes_back_as_it_went_out(day: date) -> None:
    message = times.day_message(day)

    assert message is not None
    assert times.day(message, "on") == day


@given(INT32, INT32, INT32)
@example(2025, 7, 12)
@example(2024, 2, 29)
@example(2025, 2, 29)
@example(2025, 12, 31)
@example(2025, 13, 1)
@example(2025, 4, 31)
@example(1990, 1, 1)
@example(2199, 12, 31)
def test_three_numbers_are_a_day_or_are_refused(year: int, month: int, day: int) -> None:
    with suppress(InvalidValue):
        found = times.day(Date(year=year, month=month, day=day), "on")
        assert (found.year, found.month, found.day) == (year, month, day)


@pytest.mark.parametrize(
    "message",
    [
        Date(),
        Date(year=2025),
        Date(year=2025, month=7),
        Date(month=7, day=1),
        Date(year=2025, month=2, day=29),
        Date(year=1989, month=12, day=31),
        Date(year=2200, month=1, day=1),
        Date(year=9999, month=12, day=31),
    ],
)
def test_what_is_no_whole_business_day_is_refused(message: Date) -> None:
    with pytest.raises(InvalidValue) as refusal:
        times.day(message, "on")

    assert refusal.value.facts["field"] == "on"


def test_a_leap_day_is_one_in_a_leap_year() -> None:
    assert times.day(Date(year=2024, month=2, day=29), "on") == date(2024, 2, 29)


def test_a_day_that_may_be_left_out_may_not_be_half_there() -> None:
    assert times.optional_day(Date(), "due_on") is None
    assert times.optional_day(Date(year=2025, month=7, day=1), "due_on") == date(2025, 7, 1)
    with pytest.raises(InvalidValue):
        times.optional_day(Date(year=2025), "due_on")


def test_no_day_leaves_the_field_unset() -> None:
    assert times.day_message(None) is None


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(2025, 7, 1, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC))
def test_a_moment_keeps_its_microseconds(moment: datetime) -> None:
    assert times.moment_message(moment).ToDatetime(UTC) == moment


@given(st.dates(FIRST_DAY, LAST_DAY))
@example(FIRST_DAY)
@example(LAST_DAY)
def test_the_month_of_every_business_day_is_a_month(day: date) -> None:
    text = f"{day:%Y-%m}"
    assert values.month(text, "month") == text


@pytest.mark.parametrize("text", ["", "2025", "2025-7", "2025-13", "0000-01", "2200-01", "1989-12"])
def test_what_is_no_month_of_business_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.month(text, "month")


def test_an_occurrence_says_when_on_which_paper_and_whether_late() -> None:
    message = Occurrence(
        occurred_on=Date(year=2025, month=7, day=3), document="送货单-7", allow_late=True
    )

    assert times.occurrence(message) == (date(2025, 7, 3), "送货单-7", True)


def test_an_occurrence_without_a_day_is_refused_by_the_fields_full_name() -> None:
    with pytest.raises(InvalidValue) as refusal:
        times.occurrence(Occurrence(document="DN-1"))

    assert refusal.value.facts["field"] == "occurrence.occurred_on"


@pytest.mark.parametrize("document", ["DN\x00", "DN\n1", "D" * 101])
def test_an_occurrence_with_an_unreadable_document_is_refused(document: str) -> None:
    message = Occurrence(occurred_on=Date(year=2025, month=7, day=3), document=document)
    with pytest.raises(InvalidValue) as refusal:
        times.occurrence(message)

    assert refusal.value.facts["field"] == "occurrence.document"


def test_the_last_day_leaves_room_for_the_longest_term() -> None:
    assert LAST_DAY + timedelta(days=240 * 31) < date.max
