"""A line is a row of cells or a problem with its place; the lines around it never matter."""

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.erp.cells import Code, Text
from server.erp.files.purchases import PurchaseLine
from server.erp.files.settlements import SettlementLine
from server.erp.lines import Line, column
from server.erp.rows import MAX_LINE_BYTES, Problem, Row
from server.erp.sheet import HOW_TO_SAVE, Sheet
from tests.server.erp.exports import BARE


class ShortLine(Line):
    FILE = "parts.csv"
    NUMBER = ("part",)

    part: Code = column("Number of the part.")
    description: Text = column("What it is.", default="")


def read(content: bytes) -> list[Row | Problem]:
    sheet = Sheet("parts.csv", BytesIO(content), ShortLine)
    return [sheet.problem] if sheet.problem else [found.row for found in sheet.rows()]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without BOM", "with BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_chinese_text_is_read_with_and_without_a_mark_and_with_either_line_end(
    mark: bytes, end: bytes
) -> None:
    lines = [b"part,description", "P-1,液压泵".encode(), b"P-2,seal"]

    assert read(mark + end.join(lines) + end) == [
        Row(2, {"part": "P-1", "description": "液压泵"}),
        Row(3, {"part": "P-2", "description": "seal"}),
    ]


def test_a_last_line_without_its_end_is_read() -> None:
    assert read(b"part,description\nP-1,pump") == [Row(2, {"part": "P-1", "description": "pump"})]


@pytest.mark.parametrize(
    "blank", ["", ",", " , ", '"",""', ",,,,", "\u3000,\u00a0", " "], ids=lambda text: repr(text)
)
def test_a_row_of_empty_cells_is_passed_over_as_an_empty_line_is(blank: str) -> None:
    content = f"part,description\nP-1,pump\n{blank}\nP-2,seal\n"

    assert [row.line for row in read(content.encode())] == [2, 4]


def test_columns_may_stand_in_any_order_and_empty_cells_are_left_out() -> None:
    assert read(b"description,part\n,P-1\n") == [Row(2, {"part": "P-1"})]


def test_quoted_cells_hold_commas_and_quotes() -> None:
    [row] = read(b'part,description\nP-1,"pump, 24"" wide"\n')

    assert isinstance(row, Row)
    assert row.cells["description"] == 'pump, 24" wide'


@pytest.mark.parametrize("end", [" ", "  ", "\u00a0", "\u3000", "\u2003"], ids=lambda c: repr(c))
@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
def test_blanks_at_the_ends_of_a_cell_are_cut_and_those_inside_stay(end: str, quote: str) -> None:
    content = f"part, description{end}\n{quote}{end}P-1{end}{quote},{quote}a {end}b{end}{quote}\n"

    assert read(content.encode()) == [Row(2, {"part": "P-1", "description": f"a {end}b"})]


def test_a_forgotten_quote_spoils_its_own_line_only() -> None:
    problem, row = read(b'part,description\nP-1,"pump\nP-2,seal\n')

    assert problem == Problem(
        "parts.csv", 2, "", 'P-1,"pump', "must quote as RFC 4180 says, on one line", "P-1"
    )
    assert row == Row(3, {"part": "P-2", "description": "seal"})


def test_bytes_that_are_not_utf_8_are_named_with_line_and_column() -> None:
    content = b"part,description\nP-1,pump\nP-2," + "泵".encode("gbk") + b"\nP-3,seal\n"

    before, problem, after = read(content)

    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column, problem.document) == (3, "description", "P-2")
    assert problem.rule.startswith("must be UTF-8, byte 0xb1 is not: save it as")


def test_the_same_text_in_utf_8_is_no_problem() -> None:
    [row] = read(b"part,description\nP-2," + "泵".encode() + b"\n")

    assert isinstance(row, Row)


@pytest.mark.parametrize(
    ("character", "named"),
    [
        ("\x00", "U+0000 (a control character)"), ("\x1b", "U+001B (a control character)"),
        ("\t", "U+0009 (a control character)"), ("\r", "U+000D (a control character)"),
        ("\u200b", "U+200B (ZERO WIDTH SPACE)"), ("\u202e", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("\ufeff", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"), ("\u2028", "U+2028 (LINE SEPARATOR)"),
        ("\ue000", "U+E000 (a private character)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["{}pump", "pu{}mp", "pump{}"])
def test_what_cannot_be_seen_is_refused_by_the_column_it_stands_in_and_its_name(
    character: str, named: str, place: str
) -> None:
    text = place.format(character)
    [problem] = read(f"description,part\n{text},P-1\n".encode())

    assert isinstance(problem, Problem)
    assert (problem.line, problem.column, problem.document) == (2, "description", "P-1")
    assert problem.rule == f"must not hold {named}"
    assert character not in problem.value


def test_a_line_with_two_carriage_returns_holds_a_control_character() -> None:
    problem, row = read(b"part,description\nP-1,pump\r\r\nP-2,seal\r\n")

    assert isinstance(problem, Problem)
    assert (problem.line, problem.rule) == (2, "must not hold U+000D (a control character)")
    assert isinstance(row, Row)


@given(content=st.binary(max_size=200))
@example(content=b"")
@example(content=b'"')
@example(content=b'P-1,"pump')
@example(content=b"P-1,pump\r")
@example(content=b"\x00\xff\xfe")
@example(content=b"\xef\xbb\xbfpart,description")
@example(content=b"\n\r\n\r\r\n")
def test_no_bytes_whatever_stop_the_reading(content: bytes) -> None:
    *_, last = read(b"part,description\n" + content + b"\nP-2,seal\n")

    assert isinstance(last, Row)
    assert last.cells == {"part": "P-2", "description": "seal"}


@pytest.mark.parametrize("kind", [PurchaseLine, SettlementLine])
@given(data=st.data())
def test_whose_rows_the_lines_are_is_told_quickly_and_slowly_alike(
    kind: type[Line], data: st.DataObject
) -> None:
    """A survey asks only for the owners: were one another, a document would be read in halves."""
    good = ",".join(BARE[kind.FILE].get(name, "") for name in kind.columns())
    pieces = st.sampled_from([",", '"', "\r", " ", "1", "é", "\u200b", '""', "x" * 70])
    places = st.integers(min_value=0, max_value=len(good))
    lines = []
    for _ in range(data.draw(st.integers(min_value=1, max_value=6))):
        if data.draw(st.booleans()):
            lines.append(data.draw(st.sampled_from([good, "", "," * good.count(","), good[1:]])))
            continue
        place, until = sorted((data.draw(places), data.draw(places)))
        cut = data.draw(st.sampled_from([place, min(place + 1, len(good)), until]))
        lines.append(good[:place] + data.draw(pieces) + good[cut:])
    content = "\n".join([",".join(kind.columns()), *lines, good, good]).encode()
    content = content.replace("é".encode(), b"\xff")
    sheet = Sheet(kind.FILE, BytesIO(content), kind)

    found = [(row.line, row.owner) for row in sheet.rows()]

    assert [(owner.line, owner.number) for owner in sheet.owners(of_all_rows=True)] == found
    firsts = [found[0], *(row for before, row in pairwise(found) if row[1] != before[1])]
    assert set(firsts) <= {(owner.line, owner.number) for owner in sheet.owners()} <= set(found)


@pytest.mark.parametrize("line", ["P-1", "P-1,pump,extra"])
def test_a_line_has_as_many_cells_as_the_header(line: str) -> None:
    [problem] = read(f"part,description\n{line}\n".encode())

    assert isinstance(problem, Problem)
    assert problem.rule.startswith("must have 2 cells as the header has")
    assert problem.document == "P-1"


def test_a_line_that_is_too_long_is_refused_and_the_next_one_read() -> None:
    fits = b"P-1," + b"x" * (MAX_LINE_BYTES - 4)

    longest, problem, row = read(
        b"part,description\n" + fits + b"\n" + fits + b"x" * 200_000 + b"\nP-2,seal\n"
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
        (b"part,\xffdescription", "must be UTF-8, byte 0xff is not: " + HOW_TO_SAVE),
        (b'part,"description', "must quote as RFC 4180 says, on one line"),
        (b"", "must begin with a header: part,description"),
    ],
)
def test_a_wrong_header_is_one_problem_and_nothing_else_is_read(header: bytes, rule: str) -> None:
    [problem] = read(header + b"\nP-1,pump\n")

    assert isinstance(problem, Problem)
    assert (problem.line, problem.rule) == (1, rule)


def test_an_empty_file_lacks_its_header() -> None:
    [problem] = read(b"")

    assert isinstance(problem, Problem)
    assert problem.rule == "must begin with a header: part,description"
