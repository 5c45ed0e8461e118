"""Rows with one number are one document; a bad row takes its document along, and no other."""

from pathlib import Path

from server.erp.documents import MAX_ROWS, read_documents
from server.erp.files.parts import PartLine
from server.erp.files.sales import SaleLine
from server.erp.rows import Problem
from tests.server.erp.conftest import WriteRows


def sale(number: str, part: str, quantity: str = "1", dealer: str = "D01") -> dict[str, str]:
    return {"sale": number, "sold_on": "2025-07-10", "dealer": dealer, "from_place": "W01",
            "part": part, "quantity": quantity}  # fmt: skip


def sales(path: Path) -> tuple[list[tuple[str, int, list[str]]], list[Problem]]:
    problems: list[Problem] = []
    documents = [
        (found.number, found.line, [row.part for row in found.rows])
        for found in read_documents(path, SaleLine, problems)
    ]
    return documents, problems


def test_consecutive_rows_of_one_number_are_one_document(write_rows: WriteRows) -> None:
    path = write_rows(SaleLine, sale("SO-1", "P-1"), sale("SO-1", "P-2"), sale("SO-2", "P-1"))

    assert sales(path) == ([("SO-1", 2, ["P-1", "P-2"]), ("SO-2", 4, ["P-1"])], [])


def test_a_bad_row_takes_its_whole_document_along(write_rows: WriteRows) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("SO-2", "P-1"), sale("SO-2", "P-2", "1.5"),
        sale("SO-2", "P-3"), sale("SO-3", "P-1"),
    )  # fmt: skip

    documents, problems = sales(path)

    assert [number for number, *_ in documents] == ["SO-1", "SO-3"]
    assert [(found.line, found.column, found.document) for found in problems] == [
        (4, "quantity", "SO-2")
    ]


def test_a_document_says_the_same_on_each_of_its_rows(write_rows: WriteRows) -> None:
    path = write_rows(SaleLine, sale("SO-1", "P-1"), sale("SO-1", "P-2", dealer="D02"))

    documents, [problem] = sales(path)

    assert documents == []
    assert (problem.line, problem.column, problem.value) == (3, "dealer", "D02")
    assert problem.rule == "must be as on line 2, the first of SO-1"


def test_a_row_without_a_number_may_be_of_either_neighbour_so_both_are_left_out(
    write_rows: WriteRows,
) -> None:
    path = write_rows(
        SaleLine, sale("SO-1", "P-1"), sale("", "P-2"), sale("SO-2", "P-1"), sale("SO-3", "P-1")
    )

    documents, problems = sales(path)

    assert [number for number, *_ in documents] == ["SO-3"]
    assert [(found.line, found.rule) for found in problems] == [
        (3, "is required"),
        (4, "may have lost a row to line 3, which cannot be read"),
    ]


def test_a_file_of_one_row_a_document_loses_that_row_only(write_rows: WriteRows) -> None:
    part = {"part": "P-1", "description": "pump", "part_class": "wear", "serviceable": "true",
            "restricted": "false"}  # fmt: skip
    path = write_rows(PartLine, part, {**part, "part": ""}, {**part, "part": "P-2"})
    problems: list[Problem] = []

    found = [document.number for document in read_documents(path, PartLine, problems)]

    assert (found, len(problems)) == (["P-1", "P-2"], 1)


def test_a_number_twice_in_a_file_of_one_row_a_document_is_two_documents(
    write_rows: WriteRows,
) -> None:
    """The ledger tells whether the second says the same; here neither may swallow the other."""
    part = {"part": "P-1", "description": "pump", "part_class": "wear", "serviceable": "true",
            "restricted": "false"}  # fmt: skip
    path = write_rows(PartLine, part, {**part, "description": "another pump"})

    documents = list(read_documents(path, PartLine, []))

    assert [document.head.description for document in documents] == ["pump", "another pump"]


def test_a_document_has_at_most_as_many_rows_as_the_ledger_takes(write_rows: WriteRows) -> None:
    rows = [sale("SO-1", f"P-{index}") for index in range(MAX_ROWS)]

    assert len(sales(write_rows(SaleLine, *rows))[0]) == 1

    documents, [problem] = sales(write_rows(SaleLine, *rows, sale("SO-1", "P-X")))
    assert documents == []
    assert problem.line == MAX_ROWS + 2
