"""Resource names: what is formatted is parsed again, and nothing else is."""

import re
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidValue
from server.api.conversions import names
from server.api.conversions.names import NamePattern

PATTERNS = {name: value for name, value in vars(names).items() if isinstance(value, NamePattern)}
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True)
MONTHS = st.builds("{:04}-{:02}".format, st.integers(1990, 2199), st.integers(1, 12))
POSITIONS = st.integers(1, 10**18 - 1).map(str)


def key_of(draw: st.DrawFn, pattern: NamePattern) -> str:
    """A key such as the pattern's names have, or the one of all of them."""
    kinds = {"month": MONTHS, "position": POSITIONS}
    variables = [part[1:-1] for part in pattern.template.split("/") if part.startswith("{")]
    return "/".join(draw(kinds.get(variable, CODES)) for variable in variables[1:]) or pattern.only


@pytest.mark.parametrize("kind", PATTERNS)
@settings(max_examples=10)
@given(book=CODES, data=st.data())
def test_every_name_is_parsed_back_to_its_book_and_key(
    kind: str, book: str, data: st.DataObject
) -> None:
    pattern = PATTERNS[kind]
    key = data.draw(st.composite(lambda draw: key_of(draw, pattern))())

    assert pattern.parse(pattern.format(book, key), "name") == (book, key)


@given(st.sampled_from(sorted(PATTERNS)), st.text(max_size=60))
@example("PART", "books/main/parts/P-1")
@example("PERIOD", "books/main/period")
def test_any_other_text_is_refused_or_is_a_name(kind: str, text: str) -> None:
    pattern = PATTERNS[kind]
    with suppress(InvalidValue):
        assert pattern.format(*pattern.parse(text, "name")) == text


def beside(name: str) -> list[str]:
    """What is nearly a name: with something more, less or other at its ends."""
    collection, _, last = name.rpartition("/")
    return [
        name + "\n", name + "/", name + "/x", "/" + name, " " + name, name + "\0", name[1:],
        name.upper(), collection, collection + "/", f"{collection}//{last}", f"{name}/{last}",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", PATTERNS)
def test_what_is_nearly_a_name_is_none(kind: str) -> None:
    pattern = PATTERNS[kind]
    known = {"month": "2025-07", "position": "7", "book": "main"}
    name = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "X-1"), pattern.template)
    assert pattern.format(*pattern.parse(name, "name")) == name  # The control.

    for text in beside(name):
        with pytest.raises(InvalidValue):
            pattern.parse(text, "name")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "P-1",
        "parts/P-1",
        "books/main/parts/",
        "books//parts/P-1",
        "books/main/parts/P-1/",
        "/books/main/parts/P-1",
        "books/main/parts/P-1\n",
        "books/main/parts/P/1",
        "books/main/parts/@in-transit",
        "books/main/parts/-",
        "books/main/parts/泵",
        "books/main/parts/P\0",
        "books/main/parts/" + "P" * 64,
        "books/main/places/W01",
        "BOOKS/main/parts/P-1",
        "books/main/parts/" + "P" * 100_000,
    ],
)
def test_what_is_not_quite_the_name_of_a_part_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        names.PART.parse(name, "line.part")

    assert refusal.value.facts["field"] == "line.part"
    assert len(str(refusal.value)) < 2_000


def test_the_name_beside_those_is_taken() -> None:
    assert names.PART.parse("books/main/parts/P-1", "name") == ("main", "P-1")


def test_a_reference_to_another_book_is_refused() -> None:
    assert names.PART.key("books/main/parts/P-1", "part", "main") == "P-1"
    with pytest.raises(InvalidValue, match="must be of the book main"):
        names.PART.key("books/other/parts/P-1", "part", "main")


def test_a_reference_that_may_be_left_out_may_not_be_wrong() -> None:
    assert names.PLACE.optional_key("", "place", "main") == ""
    assert names.PLACE.optional_key("books/main/places/W01", "place", "main") == "W01"
    with pytest.raises(InvalidValue):
        names.PLACE.optional_key("W01", "place", "main")


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "2026-9", "0000-01", "9999-12", "２０２６-09"]
)
def test_a_settlement_of_no_month_is_refused(month: str) -> None:
    with pytest.raises(InvalidValue):
        names.SETTLEMENT.parse(f"books/main/dealers/D01/settlements/{month}", "name")


@pytest.mark.parametrize("position", ["0", "-1", "01", "1.0", "x", "٣", "9" * 19])
def test_an_entry_at_no_position_is_refused(position: str) -> None:
    with pytest.raises(InvalidValue):
        names.ENTRY.parse(f"books/main/entries/{position}", "name")


def test_a_virtual_place_has_a_name_that_no_request_can_use() -> None:
    name = names.PLACE.format("main", "@in-transit")

    assert name == "books/main/places/@in-transit"
    with pytest.raises(InvalidValue):
        names.PLACE.parse(name, "place")
