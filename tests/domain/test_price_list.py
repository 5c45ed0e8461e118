"""The number of a price list says its kind and its currency."""

import pytest

from domain.errors import InvalidValue
from domain.price_list import PriceListKind, kind_and_currency, list_key

NO_LIST = "must be a kind and a currency, as settlement-CNY"


@pytest.mark.parametrize("kind", PriceListKind)
def test_the_number_of_a_list_is_read_as_it_is_written(kind: PriceListKind) -> None:
    assert list_key(kind, "EUR") == f"{kind.value}-EUR"
    assert kind_and_currency(f"{kind.value}-EUR") == (kind, "EUR")


@pytest.mark.parametrize(
    ("number", "of_a_list"),
    [
        ("", False), ("retail-CNY", False), ("CNY-settlement", False), ("settlement_CNY", False),
        ("settlement", True), ("settlement-", True), ("settlement-yuan", True),
        ("settlement-CNY-2", True),
    ],
)  # fmt: skip
def test_another_number_is_refused_for_its_kind_or_else_for_its_currency(
    number: str, of_a_list: bool
) -> None:
    with pytest.raises(InvalidValue) as refused:
        kind_and_currency(number)

    assert refused.value.facts["field"] == "name"
    assert (refused.value.facts["rule"] == NO_LIST) is not of_a_list
