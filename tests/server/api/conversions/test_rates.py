"""Rates: plain decimals, exactly."""

from decimal import Decimal

import pytest
from google.type.decimal_pb2 import Decimal as DecimalMessage
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from server.api.conversions.rates import optional_rate, rate, rate_message


@given(st.decimals(0, 1, places=6))
@example(Decimal(0))
@example(Decimal(1))
@example(Decimal("0.000001"))
@example(Decimal("0.130000"))
def test_every_rate_comes_back_as_it_went_out(value: Decimal) -> None:
    assert rate(rate_message(value), "rate") == value


@pytest.mark.parametrize(
    "text",
    ["", "13%", "1,3", "1.", ".13", "-0.1", "+0.1", "1e-2", "NaN", "Infinity", "0.1_3", "０.13",
     "1.01", "2", "0.0000001", "0.13\n", "9" * 1_000],
)  # fmt: skip
def test_what_is_no_plain_rate_between_0_and_1_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        rate(DecimalMessage(value=text), "vat_rate")

    assert refusal.value.facts["field"] == "vat_rate"


@pytest.mark.parametrize("text", ["0", "1", "0.13", "0.130000", "1.000000"])
def test_the_rates_beside_those_are_taken(text: str) -> None:
    assert rate(DecimalMessage(value=text), "vat_rate") == Decimal(text)


def test_a_rate_that_may_be_left_out_is_none_at_all() -> None:
    assert optional_rate(DecimalMessage(), "handling_rate") == 0
    with pytest.raises(InvalidValue):
        optional_rate(DecimalMessage(value="x"), "handling_rate")


def test_a_small_rate_is_written_without_an_exponent() -> None:
    assert rate_message(Decimal("0.000001")).value == "0.000001"
