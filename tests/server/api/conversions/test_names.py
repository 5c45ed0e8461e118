"""Resource names: what is formatted is parsed again, and nothing else is."""

import re
from contextlib import suppress
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidValue
from server.api.conversions import names
from server.api.conversions.names import NamePattern
from tests.part_numbers import NO_NUMBERS, PART_NUMBERS

PATTERNS = {name: value for name, value in vars(names).items() if isinstance(value, NamePattern)}
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True)
MONTHS = st.builds("{:04}-{:02}".format, st.integers(1990, 2199), st.integers(1, 12))
POSITIONS = st.integers(1, 10**18 - 1).map(str)


def key_of(draw: st.DrawFn, pattern: NamePattern) -> str:
    """A key such as the pattern's names have, or the one of all of them."""
    kinds = {"month": MONTHS, "position": POSITIONS, "part": PART_NUMBERS}
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
        found = pattern.parse(text, "name")
        assert pattern.parse(pattern.format(*found), "name") == found
        assert unquote(pattern.format(*found)) == unquote(text)


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
        "books/main/parts/P%00",
        "books/main/parts/P%",
        "books/main/parts/P%2",
        "books/main/parts/P%zz",
        "books/main/parts/P%FF",
        "books/main/parts/P%252F1",
        "books/main/parts/%2FP",
        "books/main/parts/P%2F",
        "books/main/parts/P%20",
        "books/main/parts/P%20%201",
        "books/main/parts/P%E3%80%801",
        "books/ma%69n/parts/P-1",
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


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("6204-2RS/C3", "books/main/parts/6204-2RS%2FC3"),
        ("M8 x 25", "books/main/parts/M8%20x%2025"),
        ("A+B", "books/main/parts/A%2BB"),
        ("#12", "books/main/parts/%2312"),
        ("9.a-b_c", "books/main/parts/9.a-b_c"),
    ],
)
def test_the_number_of_a_part_stands_in_a_name_as_in_the_path_of_a_url(
    number: str, name: str
) -> None:
    assert names.PART.format("main", number) == name
    assert names.PART.parse(name, "name") == ("main", number)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("books/main/parts/6204-2RS%2fC3", "6204-2RS/C3"),
        ("books/main/parts/M8 x 25", "M8 x 25"),
        ("books/main/parts/A+B", "A+B"),
        ("books/main/parts/#12", "#12"),
        ("books/main/parts/%50%2D1", "P-1"),
        ("books/main/parts/" + "".join(f"%{ord(sign):02X}" for sign in "a" * 63), "a" * 63),
    ],
)
def test_a_name_may_escape_more_or_less_than_it_needs(name: str, number: str) -> None:
    assert names.PART.parse(name, "name") == ("main", number)


@pytest.mark.parametrize(("number", "rule"), NO_NUMBERS[1:], ids=lambda each: repr(each)[:24])
def test_what_is_no_number_of_a_part_is_none_in_a_name(number: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        names.STOCK_ITEM.parse(f"books/main/places/W01/stock/{quote(number, safe='')}", "name")

    assert refused.value.facts["field"] == "name"
    if "%" in number:
        assert str(refused.value.facts["rule"]).startswith("must hold a % only where it escapes")
    else:
        assert refused.value.facts["value"] == number
        assert str(refused.value.facts["rule"]).startswith(rule)


@pytest.mark.parametrize("number", ["P%", "P%2", "P%zz", "P%FF", "P%252F1"])
def test_a_wrong_escape_is_refused_with_field_value_and_rule(number: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        names.PART.parse(f"books/main/parts/{number}", "line.part")

    rule = "must hold a % only where it escapes what a number may hold, as %2F for a slash"
    assert refused.value.facts == {"field": "line.part", "value": number, "rule": rule}


def test_a_slash_that_is_not_escaped_is_refused_with_what_to_write() -> None:
    with pytest.raises(InvalidValue, match="with %2F for a slash in the part's number"):
        names.PART.parse("books/main/parts/6204-2RS/C3", "name")


@pytest.mark.parametrize("sign", "/+# %")
def test_other_numbers_in_a_name_are_not_escaped(sign: str) -> None:
    for pattern in (names.PLACE, names.SALE, names.DEALER):
        with pytest.raises(InvalidValue):
            pattern.parse(pattern.format("main", f"A{quote(sign, safe='')}1"), "name")


@given(CODES, CODES, PART_NUMBERS)
def test_a_name_as_people_type_it_means_the_number_they_mean(
    place: str, price_list: str, part: str
) -> None:
    meant = {
        names.PART: (f"parts/{part}", part),
        names.STOCK_ITEM: (f"places/{place}/stock/{part}", f"{place}/{part}"),
        names.PRICE: (f"priceLists/{price_list}/prices/{part}", f"{price_list}/{part}"),
    }
    for pattern, (typed, key) in meant.items():
        name = pattern.typed(f"books/main/{typed}")
        assert pattern.parse(name, "name") == ("main", key)
        assert pattern.typed(pattern.format("main", key)) == pattern.format("main", key)
        others = [p for p in PATTERNS.values() if p is not pattern]
        assert [p.template for p in others if p.typed(f"books/main/{typed}")] == []


@given(PART_NUMBERS)
def test_a_name_ends_with_the_number_that_people_know(part: str) -> None:
    assert names.last_number(names.PART.format("main", part)) == part
    assert names.last_number("books/main/places/@in-transit") == "@in-transit"


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
