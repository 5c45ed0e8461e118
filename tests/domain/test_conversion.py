"""What is raised in another currency adds up in the book's, and is taken back as it was raised."""

from datetime import date
from decimal import Decimal

import pytest

from domain.conversion import Conversion, Worth, balancing, worth

DOLLAR = Conversion(
    from_currency="USD", to_currency="CNY", rate=Decimal("7.1"), effective_from=date(2025, 1, 1),
    source="PBOC", stream="exchange-rates/USD-CNY", version=1,
)  # fmt: skip


def test_what_is_raised_is_converted_and_its_first_part_takes_what_the_others_leave() -> None:
    """0.15 USD are 1.065 CNY, and each 0.05 are 0.355: half up, that is 0.01 too much."""
    parts = (("6001", -5), ("2221", -5), ("6051", -5))

    assert worth(DOLLAR, ("1122", 15), *parts) == (
        Worth("1122", 15, 107), Worth("6001", -5, -35), Worth("2221", -5, -36),
        Worth("6051", -5, -36),
    )  # fmt: skip


def test_in_the_books_currency_nothing_is_converted() -> None:
    assert worth(None, ("1122", 2259), ("6001", -2259)) == (
        Worth("1122", 2259, None), Worth("6001", -2259, None),
    )  # fmt: skip


@pytest.mark.parametrize("conversion", [None, DOLLAR])
def test_a_part_of_nothing_is_left_out_also_where_it_is_the_first(
    conversion: Conversion | None,
) -> None:
    found = worth(conversion, ("1122", 100), ("2221", 0), ("6001", -100), ("6051", 0))

    assert [each.account for each in found] == ["1122", "6001"]


def test_on_the_other_side_both_amounts_are_turned_round() -> None:
    assert Worth("1122", 100, 710).negated == Worth("1122", -100, -710)
    assert Worth("1122", -100, 0).negated == Worth("1122", 100, 0)
    assert Worth("1122", 100).negated == Worth("1122", -100, None)


def test_what_balances_others_is_worth_what_they_are() -> None:
    assert balancing("1002", Worth("1122", 100, 710), Worth("2221", 20, 143)) == Worth(
        "1002", -120, -853
    )
    assert balancing("1002", Worth("1122", 100, 710), Worth("2221", 20)) == Worth(
        "1002", -120, -710
    )
    assert balancing("1002", Worth("1122", 100), Worth("2221", -30)) == Worth("1002", -70, None)
    assert balancing("1002", Worth("1122", 100, 0)) == Worth("1002", -100, 0)
