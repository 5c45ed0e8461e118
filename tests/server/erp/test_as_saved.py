"""The same cells, however a spreadsheet has saved them."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.erp.as_saved import NotAsNamed, opened
from server.erp.cells import Code, Text
from server.erp.documents import Reading, read_documents
from server.erp.lines import Line, column

HEADER = ["part", "description"]
CELLS = st.text(
    st.characters(codec="gb18030", exclude_categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]),
    max_size=12,
)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5)
WAYS = [
    (separator, encoding)
    for separator in ",;\t"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030")
]


def saved(rows: list[list[str]], separator: str, encoding: str, ending: str = "\r\n") -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, lineterminator=ending).writerows([HEADER, *rows])
    return written.getvalue().encode(encoding)


def read_back(path: Path, content: bytes, said: str = "utf-8") -> list[list[str]]:
    path.write_bytes(content)
    with opened(path, HEADER, said) as stream:
        text = stream.read().decode("utf-8").removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(("separator", "encoding"), WAYS)
@given(rows=ROWS)
def test_the_cells_are_the_same_in_whichever_way_they_were_saved(
    tmp_path_factory: pytest.TempPathFactory, separator: str, encoding: str, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "saved.csv"
    said = encoding if encoding == "gb18030" else "utf-8"
    assert read_back(path, saved(rows, separator, encoding), said) == [HEADER, *rows]


def test_a_plain_file_is_read_as_it_is(tmp_path: Path) -> None:
    content = saved([["P-1", 'a "quoted; cell'], ["P-2", "x;y"]], ",", "utf-8", "\n")
    path = tmp_path / "parts.csv"
    path.write_bytes(content)
    with opened(path, HEADER) as stream:
        assert stream.read() == content


class ShortLine(Line):
    FILE = "parts.csv"
    NUMBER = ("part",)

    part: Code = column("Number of the part.")
    description: Text = column("What it is.", default="")


@pytest.mark.parametrize(
    ("content", "said", "rule"),
    [
        (
            saved([["P-1", "液压泵"]], ",", "gb18030"),
            "",
            "must be UTF-8, byte 0xb1 is not: save it",
        ),
        (
            saved([["P-1", "液压泵"]], ";", "gb18030"),
            "",
            "must be UTF-8, byte 0xb1 is not: save it",
        ),
        (saved([["P-1", "泵"]], ",", "utf-16")[:-1], "", "must be utf-16, as it was said"),
        (b"part,description\nP-1,\xff\xff\n", "gb18030", "must be gb18030, as it was said"),
        (b'part;description\nP-1;"x\n', "", "must quote as RFC 4180 says"),
        (b"number;text\nP-1;x\n", "", "unknown columns"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(
    tmp_path: Path, content: bytes, said: str, rule: str
) -> None:
    path = tmp_path / "parts.csv"
    path.write_bytes(content)
    reading = Reading(encoding=said)
    assert list(read_documents(path, ShortLine, reading)) == []
    [problem] = reading.problems
    assert problem.rule.startswith(rule) or rule in problem.rule


def test_not_as_named_is_told_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    path.write_bytes(b"part,description\nP-1,\xff\n")
    with pytest.raises(NotAsNamed, match="0xff"), opened(path, HEADER, "gb18030"):
        pass
