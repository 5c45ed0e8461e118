"""A line is a row of cells or a problem with its place; the lines around it never matter."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.erp.rows import MAX_LINE_BYTES, Problem, Row, read_rows

COLUMNS = ["part", "description"]


def read(tmp_path: Path, content: bytes) -> list[Row | Problem]:
    path = tmp_path / "parts.csv"
    path.write_bytes(content)
    return list(read_rows(path, COLUMNS, ["part"]))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without BOM", "with BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_chinese_text_is_read_with_and_without_a_mark_and_with_either_line_end(
    tmp_path: Path, mark: bytes, end: bytes
) -> None:
    lines = [b"part,description", "P-1,液压泵".encode(), b"P-2,seal"]

    assert read(tmp_path, mark + end.join(lines) + end) == [
        Row(2, {"part": "P-1", "description": "液压泵"}),
        Row(3, {"part": "P-2", "description": "seal"}),
    ]


def test_a_last_line_without_its_end_is_read_and_empty_lines_are_passed_over(
    tmp_path: Path,
) -> None:
    assert read(tmp_path, b"part,description\n\nP-1,pump") == [
        Row(3, {"part": "P-1", "description": "pump"})
    ]


def test_columns_may_stand_in_any_order_and_empty_cells_are_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, b"description,part\n,P-1\n") == [Row(2, {"part": "P-1"})]


def test_quoted_cells_hold_commas_and_quotes(tmp_path: Path) -> None:
    [row] = read(tmp_path, b'part,description\nP-1,"pump, 24"" wide"\n')

    assert isinstance(row, Row)
    assert row.cells["description"] == 'pump, 24" wide'


def test_a_forgotten_quote_spoils_its_own_line_only(tmp_path: Path) -> None:
    problem, row = read(tmp_path, b'part,description\nP-1,"pump\nP-2,seal\n')

    assert problem == Problem(
        "parts.csv", 2, "", 'P-1,"pump', "must quote as RFC 4180 says, on one line", "P-1"
    )
    assert row == Row(3, {"part": "P-2", "description": "seal"})


def test_bytes_that_are_not_utf_8_are_named_with_line_and_column(tmp_path: Path) -> None:
    content = b"part,description\nP-1,pump\nP-2," + "泵".encode("gbk") + b"\nP-3,seal\n"

    before, problem, after = read(tmp_path, content)

    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column, problem.document) == (3, "description", "P-2")
    assert problem.rule == "must be UTF-8, byte 0xb1 is not"


def test_the_same_text_in_utf_8_is_no_problem(tmp_path: Path) -> None:
    [row] = read(tmp_path, b"part,description\nP-2," + "泵".encode() + b"\n")

    assert isinstance(row, Row)


@pytest.mark.parametrize("character", ["\x00", "\x07", "\t", "\r"])
def test_control_characters_are_refused(tmp_path: Path, character: str) -> None:
    [problem] = read(tmp_path, f"part,description\nP-1,pu{character}mp\n".encode())

    assert isinstance(problem, Problem)
    assert problem.line == 2


def test_a_line_with_two_carriage_returns_holds_a_control_character(tmp_path: Path) -> None:
    problem, row = read(tmp_path, b"part,description\nP-1,pump\r\r\nP-2,seal\r\n")

    assert isinstance(problem, Problem)
    assert (problem.line, problem.rule) == (2, "must not hold control characters")
    assert isinstance(row, Row)


@given(content=st.binary(max_size=200))
@example(content=b"")
@example(content=b'"')
@example(content=b'P-1,"pump')
@example(content=b"P-1,pump\r")
@example(content=b"\x00\xff\xfe")
@example(content=b"\xef\xbb\xbfpart,description")
@example(content=b"\n\r\n\r\r\n")
def test_no_bytes_whatever_stop_the_reading(tmp_path_factory: Any, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "parts.csv"
    path.write_bytes(b"part,description\n" + content + b"\nP-2,seal\n")

    *_, last = read_rows(path, COLUMNS, ["part"])

    assert isinstance(last, Row)
    assert last.cells == {"part": "P-2", "description": "seal"}


@pytest.mark.parametrize("line", ["P-1", "P-1,pump,extra"])
def test_a_line_has_as_many_cells_as_the_header(tmp_path: Path, line: str) -> None:
    [problem] = read(tmp_path, f"part,description\n{line}\n".encode())

    assert isinstance(problem, Problem)
    assert problem.rule.startswith("must have 2 cells as the header has")
    assert problem.document == "P-1"


def test_a_line_that_is_too_long_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    fits = b"P-1," + b"x" * (MAX_LINE_BYTES - 4)

    longest, problem, row = read(
        tmp_path, b"part,description\n" + fits + b"\n" + fits + b"x" * 200_000 + b"\nP-2,seal\n"
    )

    assert isinstance(longest, Row)
    assert isinstance(problem, Problem)
    assert problem.rule == f"must be at most {MAX_LINE_BYTES} bytes long"
    assert row == Row(4, {"part": "P-2", "description": "seal"})


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        (b"part", "missing columns: description"),
        (b"part,description,colour", "unknown columns: colour"),
        (b"part,descriptoin", "unknown columns: descriptoin; missing columns: description"),
        (b"part,description,part", "repeated columns: part"),
        (b"", "must begin with a header: part,description"),
    ],
)
def test_a_wrong_header_is_one_problem_and_nothing_else_is_read(
    tmp_path: Path, header: bytes, rule: str
) -> None:
    [problem] = read(tmp_path, header + b"\nP-1,pump\n")

    assert isinstance(problem, Problem)
    assert (problem.line, problem.rule) == (1, rule)


def test_an_empty_file_lacks_its_header(tmp_path: Path) -> None:
    [problem] = read(tmp_path, b"")

    assert isinstance(problem, Problem)
    assert problem.rule == "must begin with a header: part,description"
