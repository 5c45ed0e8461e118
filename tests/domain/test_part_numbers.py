"""What the number of a part may be, and that no two things have one stream because of it."""

from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import values
from domain.aggregates import AGGREGATES
from domain.errors import InvalidValue
from domain.part import Part
from domain.price_list import ListedPrice, price_key
from domain.stock_item import StockItem, stock_key
from tests.part_numbers import NO_NUMBERS, PART_NUMBERS, WRITTEN

CODES: Final = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True)
PLACES: Final = CODES | st.sampled_from(("@in-transit", "consignment.D01"))

# The kinds of streams that a part's number ends, with the numbers before it.
OF_PARTS: Final = {Part.KIND: 0, StockItem.KIND: 1, ListedPrice.KIND: 1}


@given(PART_NUMBERS)
def test_what_catalogues_write_is_taken_as_it_is(number: str) -> None:
    assert values.part_number(number, "part") == number


@given(CODES)
def test_what_was_a_number_of_a_part_before_still_is(number: str) -> None:
    assert values.part_number(number, "part") == number


@pytest.mark.parametrize(("number", "rule"), NO_NUMBERS, ids=lambda each: repr(each)[:24])
def test_what_is_no_number_is_refused_with_field_value_and_rule(number: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        values.part_number(number, "lines[0].part")

    assert refused.value.facts["field"] == "lines[0].part"
    assert refused.value.facts["value"] == number
    assert str(refused.value.facts["rule"]).startswith(rule)


@pytest.mark.parametrize("number", [number for number in WRITTEN if not number.isalnum()])
def test_other_numbers_are_as_narrow_as_they_were(number: str) -> None:
    with pytest.raises(InvalidValue):
        values.code(number, "sale")


def stream(kind: str, *numbers: str) -> str:
    """As the domain makes it."""
    if kind == StockItem.KIND:
        return f"{kind}/{stock_key(*numbers)}"
    return f"{kind}/{price_key(*numbers)}" if kind == ListedPrice.KIND else f"{kind}/{numbers[0]}"


THINGS: Final = st.one_of(
    st.tuples(st.just(Part.KIND), PART_NUMBERS),
    st.tuples(st.just(StockItem.KIND), PLACES, PART_NUMBERS),
    st.tuples(st.just(ListedPrice.KIND), CODES, PART_NUMBERS),
    # Every other kind: one number, or two as a settlement has.
    st.tuples(
        st.sampled_from(sorted({kind.KIND for kind in AGGREGATES} - OF_PARTS.keys())),
        CODES,
    ),
    st.tuples(st.just("settlements"), CODES, st.just("2025-07")),
)


def named(thing: tuple[str, ...]) -> str:
    kind, *numbers = thing
    return stream(kind, *numbers) if kind in OF_PARTS else "/".join(thing)


@given(THINGS, THINGS)
@example(("stock", "W01", "A/B"), ("stock", "W01", "A"))
@example(("parts", "W01/A"), ("stock", "W01", "A"))
@example(("parts", "D01/2025-07"), ("settlements", "D01", "2025-07"))
def test_two_things_have_two_streams(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (named(one) == named(other)) == (one == other)


@given(THINGS)
def test_the_numbers_are_found_again_in_a_stream(thing: tuple[str, ...]) -> None:
    kind, *numbers = thing
    before = OF_PARTS.get(kind, len(numbers) - 1)

    assert named(thing).split("/", before + 1) == [kind, *numbers]


@given(PLACES, PART_NUMBERS)
def test_a_stream_that_a_slash_ends_is_none_but_how_others_begin(place: str, part: str) -> None:
    """So a filter tells the one from the other by its last character."""
    assert not stream(StockItem.KIND, place, part).endswith("/")
    assert not stream(Part.KIND, part).endswith("/")
