"""What the number of a part may hold is said alike wherever it is said, and is what is taken."""

import re
from pathlib import Path
from typing import Final

import pytest

from domain import values
from domain.errors import InvalidValue

ROOT: Final = Path(__file__).parents[2]
# Its length, the signs between, the first and the last, in the words of a page.
SAID: Final = re.compile(
    r"1 to 63 letters, digits, (?P<signs>.+?) or single blanks,"
    r" the first (?P<first>.+?), the last no (?P<last>.+?)\. "
)
PAGES: Final = ("docs/import.md", "proto/partsledger/v1/types.proto")


def taken(number: str) -> bool:
    try:
        values.part_number(number, "part")
    except InvalidValue:
        return False
    return True


def signs_of(words: str) -> set[str]:
    return set(re.findall("`(.)`", words))


@pytest.mark.parametrize("page", PAGES)
def test_the_signs_that_are_said_are_those_that_are_taken(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").replace("//", "")
    [said] = SAID.finditer(" ".join(text.split()))

    signs = signs_of(said["signs"])
    ascii_signs = {chr(n) for n in range(33, 127) if not chr(n).isalnum()}
    assert {sign for sign in ascii_signs if taken(f"A{sign}A")} == signs
    assert {sign for sign in signs if taken(f"{sign}A")} == signs_of(said["first"])
    assert {sign for sign in signs if not taken(f"A{sign}")} == signs_of(said["last"])
    assert [taken(each) for each in ("A A", "A  A", "A" * 63, "A" * 64)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_the_page_of_the_business_says_the_same_signs_besides_those_of_all_numbers() -> None:
    text = " ".join((ROOT / "docs" / "domain.md").read_text(encoding="utf-8").split())
    [said] = re.findall(r"They may also hold (.+?) and single blanks\.", text)

    others = {sign for sign in map(chr, range(33, 127)) if taken(f"A{sign}A")}
    others -= {sign for sign in others if sign.isalnum() or sign in "._-"}
    assert signs_of(said) == others


def test_what_a_refusal_says_is_what_is_taken() -> None:
    with pytest.raises(InvalidValue) as refused:
        values.part_number("A?", "part")

    said = set(str(refused.value.facts["rule"]).partition("blanks and ")[2].split())
    signs = {sign for sign in map(chr, range(33, 127)) if not sign.isalnum()}
    assert {sign for sign in signs if taken(f"A{sign}A")} == said
