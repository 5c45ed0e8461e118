"""Rows with one number are one document; a bad row takes its document along, and no other."""

from pathlib import Path

import pytest

from server.erp import documents
from server.erp.documents import MAX_ROWS, Reading, read_documents
from server.erp.files.parts import PartLine
from server.erp.files.sales import SaleLine
from server.erp.survey import Survey
from tests.server.erp.conftest import WriteRows


def sale(number: str, part: str, quantity: str = "1", dealer: str = "D01") -> dict[str, str]:
    return {"sale": number, "sold_on": "2025-07-10", "dealer": dealer, "from_place": "W01",
            "part": part, "quantity": quantity}  # fmt: skip


def sales(path: Path) -> tuple[list[tuple[str, tuple[int, ...], list[str]]], list[tuple[int, str]]]:
    """Of each document its number, lines and parts; of each problem its line and the rule."""
    reading = Reading()
    found = [
        (document.number, document.lines, [row.part for row in document.rows])
        for document in read_documents(path, SaleLine, reading)
    ]
    kept = sum(len(lines) for _, lines, _ in found)
    assert reading.rows["sales.csv"] == kept + reading.refused["sales.csv"]
    return found, [(problem.line, problem.rule) for problem in reading.problems]


def spoil(path: Path, line: int, text: str) -> Path:
    """Writes another text on one line of a file."""
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[line - 1] = text
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_rows_of_one_number_are_one_document(write_rows: WriteRows) -> None:
    path = write_rows(SaleLine, sale("SO-1", "P-1"), sale("SO-1", "P-2"), sale("SO-2", "P-1"))

    assert sales(path) == ([("SO-1", (2, 3), ["P-1", "P-2"]), ("SO-2", (4,), ["P-1"])], [])


def test_rows_that_stand_apart_are_taken_together_where_the_first_one_stands(
    write_rows: WriteRows,
) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("SO-2", "P-1"), sale("SO-1", "P-2"),
        sale("SO-3", "P-1"), sale("SO-2", "P-2"), sale("SO-1", "P-3"),
    )  # fmt: skip

    assert sales(path) == (
        [
            ("SO-1", (2, 4, 7), ["P-1", "P-2", "P-3"]),
            ("SO-2", (3, 6), ["P-1", "P-2"]),
            ("SO-3", (5,), ["P-1"]),
        ],
        [],
    )


def test_without_the_survey_a_document_would_be_read_in_halves(
    write_rows: WriteRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    path = write_rows(SaleLine, sale("SO-1", "P-1"), sale("SO-2", "P-1"), sale("SO-1", "P-2"))

    monkeypatch.setattr(documents, "surveyed", lambda _: Survey({}, {}))

    assert [number for number, *_ in sales(path)[0]] == ["SO-1", "SO-2", "SO-1"]


def test_a_bad_row_takes_its_whole_document_along(write_rows: WriteRows) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("SO-2", "P-1"), sale("SO-2", "P-2", "1.5"),
        sale("SO-2", "P-3"), sale("SO-3", "P-1"),
    )  # fmt: skip

    found, problems = sales(path)

    assert [number for number, *_ in found] == ["SO-1", "SO-3"]
    assert problems == [(4, "must be a whole number, without separators")]


def test_a_bad_row_takes_its_document_along_that_began_far_above(write_rows: WriteRows) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("SO-2", "P-1"), sale("SO-1", "P-2", "1.5")
    )

    found, problems = sales(path)

    assert [number for number, *_ in found] == ["SO-2"]
    assert problems == [(4, "must be a whole number, without separators")]


def test_a_document_says_the_same_on_each_of_its_rows(write_rows: WriteRows) -> None:
    path = write_rows(SaleLine, sale("SO-1", "P-1"), sale("SO-1", "P-2", dealer="D02"))
    reading = Reading()

    assert list(read_documents(path, SaleLine, reading)) == []
    [problem] = reading.problems
    assert (problem.line, problem.column, problem.value) == (3, "dealer", "D02")
    assert problem.rule == "must be as on line 2, the first of SO-1"


def test_a_row_without_a_number_may_be_of_either_neighbour_so_both_are_named_and_left_out(
    write_rows: WriteRows,
) -> None:
    path = write_rows(
        SaleLine, sale("SO-0", "P-1"), sale("SO-1", "P-1"), sale("", "P-2"), sale("SO-2", "P-1"),
        sale("SO-3", "P-1"),
    )  # fmt: skip

    found, problems = sales(path)

    assert [number for number, *_ in found] == ["SO-0", "SO-3"]
    assert problems == [
        (3, "may have lost a row: line 4 does not say whose it is"),
        (4, "is required"),
        (5, "may have lost a row: line 4 does not say whose it is"),
    ]


def test_of_several_such_rows_on_end_each_may_be_of_either_neighbour(
    write_rows: WriteRows,
) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("", "P-2"), sale("", "P-3"), sale("SO-2", "P-1")
    )

    assert [line for line, _ in sales(path)[1]] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("SO-2,2025-07-10,,,,a, b,D01,W01,P-2,1", "SO-2"),  # A comma in a text.
        ("SO-2,2025-07-10,,,", "SO-2"),  # Cut short.
        ('SO-2,2025-07-10,,,,"a,D01,W01,P-2,1', "SO-2"),  # A quotation mark without its other.
        ('"SO-2","2025-07-10",,,,"a" b,D01,W01,P-2,1', "SO-2"),
        ("SO-2,2025-07-10,,,,a\u200bb,D01,W01,P-2,1", "SO-2"),
        ("SO-2", ""),  # Perhaps of a longer number.
        ("2025-07-10,,,,,D01,W01,P-2,1", ""),  # Its number is what is missing.
        ("SO-22025-07-10,,,,,D01,W01,P-2,1", ""),  # A comma is missing after the number.
        ("SO,-2,2025-07-10,,,,,D01,W01,P-2,1", ""),
        ('"SO-2,2025-07-10,,,,,D01,W01,P-2,1', ""),
        ('the rest of a text",D01,W01,P-2,1', ""),
        ("SO 2,2025-07-10,,,,,D01,W01,P-2,1", ""),  # Not what a number may be.
        ("S\u200bO-2,2025-07-10,,,,,D01,W01,P-2,1", ""),
        ("SO-2,2025-07-10,,D01,W01,,P-2", ""),  # Damaged in more than one place.
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_takes_along_whoever_may_have_lost_it(
    write_rows: WriteRows, text: str, owner: str
) -> None:
    path = write_rows(SaleLine, *(sale(f"SO-{number}", "P-1") for number in (1, 2, 9, 3, 4)))

    found, problems = sales(spoil(path, 4, text))  # Between SO-2 and SO-3.

    lost = ["SO-2"] if owner else ["SO-2", "SO-3"]
    assert [number for number, *_ in found] == [
        number for number in ("SO-1", "SO-2", "SO-3", "SO-4") if number not in lost
    ]
    assert 4 in [line for line, _ in problems]
    if not owner:
        assert {2 + 1, 5} < {line for line, _ in problems}


def test_a_number_that_is_perhaps_cut_short_takes_along_what_it_may_be_and_the_neighbours(
    write_rows: WriteRows,
) -> None:
    """A row of SO-10, which became one of SO-1."""
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("SO-9", "P-1"), sale("SO-10", "P-1"),
        sale("SO-10", "P-2"), sale("SO-11", "P-1"), sale("SO-12", "P-1"),
    )  # fmt: skip

    found, _ = sales(spoil(path, 5, "SO-1"))

    assert [number for number, *_ in found] == ["SO-9", "SO-12"]


def test_where_documents_stand_apart_a_row_of_unknown_number_may_be_of_any(
    write_rows: WriteRows,
) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("SO-2", "P-1"), sale("SO-1", "P-2"),
        sale("SO-3", "P-1"), sale("", "P-2"), sale("SO-4", "P-1"), sale("SO-2", "P-2"),
    )  # fmt: skip

    found, problems = sales(path)

    assert found == []
    assert [line for line, _ in problems] == [2, 3, 5, 6, 7]
    assert problems[0][1].endswith("in this file documents have rows that stand apart")


def test_a_file_of_one_row_a_document_loses_that_row_only(write_rows: WriteRows) -> None:
    part = {"part": "P-1", "description": "pump", "part_class": "wear", "serviceable": "true",
            "restricted": "false"}  # fmt: skip
    path = write_rows(PartLine, part, {**part, "part": ""}, {**part, "part": "P-2"})
    reading = Reading()

    found = [document.number for document in read_documents(path, PartLine, reading)]

    assert (found, len(reading.problems)) == (["P-1", "P-2"], 1)


def test_a_number_twice_in_a_file_of_one_row_a_document_is_two_documents(
    write_rows: WriteRows,
) -> None:
    """The ledger tells whether the second says the same; here neither may swallow the other."""
    part = {"part": "P-1", "description": "pump", "part_class": "wear", "serviceable": "true",
            "restricted": "false"}  # fmt: skip
    path = write_rows(PartLine, part, {**part, "description": "another pump"})

    found = list(read_documents(path, PartLine, Reading()))

    assert [document.head.description for document in found] == ["pump", "another pump"]


def test_a_document_has_at_most_as_many_rows_as_the_ledger_takes(write_rows: WriteRows) -> None:
    rows = [sale("SO-1", f"P-{index}") for index in range(MAX_ROWS)]

    assert len(sales(write_rows(SaleLine, *rows))[0]) == 1

    assert sales(write_rows(SaleLine, *rows, sale("SO-1", "P-X"))) == (
        [], [(MAX_ROWS + 2, "must have at most 200 rows")],
    )  # fmt: skip
