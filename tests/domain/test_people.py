"""People may be called whatever they are called; nobody is two people by spelling a name twice."""

import pytest

from domain import people
from domain.errors import InvalidValue, SamePerson
from domain.transfer_lines import TransferLine
from domain.use_cases import transferring
from tests.domain.desk import on
from tests.domain.givens import MAIN, NORTH, PUMP, stocked_maker


@pytest.mark.parametrize(
    "name",
    [
        "w01.keeper",
        "王小明",
        "Anna-Maria O'Neil",
        "anna@dealer.example",
        "Ольга Петрова",
        "محمد علي",
        "Nguyễn Thị Ánh",
        "d01/service desk (2)",
        "x",
        "名" * people.MAX_NAME,
    ],
)
def test_a_name_is_written_as_its_bearer_writes_it(name: str) -> None:
    assert people.named(name, "actor") == name


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "is required"),
        (" ", "is required"),
        (" anna", "must not begin or end with a blank"),
        ("anna\u3000", "must not begin or end with a blank"),
        ("anna\tli", "must not hold U+0009 (a control character)"),
        ("anna\u200bli", "must not hold U+200B (ZERO WIDTH SPACE)"),
        ("anna\u202eli", "must not hold U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("anna\u00a0li", "must not hold U+00A0 (NO-BREAK SPACE): write an ordinary blank"),
        ("anna  li", "must not hold two blanks in a row"),
        ("n" * (people.MAX_NAME + 1), "must be at most 100 characters"),
    ],
)
def test_what_nobody_could_see_in_a_name_is_refused(name: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        people.named(name, "actor")
    assert (refused.value.facts["field"], refused.value.facts["rule"]) == ("actor", rule)


def test_a_letter_and_its_accent_become_the_one_character_they_are() -> None:
    apart = "Rene\u0301"

    assert people.named(apart, "actor") == "Ren\u00e9"
    assert not people.is_same(apart, "Ren\u00e9"), "the control: as it came, it was another name"


@pytest.mark.parametrize(
    ("maker", "checker"),
    [("anna@dealer.example", "Anna@Dealer.example"), ("王小明", "王小明"), ("STRASSE", "straße")],
)
def test_who_requested_a_transfer_may_not_approve_it_in_other_capitals(
    maker: str, checker: str
) -> None:
    desk = stocked_maker()
    desk.do(
        transferring.request_transfer, actor=maker, number="T1", occurrence=on(7, 11),
        from_place=MAIN, to_place=NORTH, lines=(TransferLine(part=PUMP, quantity=5),),
    )  # fmt: skip

    desk.refused(SamePerson, transferring.approve_transfer, actor=checker, number="T1")
    desk.do(transferring.approve_transfer, actor="bob", number="T1")
