"""Money: minor units inside, units and nanos outside, and no way to lose a minor unit between."""

from decimal import Decimal
from fractions import Fraction

import pytest
from google.type.money_pb2 import Money
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.currencies import DECIMALS
from domain.errors import InvalidValue, WrongCurrency
from domain.values import MAX_AMOUNT_MINOR
from server.api.conversions import money
from server.cli.wording import amount

CURRENCIES = st.sampled_from(sorted(DECIMALS))
MINOR = st.integers(-MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR)


def cny(units: int, nanos: int = 0) -> Money:
    return Money(currency_code="CNY", units=units, nanos=nanos)


@given(MINOR, CURRENCIES)
@example(0, "CNY")
@example(-1, "CNY")
@example(-105, "KWD")
@example(MAX_AMOUNT_MINOR, "KWD")
@example(-MAX_AMOUNT_MINOR, "JPY")
def test_every_amount_comes_back_as_it_went_out(minor: int, currency: str) -> None:
    assert money.amount(money.message(minor, currency), "amount") == (minor, currency)


@given(MINOR, CURRENCIES)
@example(0, "CNY")
@example(-1, "CNY")
@example(-105, "KWD")
@example(MAX_AMOUNT_MINOR, "KWD")
@example(-MAX_AMOUNT_MINOR, "JPY")
def test_a_message_says_exactly_the_amount_and_its_signs_agree(minor: int, currency: str) -> None:
    message = money.message(minor, currency)

    said = Decimal(message.units) + Decimal(message.nanos).scaleb(-9)
    assert said == Decimal(minor).scaleb(-DECIMALS[currency])
    assert message.units * message.nanos >= 0


@given(st.integers(-(10**12), 10**12), st.integers(-(10**9) + 1, 10**9 - 1), CURRENCIES)
@example(12, 340_000_000, "CNY")
@example(-12, -340_000_000, "CNY")
@example(0, -10_000_000, "CNY")
@example(0, 5_000_000, "KWD")
@example(0, 5_000_000, "CNY")  # Half of the smallest coin.
@example(7, 0, "JPY")
@example(7, 500_000_000, "JPY")
@example(1, -10_000_000, "CNY")
def test_what_is_taken_in_is_taken_in_exactly(units: int, nanos: int, currency: str) -> None:
    message = Money(currency_code=currency, units=units, nanos=nanos)
    try:
        minor, _ = money.amount(message, "amount")
    except InvalidValue:
        said = Decimal(units) + Decimal(nanos).scaleb(-9)
        exact = said.scaleb(DECIMALS[currency])
        assert (
            units * nanos < 0 or exact != exact.to_integral_value() or abs(exact) > MAX_AMOUNT_MINOR
        )
    else:
        assert money.message(minor, currency) == message


@given(st.integers(0, 10**9), st.integers(1, 10**7 - 1))
@example(0, 1)
@example(0, 5_000_000)
@example(1, 9_999_999)
def test_excess_decimals_are_refused_and_not_rounded(units: int, excess: int) -> None:
    with pytest.raises(InvalidValue) as refusal:
        money.amount(cny(units, nanos=excess), "price")

    assert refusal.value.facts["field"] == "price.nanos"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (Money(units=1), "price.currency_code"),
        (Money(currency_code="cny", units=1), "price.currency_code"),
        (Money(currency_code="XAU", units=1), "price.currency_code"),
        (cny(1, nanos=-10_000_000), "price.nanos"),
        (cny(-1, nanos=10_000_000), "price.nanos"),
        (cny(1, nanos=1_000_000_000), "price.nanos"),
        (cny(1, nanos=-(2**31)), "price.nanos"),
        (Money(currency_code="JPY", units=1, nanos=500_000_000), "price.nanos"),
        (cny(10**13 + 1), "price"),
        (cny(2**63 - 1), "price"),
        (cny(-(2**63)), "price"),
    ],
)
def test_money_that_is_not_money_is_refused_by_its_field(message: Money, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        money.amount(message, "price")

    assert refusal.value.facts["field"] == field


def test_the_number_of_decimals_is_the_currencys() -> None:
    assert money.amount(cny(12, 340_000_000), "a").minor == 1_234
    assert money.amount(Money(currency_code="JPY", units=12), "a").minor == 12
    assert money.amount(Money(currency_code="KWD", units=1, nanos=5_000_000), "a").minor == 1_005


def test_a_positive_amount_is_not_zero_and_not_less() -> None:
    assert money.positive(cny(0, 10_000_000), "amount").minor == 1
    for message in (cny(0), cny(-1)):
        with pytest.raises(InvalidValue):
            money.positive(message, "amount")


def test_an_amount_that_may_be_zero_is_still_not_less() -> None:
    assert money.not_negative(cny(0), "amount").minor == 0
    with pytest.raises(InvalidValue):
        money.not_negative(cny(0, -10_000_000), "amount")


def test_a_price_that_a_full_document_would_not_fit_is_refused() -> None:
    most = money.message(money.MAX_UNIT_MINOR, "CNY")
    assert money.of_one_piece(most, "price").minor * 1_000_000 * 200 < 2**62

    with pytest.raises(InvalidValue):
        money.of_one_piece(money.message(money.MAX_UNIT_MINOR + 1, "CNY"), "price")
    with pytest.raises(InvalidValue):
        money.of_one_piece(cny(0), "price")
    assert money.of_one_piece(cny(0), "cost", zero=True).minor == 0


@given(st.lists(CURRENCIES, max_size=5))
@example([])
@example(["CNY"])
@example(["CNY", "CNY"])
@example(["CNY", "CNY", "USD"])
def test_a_document_has_one_currency(currencies: list[str]) -> None:
    amounts = [money.Amount(1, currency) for currency in currencies]
    if len(set(currencies)) > 1:
        with pytest.raises(WrongCurrency):
            money.common_currency(amounts, "lines")
    else:
        assert money.common_currency(amounts, "lines") == (currencies or [""])[0]


@given(MINOR, MINOR, CURRENCIES)
@example(1, -1, "CNY")
@example(100, 1, "CNY")
@example(1_000, 1, "KWD")
@example(MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR - 1, "CNY")
def test_different_amounts_are_different_messages(one: int, other: int, currency: str) -> None:
    assume(one != other)
    assert money.message(one, currency) != money.message(other, currency)


@given(st.integers(-(10**40), 10**40), CURRENCIES)
@example(2**63 - 1, "JPY")
@example(2**63, "JPY")
@example(-(2**63), "JPY")
@example((2**63 - 1) * 100 + 99, "CNY")
@example(2**63 * 100, "CNY")
@example(-(2**63) * 10_000 - 1, "CLF")
def test_a_sum_of_any_size_is_said_exactly(minor: int, currency: str) -> None:
    message = money.sum_message(minor, currency)

    if message.HasField("large"):
        assert (message.units, message.nanos) == (0, 0), "no half of it that could be taken for it"
        assert abs(minor) >= 2**63 * 10 ** DECIMALS[currency]
        said = Fraction(message.large.value)
    else:
        assert message.units * message.nanos >= 0
        said = message.units + Fraction(message.nanos, 10**9)
    assert said == Fraction(minor, 10 ** DECIMALS[currency])
    assert message.currency_code == currency
    text = amount(message).text
    assert Fraction(text) == said
    assert len(text.partition(".")[2]) == DECIMALS[currency]
