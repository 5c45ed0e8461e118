"""Arithmetic of layers: taking pieces off a row never makes, loses or ages one."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.days import Days
from domain.errors import BeforeArrival
from domain.layers import (
    Layer,
    Layers,
    arrived,
    layer_key,
    pieces,
    quantity_of,
    require_there,
    value_minor,
    without,
)
from tests.domain.desk import d, layer

days = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
layers = st.lists(
    st.builds(
        Layer, origin_on=days, arrived_on=days, unit_cost_minor=st.integers(0, 10**9),
        quantity=st.integers(1, 20), lot=st.sampled_from(["", "L1"]),
    ),
    max_size=6,
).map(tuple)  # fmt: skip
TWO_THREE_FOUR = (
    layer(2, 100, d(1, 1), d(2, 1)), layer(3, 70, d(1, 1), d(2, 2)), layer(4, 0, d(1, 2), lot="L1"),
)  # fmt: skip


def one_by_one(row: Layers) -> list[Layer]:
    """The same row as single pieces, which is what layers stand for."""
    return [piece for item in row for piece in [replace(item, quantity=1)] * item.quantity]


@given(row=layers, skip=st.integers(0, 140), quantity=st.integers(0, 140))
@example(row=TWO_THREE_FOUR, skip=2, quantity=3)
@example(row=TWO_THREE_FOUR, skip=3, quantity=4)
@example(row=TWO_THREE_FOUR, skip=6, quantity=1)
@example(row=TWO_THREE_FOUR, skip=0, quantity=10)
@example(row=TWO_THREE_FOUR, skip=9, quantity=1)
def test_pieces_are_a_slice_of_the_row(row: Layers, skip: int, quantity: int) -> None:
    assert one_by_one(pieces(row, skip, quantity)) == one_by_one(row)[skip : skip + quantity]


@given(row=layers, wanted=st.integers(0, 120))
@example(row=TWO_THREE_FOUR, wanted=0)
@example(row=TWO_THREE_FOUR, wanted=2)
@example(row=TWO_THREE_FOUR, wanted=3)
@example(row=TWO_THREE_FOUR, wanted=9)
def test_what_is_taken_and_what_is_left_make_the_row(row: Layers, wanted: int) -> None:
    quantity = min(wanted, quantity_of(row))
    taken, left = pieces(row, 0, quantity), without(row, quantity)

    assert one_by_one(taken) + one_by_one(left) == one_by_one(row)
    assert value_minor(taken) + value_minor(left) == value_minor(row)
    assert all(item.quantity > 0 for item in taken + left), "no empty layer is kept"


@given(row=layers, day=days, later=st.sampled_from([0, 0, 1, 30]))
@example(row=TWO_THREE_FOUR, day=d(3, 1), later=0)
@example(row=TWO_THREE_FOUR, day=d(3, 1), later=31)
def test_arrival_changes_the_dwell_and_nothing_else(row: Layers, day: date, later: int) -> None:
    counts = day + timedelta(days=later)
    moved = arrived(row, Days(day, counts))

    kept = [(item.origin_on, item.unit_cost_minor, item.quantity, item.lot) for item in row]
    assert kept == [
        (item.origin_on, item.unit_cost_minor, item.quantity, item.lot) for item in moved
    ]
    assert {item.arrived_on for item in moved} <= {day}
    assert {item.counts_from for item in moved} <= {counts if later else None}
    assert value_minor(moved) == value_minor(row)


def test_older_origin_is_consumed_before_earlier_arrival() -> None:
    moved_late = layer(1, 900, origin=d(1, 1), arrived=d(6, 1))
    bought_early = layer(1, 900, origin=d(2, 1), arrived=d(2, 1))

    assert sorted([bought_early, moved_late], key=layer_key) == [moved_late, bought_early]


def test_pieces_do_not_leave_before_the_last_of_them_came() -> None:
    row = (layer(1, 5, d(3, 1)), layer(1, 5, d(3, 9)))
    require_there(row, Days(d(3, 9), d(3, 9)))

    with pytest.raises(BeforeArrival) as refusal:
        require_there(row, Days(d(3, 8), d(3, 31)))

    assert refusal.value.facts == {"came_on": "2025-03-09", "on": "2025-03-08"}


def test_pieces_whose_arrival_was_entered_late_do_not_count_as_gone_before_they_count() -> None:
    row = arrived((layer(1, 5, d(3, 1)),), Days(d(3, 9), d(4, 1)))
    require_there(row, Days(d(3, 9), d(4, 1)))

    with pytest.raises(BeforeArrival) as refusal:
        require_there(row, Days(d(3, 31), d(3, 31)))

    assert refusal.value.facts == {"came_on": "2025-04-01", "on": "2025-03-31"}


def test_of_two_alike_the_one_that_counts_earlier_leaves_first() -> None:
    early, late = (
        arrived((layer(1, 5, d(3, 1)),), Days(d(3, 9), day))[0] for day in (d(3, 9), d(4, 1))
    )

    assert sorted([late, early], key=layer_key) == [early, late]
