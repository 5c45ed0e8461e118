"""Exchange rates: versions by their day, exact, of the book's currency, and never overwritten."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import values
from domain.changes import VersionExists
from domain.currencies import DECIMALS
from domain.errors import InvalidValue, WrongCurrency
from domain.exchange_rate import ExchangeRate
from domain.use_cases import base_data
from tests.domain.desk import Desk, d, only

CURRENCIES = st.sampled_from(sorted(DECIMALS))
RATES = st.decimals(Decimal("0.0000000001"), values.MAX_EXCHANGE_RATE, allow_nan=False, places=10)


def dollar(**changes: object) -> dict[str, Any]:
    standard: dict[str, Any] = {
        "from_currency": "USD", "to_currency": "CNY", "effective_from": d(7, 1),
        "rate": Decimal("7.1586"), "source": "PBOC",
    }  # fmt: skip
    return standard | changes


def listed() -> Desk:
    desk = Desk()
    desk.do(base_data.set_exchange_rate, **dollar())
    desk.do(base_data.set_exchange_rate, **dollar(effective_from=d(8, 1), rate=Decimal("7.20")))
    return desk


def test_a_rate_holds_from_its_day_until_the_next_versions() -> None:
    rate = listed().the(ExchangeRate, "USD-CNY")

    assert rate.on(d(6, 30)) is None
    july, august = rate.on(d(7, 31)), rate.on(d(8, 1))
    assert july is not None
    assert august is not None
    assert (july.rate, july.effective_from, july.version) == (Decimal("7.1586"), d(7, 1), 1)
    assert (august.rate, august.source, august.stream, august.version) == (
        Decimal("7.20"), "PBOC", "exchange-rates/USD-CNY", 2,
    )  # fmt: skip


def test_what_a_rate_records_and_converts_is_from_its_own_currency_to_the_books() -> None:
    """A yen has no hundredth part, a yuan has: 1,000 JPY at 0.05 are 50.00 CNY."""
    desk = Desk()
    yen = dollar(from_currency="JPY", rate=Decimal("0.05"))
    listed = only(desk.do(base_data.set_exchange_rate, **yen), ExchangeRate.Listed)
    later = desk.do(base_data.set_exchange_rate, **yen | {"effective_from": d(8, 1)})
    changed = only(later, ExchangeRate.Changed)
    rate = desk.the(ExchangeRate, "JPY-CNY").on(d(7, 1))

    assert rate is not None
    assert rate.of(1000) == 5000
    for said in (listed, changed, rate):
        assert (said.from_currency, said.to_currency) == ("JPY", "CNY")


def test_an_earlier_version_may_come_later() -> None:
    desk = listed()

    facts = desk.do(
        base_data.set_exchange_rate, **dollar(effective_from=d(6, 1), rate=Decimal("7.0"))
    )

    assert only(facts, ExchangeRate.Changed).rate == Decimal("7.0")
    june = desk.the(ExchangeRate, "USD-CNY").on(d(6, 30))
    assert june is not None
    assert (june.rate, june.version) == (Decimal("7.0"), 3)


@pytest.mark.parametrize("changes", [{"rate": Decimal("7.2")}, {"source": "ECB"}])
def test_a_version_is_not_overwritten_on_its_day(changes: dict[str, object]) -> None:
    desk = listed()

    refused = desk.refused(VersionExists, base_data.set_exchange_rate, **dollar(**changes))

    assert refused["what"] == "the exchange rate USD-CNY"
    assert refused["changed"] == next(iter(changes))
    assert refused["known"] in ("rate 7.1586", "source PBOC")
    desk.do(base_data.set_exchange_rate, **dollar(rate=Decimal("7.15860")))  # The same, said again.
    july = desk.the(ExchangeRate, "USD-CNY").on(d(7, 1))
    assert july is not None
    assert july.version == 1


def test_a_rate_is_of_another_currency_in_the_books() -> None:
    desk = Desk()

    desk.refused(WrongCurrency, base_data.set_exchange_rate, **dollar(to_currency="EUR"))
    told = desk.refused(InvalidValue, base_data.set_exchange_rate, **dollar(from_currency="CNY"))
    assert (told["field"], told["value"]) == ("from_currency", "CNY")


@pytest.mark.parametrize(
    ("rate", "fits"),
    [
        ("7.1586", True), ("0.0000000001", True), ("1000000000", True), ("0", False),
        ("-7.1", False), ("0.00000000001", False), ("1000000000.1", False), ("NaN", False),
        ("Infinity", False),
    ],
)  # fmt: skip
def test_a_rate_is_positive_with_at_most_ten_decimals(rate: str, fits: bool) -> None:
    if fits:
        assert values.exchange_rate(Decimal(rate), "rate") == Decimal(rate)
    else:
        with pytest.raises(InvalidValue):
            values.exchange_rate(Decimal(rate), "rate")


@given(st.integers(-(10**30), 10**30), CURRENCIES, RATES, CURRENCIES)
@example(10**15, "USD", Decimal("999999999.9999999999"), "JPY")
@example(1, "JPY", Decimal("0.005"), "CNY")  # Half a fen.
@example(-1, "JPY", Decimal("0.005"), "CNY")
@example(100, "KWD", Decimal("23.456789"), "CLF")
def test_an_amount_is_converted_exactly_and_rounded_half_up_once(
    amount: int, currency: str, rate: Decimal, into: str
) -> None:
    exact = Fraction(amount, 10 ** DECIMALS[currency]) * Fraction(rate) * 10 ** DECIMALS[into]

    minor = values.converted(amount, currency, rate, into)

    assert abs(minor - exact) <= Fraction(1, 2)
    if abs(minor - exact) == Fraction(1, 2):
        assert abs(minor) > abs(exact), "a half goes away from nought"
    assert values.converted(-amount, currency, rate, into) == -minor


def test_decimals_of_both_currencies_count() -> None:
    assert values.converted(10000, "JPY", Decimal("0.048"), "CNY") == 48000  # ¥10,000 = 480.00
    assert values.converted(1500, "KWD", Decimal("23.4"), "CNY") == 3510  # KD 1.500 = 35.10
    assert values.converted(35_10, "CNY", Decimal("0.0427"), "KWD") == 1499  # 1.49877
