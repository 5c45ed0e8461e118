"""Exchange rates through the API's own requests: exact, in versions by their day, with a source."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.changes import VersionExists
from domain.errors import InvalidValue, WrongCurrency
from tests.on_the_wire import day

Run = Callable[..., Any]

DOLLAR = "books/main/exchangeRates/USD-CNY"


def listed(run: Run, first_day: str, rate: str, name: str = DOLLAR, source: str = "PBOC") -> Any:
    version = {"effective_from": day(first_day), "rate": {"value": rate}, "source": source}
    return run("set_exchange_rate", name=name, version=version).exchange_rate


def versions(rate: Any) -> list[tuple[int, str, str, int]]:
    """The month, rate, source and number of each version."""
    return [(v.effective_from.month, v.rate.value, v.source, v.number) for v in rate.versions]


def test_a_rate_shows_every_version_by_its_day(run: Run) -> None:
    listed(run, "2025-08-01", "7.2")

    rate = listed(run, "2025-07-01", "7.1586123456", source="ECB")

    assert (rate.name, rate.from_currency, rate.to_currency) == (DOLLAR, "USD", "CNY")
    assert versions(rate) == [(7, "7.1586123456", "ECB", 2), (8, "7.2", "PBOC", 1)]


def test_another_rate_or_source_for_the_same_day_is_refused_and_the_same_one_is_not(
    run: Run,
) -> None:
    listed(run, "2025-08-01", "7.2")

    with pytest.raises(VersionExists, match=r"rate was 7\.2, is now 7\.3"):
        listed(run, "2025-08-01", "7.3")
    with pytest.raises(VersionExists, match=r"source was PBOC, is now ECB"):
        listed(run, "2025-08-01", "7.2", source="ECB")
    assert len(versions(listed(run, "2025-08-01", "7.2"))) == 1


@pytest.mark.parametrize(
    ("currencies", "refusal"),
    [("USD-EUR", WrongCurrency), ("CNY-CNY", InvalidValue), ("XAU-CNY", InvalidValue)],
)
def test_a_rate_is_of_another_currency_in_the_books(
    run: Run, currencies: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        listed(run, "2025-08-01", "7.2", name=f"books/main/exchangeRates/{currencies}")
