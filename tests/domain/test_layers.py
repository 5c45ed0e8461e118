"""Arithmetic of layers: moving and taking pieces never makes, loses or ages one, nor a fen."""

from datetime import date, timedelta
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.days import Days
from domain.errors import BeforeArrival
from domain.layers import (
    Layer,
    Layers,
    added,
    arrived,
    first_pieces,
    in_facts,
    layer_key,
    left_of,
    quantity_of,
    require_there,
    value_of,
)
from tests.domain.desk import d, layer

days = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
layers = st.lists(
    st.builds(
        Layer, origin_on=days, arrived_on=days, quantity=st.integers(1, 20),
        value_minor=st.integers(0, 10**4), receipt=st.sampled_from(["purchases/1", "purchases/2"]),
        lot=st.sampled_from(["", "L1"]), serial=st.sampled_from(["", "S1"]),
    ),
    max_size=6,
).map(lambda found: added((), found))  # fmt: skip
# Three pieces for 10.00, three that are worth less than a fen each, and four for nothing.
ODD = (
    Layer(d(1, 1), d(2, 1), 3, 1000, "purchases/1"), Layer(d(1, 1), d(2, 2), 3, 2, "purchases/1"),
    Layer(d(1, 2), d(1, 2), 4, 0, "purchases/2", lot="L1"),
)  # fmt: skip
WASHERS = (Layer(d(1, 1), d(1, 1), 10_000, 3500, "purchases/1"),)


def pieces_of(row: Layers) -> list[Layer]:
    """The same row as single pieces without their value."""
    return [replace(each, quantity=1, value_minor=0) for each in row for _ in range(each.quantity)]


@given(row=layers, wanted=st.integers(0, 120))
@example(row=ODD, wanted=0)
@example(row=ODD, wanted=2)
@example(row=ODD, wanted=3)
@example(row=ODD, wanted=5)
@example(row=ODD, wanted=9)
@example(row=WASHERS, wanted=1)
def test_what_is_taken_and_what_is_left_make_the_row(row: Layers, wanted: int) -> None:
    quantity = min(wanted, quantity_of(row))
    taken = first_pieces(row, quantity)
    left = left_of(row, taken)

    assert pieces_of(taken) == pieces_of(row)[:quantity]
    assert pieces_of(taken) + pieces_of(left) == pieces_of(row)
    assert value_of(taken) + value_of(left) == value_of(row)
    assert all(each.quantity > 0 <= each.value_minor for each in taken + left)
    assert added(left, taken) == row, "what comes back makes the layers whole again"


@given(row=layers, wanted=st.integers(0, 120))
@example(row=ODD, wanted=1)
def test_of_a_layer_that_is_broken_the_share_is_rounded_half_up(row: Layers, wanted: int) -> None:
    taken = first_pieces(row, min(wanted, quantity_of(row)))

    for part, whole in zip(taken, row, strict=False):
        exact = Fraction(whole.value_minor * part.quantity, whole.quantity)
        assert part.value_minor == floor(exact + Fraction(1, 2))


@pytest.mark.parametrize(("pieces", "value"), [(1, 333), (2, 667), (3, 1000)])
def test_two_of_three_pieces_for_10_are_worth_6_67(pieces: int, value: int) -> None:
    assert first_pieces(ODD[:1], pieces) == (replace(ODD[0], quantity=pieces, value_minor=value),)


@given(row=layers, chance=st.randoms(use_true_random=False), steps=st.integers(1, 30))
@example(row=ODD, chance=Random(1), steps=30)
@example(row=WASHERS, chance=Random(2), steps=30)
def test_any_sequence_of_takes_and_returns_keeps_the_value(
    row: Layers, chance: Random, steps: int
) -> None:
    """Parcels leave and some come back, in any order; in the end the last piece leaves, too."""
    whole, here = value_of(row), row
    gone: list[Layers] = []
    for _ in range(steps):
        if gone and chance.random() < 0.4:
            here = added(here, gone.pop(chance.randrange(len(gone))))
        else:
            taken = first_pieces(here, chance.randint(0, quantity_of(here)))
            here = left_of(here, taken)
            gone.append(taken)
        assert value_of(here) + sum(map(value_of, gone)) == whole
        assert all(each.quantity > 0 <= each.value_minor for each in here)
    last = first_pieces(here, quantity_of(here))
    assert left_of(here, last) == ()
    assert value_of(last) + sum(map(value_of, gone)) == whole


def test_a_unit_cost_that_was_rounded_would_lose_value() -> None:
    """The control: 3.33 a piece makes 9.99 of 10.00, and 0.00 a washer makes nothing of 35.00."""
    assert 3 * round(1000 / 3) == 999
    assert 10_000 * round(3500 / 10_000) == 0


def test_a_washer_is_worth_less_than_a_fen_and_all_of_them_what_was_paid() -> None:
    one_by_one: list[int] = []
    left: Layers = WASHERS
    while left:
        taken = first_pieces(left, 1)
        left = left_of(left, taken)
        one_by_one.append(value_of(taken))

    assert (len(one_by_one), sum(one_by_one)) == (10_000, 3500)
    assert set(one_by_one) == {0, 1}


@given(row=layers, day=days, later=st.sampled_from([0, 0, 1, 30]))
@example(row=ODD, day=d(3, 1), later=0)
@example(row=ODD, day=d(3, 1), later=31)
def test_arrival_changes_the_dwell_and_nothing_else(row: Layers, day: date, later: int) -> None:
    counts = day + timedelta(days=later)
    moved = arrived(row, Days(day, counts))

    expected = [
        replace(each, arrived_on=day, counts_from=counts if later else None) for each in row
    ]
    assert sorted(pieces_of(moved), key=layer_key) == sorted(
        pieces_of(tuple(expected)), key=layer_key
    )
    assert value_of(moved) == value_of(row)


def test_what_only_its_arrival_told_apart_is_one_layer_after_a_move() -> None:
    row = (
        Layer(d(1, 1), d(2, 1), 1, 333, "purchases/1"),
        Layer(d(1, 1), d(2, 2), 2, 667, "purchases/1"),
    )

    assert arrived(row, Days(d(3, 1), d(3, 1))) == (
        Layer(d(1, 1), d(3, 1), 3, 1000, "purchases/1"),
    )


def test_older_origin_is_consumed_before_earlier_arrival() -> None:
    moved_late = layer(1, 900, origin=d(1, 1), arrived=d(6, 1))
    bought_early = layer(1, 900, origin=d(2, 1), arrived=d(2, 1))

    assert added((bought_early,), (moved_late,)) == (moved_late, bought_early)


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
    with pytest.raises(BeforeArrival):
        require_there((layer(1, 5, d(3, 1)), *row), Days(d(3, 31), d(3, 31)))


@pytest.mark.parametrize(
    ("occurred_on", "effective_on", "there"),
    [
        (d(7, 20), d(8, 1), True), (d(7, 19), d(8, 1), False), (d(7, 20), d(7, 31), False),
        (d(8, 1), d(8, 1), True), (d(7, 19), d(7, 31), False),
    ],
)  # fmt: skip
def test_pieces_are_there_when_they_have_come_and_count(
    occurred_on: date, effective_on: date, there: bool
) -> None:
    """They came on 20 July, and count from August."""
    late = replace(layer(1, 100, d(7, 20)), counts_from=d(8, 1))
    assert late.is_there(Days(occurred_on, effective_on)) is there

    on_its_day = layer(1, 100, d(7, 20))
    assert on_its_day.is_there(Days(occurred_on, effective_on)) is (occurred_on >= d(7, 20))


@pytest.mark.parametrize(
    ("count", "in_each"), [(0, []), (1, [1]), (48, [48]), (49, [48, 1]), (97, [48, 48, 1])]
)
def test_so_many_layers_fit_into_a_fact(count: int, in_each: list[int]) -> None:
    row = tuple(layer(1, number, d(1, 1)) for number in range(count))

    facts = list(in_facts(row))

    assert [len(each) for each in facts] == in_each
    assert tuple(each for fact in facts for each in fact) == row


def test_of_two_alike_the_one_that_counts_earlier_leaves_first() -> None:
    early, late = (
        arrived((layer(1, 5, d(3, 1)),), Days(d(3, 9), day))[0] for day in (d(3, 9), d(4, 1))
    )

    assert added((late,), (early,)) == (early, late)
