"""What the edge lets in, and how money is rounded."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import values
from domain.errors import InvalidValue
from domain.values import MAX_AMOUNT_MINOR, MAX_QUANTITY, of_rate

amounts = st.integers(min_value=0, max_value=MAX_AMOUNT_MINOR)
rates = st.decimals(min_value=0, max_value=1, places=6)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (values.part_number, "6204-2RS/C3"), (values.part_number, "M8 x 25"),
        (values.code, "W01"), (values.code, "A"), (values.code, "9.a-b_c"), (values.code, "a" * 63),
        (values.text, ""), (values.text, "泵"), (values.text, "x" * 500),
        (values.text, "a\u3000b\u00a0c"),
        (values.quantity, 1), (values.quantity, MAX_QUANTITY),
        (values.amount_minor, 1), (values.amount_minor, MAX_AMOUNT_MINOR),
        (values.currency, "JPY"), (values.currency, "KWD"),
        (values.day, date(1990, 1, 1)), (values.month, "2026-12"),
        (values.rate, Decimal(0)), (values.rate, Decimal(1)), (values.rate, Decimal("0.130000")),
    ],
)  # fmt: skip
def test_what_is_inside_the_bounds_passes_unchanged(
    check: Callable[[Any, str], object], value: object
) -> None:
    assert check(value, "field") == value


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (values.code, ""), (values.code, "-a"), (values.code, "a b"), (values.code, "a/b"),
        (values.code, "@supplier"), (values.code, "泵"), (values.code, "a\n"),
        (values.code, "a" * 64),
        (values.text, "a\x00b"), (values.text, "a\nb"), (values.text, "x" * 501),
        (values.text, "a "), (values.text, "\u3000a"),
        (values.text, "a\u200bb"), (values.text, "\u202ea"), (values.text, "a\u2028"),
        (values.text, "\ue000"), (values.text, "\ud800"), (values.code, "a\u200b"),
        (values.quantity, 0), (values.quantity, -1), (values.quantity, MAX_QUANTITY + 1),
        (values.amount_minor, 0), (values.amount_minor, -1),
        (values.amount_minor, MAX_AMOUNT_MINOR + 1),
        (values.currency, "cny"), (values.currency, "XXX"), (values.currency, ""),
        (values.day, date(1989, 12, 31)),
        (values.month, "2026-13"), (values.month, "2026-9"), (values.month, "2026-09-01"),
        (values.rate, Decimal("-0.01")), (values.rate, Decimal("1.000001")),
        (values.rate, Decimal("0.1234567")), (values.rate, Decimal("NaN")),
        (values.rate, Decimal("Infinity")),
    ],
)  # fmt: skip
def test_what_is_outside_is_refused_by_field_value_and_rule(
    check: Callable[[Any, str], object], value: object
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check(value, "lines[2].field")

    assert refusal.value.facts["field"] == "lines[2].field"
    assert refusal.value.facts["rule"]


@pytest.mark.parametrize(
    ("check", "value", "shown", "rule"),
    [
        (values.code, "-a", "-a",
         "must be 1 to 63 letters, digits, '.', '_' or '-', and start with one of the first two"),
        (values.code, "a\x00", "a\x00", "must not hold U+0000 (a control character)"),
        (values.text, "x" * 501, "x" * 40 + "…", "must be at most 500 characters"),
        (values.text, " " + "x" * 50, " " + "x" * 39, "must not begin or end with a blank"),
        (values.quantity, 0, "0", "must be between 1 and 1000000"),
        (values.amount_minor, 0, "0",
         "must be positive and at most 1000000000000000 minor units"),
        (lambda v, f: values.amount_minor(v, f, zero=True), -1, "-1",
         "must not be negative and at most 1000000000000000 minor units"),
        (lambda v, f: values.count(v, f, most=9), -1, "-1", "must be between 0 and 9"),
        (lambda v, f: values.text(v, f, required=True), " ", " ", "is required"),
        (values.currency, "XAU", "XAU",
         "must be a currency with a minor unit: no amount is in it"),
        (values.currency, "cny", "cny",
         "must be the code of a currency of ISO 4217, such as CNY"),
        (values.day, date(1989, 12, 31), "1989-12-31",
         "must be between 1990-01-01 and 2199-12-31"),
        (values.month, "1989-12", "1989-12", "must be a month between 1990-01 and 2199-12"),
        (values.rate, Decimal(2), "2", "must be between 0 and 1"),
        (values.rate, Decimal("0.1234567"), "0.1234567", "must have at most six decimals"),
        (values.exchange_rate, Decimal(0), "0", "must be positive and at most 1000000000"),
        (values.exchange_rate, Decimal("0.00000000001"), "1E-11",
         "must have at most 10 decimals"),
    ],
)  # fmt: skip
def test_a_refusal_says_which_rule_a_value_breaks(
    check: Callable[[Any, str], object], value: object, shown: str, rule: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check(value, "field")

    assert refusal.value.facts == {"field": "field", "value": shown, "rule": rule}


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (1860, "CNY", "18.60"), (-5, "CNY", "-0.05"), (0, "CNY", "0.00"), (1860, "JPY", "1860"),
        (1860, "KWD", "1.860"), (10**15, "CNY", "10000000000000.00"),
    ],
)  # fmt: skip
def test_an_amount_is_written_with_the_decimals_of_its_currency(
    minor: int, currency: str, written: str
) -> None:
    assert values.amount_text(minor, currency) == written
    assert values.money_text(minor, currency) == f"{written} {currency}"


@pytest.mark.parametrize(
    ("quantity", "unit_cost", "currency", "minor"),
    [
        (10_000, "0.0035", "CNY", 3500), (1, "0.0035", "CNY", 0), (1, "0.005", "CNY", 1),
        (3, "0.005", "CNY", 2), (2, "12.5", "JPY", 25), (1, "12.5", "JPY", 13),
        (1, "0.0005", "KWD", 1),
    ],
)  # fmt: skip
def test_what_many_pieces_cost_is_rounded_half_up_together(
    quantity: int, unit_cost: str, currency: str, minor: int
) -> None:
    assert values.cost_of(quantity, Decimal(unit_cost), currency) == minor


def test_zero_blank_and_long_text_are_refused_only_where_they_are_asked_not_to_be() -> None:
    assert values.amount_minor(0, "freight", zero=True) == 0
    assert values.count(0, "return_days", most=366) == 0
    for refused in (
        lambda: values.amount_minor(-1, "freight", zero=True),
        lambda: values.text("  ", "because", required=True),
        lambda: values.text("abc", "because", most=2),
        lambda: values.count(367, "return_days", most=366),
        lambda: values.count(0, "term_months", most=120, least=1),
    ):
        with pytest.raises(InvalidValue):
            refused()


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [(50, "0.01", 1), (49, "0.01", 0), (150, "0.01", 2), (250, "0.01", 3), (1999, "0.13", 260)],
)
def test_half_a_minor_unit_rounds_up(amount: int, rate: str, tax: int) -> None:
    assert of_rate(amount, Decimal(rate)) == tax


@given(amount=amounts, rate=rates)
@example(amount=50, rate=Decimal("0.01"))
@example(amount=250, rate=Decimal("0.01"))
@example(amount=249, rate=Decimal("0.01"))
def test_a_rate_rounds_half_up_to_the_minor_unit(amount: int, rate: Decimal) -> None:
    exact = amount * Fraction(rate)

    assert of_rate(amount, rate) == (exact + Fraction(1, 2)) // 1


def test_bankers_rounding_would_be_noticed() -> None:
    """The control: Python's own rounding takes the even neighbour, 2, where the trade takes 3."""
    assert round(Decimal("2.5")) == 2
    assert of_rate(5, Decimal("0.5")) == 3


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("INV-1 ", "must not begin or end with a blank"),
        ("INV\u200b-1", "must not hold U+200B (ZERO WIDTH SPACE)"),
        ("\u202eINV-1", "must not hold U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("INV-1\t", "must not hold U+0009 (a control character)"),
    ],
)
@pytest.mark.parametrize("check", [values.code, values.part_number, values.text])
def test_what_people_cannot_see_is_named(
    check: Callable[[str, str], str], value: str, rule: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check(value, "document")

    assert refusal.value.facts["rule"] == rule
    assert str(refusal.value).isprintable()
