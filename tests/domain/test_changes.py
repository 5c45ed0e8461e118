"""What differs between two values is told field by field, as a cell of a file would say it."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from domain.changes import Change, KnownOtherwise, NeverChanges, VersionExists, changes, told


class Terms(NamedTuple):
    level: str
    days: int
    rate: Decimal | None = None


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        (Terms("A", 30), Terms("A", 30), []),
        (Terms("A", 30), Terms("A", 45), [("days", "30", "45")]),
        (
            Terms("A", 30),
            Terms("", 0, Decimal("0.13")),
            [("level", "A", "(nothing)"), ("days", "30", "0"), ("rate", "(nothing)", "0.13")],
        ),
        (30, 30, []),
        (30, 45, [("value", "30", "45")]),
    ],
)
def test_the_fields_that_differ_are_found_in_their_order(
    was: object, now: object, found: list[tuple[str, str, str]]
) -> None:
    assert changes(was, now) == [Change(*each) for each in found]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("A", "A"), ("x", "x"), ("", "(nothing)"), (None, "(nothing)"), (0, "0"),
        (True, "true"), (False, "false"), (date(2025, 7, 1), "2025-07-01"),
        (Decimal("0.130"), "0.130"), (("A", "B"), "A;B"), (("A",), "A"), ((), "(nothing)"),
        ((True, ""), "true;(nothing)"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_a_file_says_it(value: Any, shown: str) -> None:
    assert changes("other", value) == [Change("value", "other", shown)]


FOUND = [Change("days", "30", "45"), Change("level", "A", "(nothing)")]
DIFFERENT = {
    "changed": "days, level", "known": "days 30, level A", "given": "days 45, level (nothing)",
}  # fmt: skip


def test_several_changes_are_one_line() -> None:
    assert told(FOUND) == "days was 30, is now 45; level was A, is now (nothing)"
    assert told([]) == ""


def test_a_refusal_says_what_is_known_and_what_is_given() -> None:
    known = KnownOtherwise("dealer", "D01", FOUND)
    exists = VersionExists("dealer D01", date(2025, 7, 1), FOUND)
    never = NeverChanges("dealer D01", FOUND)

    assert known.facts == {"kind": "dealer", "key": "D01"} | DIFFERENT
    assert exists.facts == {"what": "dealer D01", "effective_from": "2025-07-01"} | DIFFERENT
    assert never.facts == {"what": "dealer D01"} | DIFFERENT
    assert [str(each) for each in (known, exists, never)] == [
        f"dealer D01 already exists: {told(FOUND)}. Say from which day that holds (effective_from)",
        f"dealer D01: {told(FOUND)}. The version of 2025-07-01 stays as it is: say from which other"
        " day this one holds (effective_from)",
        f"dealer D01: {told(FOUND)}, which never changes",
    ]
