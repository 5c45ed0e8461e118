"""Enumerations: each value has its twin, and nothing else has one."""

from enum import StrEnum

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.place import PlaceKind
from partsledger.v1.place_service_pb2 import PlaceKind as WirePlaceKind
from server.api.conversions import base_data, claims, closing, returns, transfers
from server.api.conversions.choices import Choice

CHOICES = {
    f"{module.__name__}.{name}": (choice, kind)
    for module in (base_data, claims, closing, returns, transfers)
    for name, choice in vars(module).items()
    if isinstance(choice, Choice)
    for kind in [list(choice._numbers)]
}


@pytest.mark.parametrize("name", CHOICES)
def test_every_value_comes_back_as_it_went_out(name: str) -> None:
    choice, kind = CHOICES[name]
    for value in kind:
        assert choice.value(choice.number(value), "field") is value


@pytest.mark.parametrize("name", CHOICES)
def test_the_wire_has_no_value_more_than_the_domain(name: str) -> None:
    choice, kind = CHOICES[name]
    assert len(choice._wire.items()) == len(kind) + 1


@given(st.integers(-(2**31), 2**31 - 1).filter(lambda number: number not in (1, 2)))
@example(0)
@example(3)
@example(-1)
def test_unspecified_and_unknown_numbers_are_refused(number: int) -> None:
    with pytest.raises(InvalidValue, match="PLACE_KIND_WAREHOUSE, PLACE_KIND_CUSTODY"):
        base_data.PLACE_KIND.value(number, "kind")


def test_no_value_is_unspecified_on_the_wire() -> None:
    assert returns.FINDING.number(None) == 0


def test_a_value_without_a_twin_cannot_go_unnoticed() -> None:
    class WithOneMore(StrEnum):
        WAREHOUSE = "warehouse"
        ATTIC = "attic"

    Choice(PlaceKind, WirePlaceKind)
    with pytest.raises(ValueError, match="ATTIC"):
        Choice(WithOneMore, WirePlaceKind)
