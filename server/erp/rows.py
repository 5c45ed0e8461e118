"""Reads a CSV file strictly: each line is a row of cells or a problem, and never a guess.

A line of the file is a row: a quoted cell may hold commas and doubled quotes, but no line break.
So an unclosed quote spoils one line, and the lines after it are read as if it were not there.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

MAX_LINE_BYTES: Final = 65_536
_BOM: Final = b"\xef\xbb\xbf"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SHOWN: Final = 60  # Characters of a bad value that a problem quotes.


@dataclass(frozen=True)
class Problem:
    """A line that is not imported: where it is, what stands there, and the rule it breaks.

    `line` counts from 1, the header's; `column` is empty where the whole line is meant. `document`
    is the number of the document that is skipped with it, as far as it could be read.
    """

    file: str
    line: int
    column: str
    value: str
    rule: str
    document: str = ""


class Row(NamedTuple):
    """A line's cells by column. Empty cells are left out: empty and absent mean the same."""

    line: int
    cells: dict[str, str]


def read_rows(
    path: Path,
    columns: Sequence[str],
    number: Sequence[str],
    may_lack: AbstractSet[str] = frozenset(),
) -> Iterator[Row | Problem]:
    """The rows of a file whose header has these columns, in any order, and no others.

    `number` names the columns that make a document's number, `may_lack` those that may be missing.
    A wrong header is one problem, and nothing of the file is read.
    """
    with path.open("rb") as stream:
        lines = _physical_lines(stream)
        _, first = next(lines, (1, b""))
        header, problem = _header(path.name, first.removeprefix(_BOM), columns, may_lack)
        if problem:
            yield problem
            return
        for line, raw in lines:
            if raw:
                yield _row(path.name, line, raw, header, number)


def number_of(cells: dict[str, str], number: Sequence[str]) -> str:
    """A document's number: of its one column, or of several joined by a slash."""
    return "/".join(cells.get(column, "") for column in number)


def shown(value: str) -> str:
    """A value short enough to be quoted on one line."""
    printable = _CONTROL.sub(lambda found: repr(found.group())[1:-1], value)
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "…"


def _physical_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines without their ends; of a line that is too long, one byte more than it may have."""
    line = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        line += 1
        rest = raw
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        yield line, raw.removesuffix(b"\n").removesuffix(b"\r")


def _header(
    file: str, raw: bytes, columns: Sequence[str], may_lack: AbstractSet[str]
) -> tuple[list[str], Problem | None]:
    if not raw:
        return [], Problem(file, 1, "", "", f"must begin with a header: {','.join(columns)}")
    try:
        found = _split(raw.decode())
    except (UnicodeDecodeError, csv.Error) as error:
        return [], Problem(file, 1, "", shown(raw.decode(errors="replace")), _rule_of(error))
    times = Counter(found)
    faults = {
        "unknown columns": [column for column in times if column not in columns],
        "missing columns": [
            column for column in columns if column not in times and column not in may_lack
        ],
        "repeated columns": [column for column, count in times.items() if count > 1],
    }
    rule = "; ".join(f"{fault}: {', '.join(names)}" for fault, names in faults.items() if names)
    return found, Problem(file, 1, "", shown(",".join(found)), rule) if rule else None


def _row(
    file: str, line: int, raw: bytes, header: list[str], number: Sequence[str]
) -> Row | Problem:
    """Any fault of the line as a whole; those of single cells are found in `lines.py`."""
    if len(raw) > MAX_LINE_BYTES:
        rule = f"must be at most {MAX_LINE_BYTES} bytes long"
        return _unreadable(file, line, raw, header, number, rule)
    try:
        text = raw.decode()
        cells = _split(text)
    except (UnicodeDecodeError, csv.Error) as error:
        return _unreadable(file, line, raw, header, number, _rule_of(error))
    if len(cells) != len(header):
        rule = f"must have {len(header)} cells as the header has, and has {len(cells)}"
        return _unreadable(file, line, raw, header, number, rule)
    named = {column: cell for column, cell in zip(header, cells, strict=True) if cell}
    if not _CONTROL.search(text):
        return Row(line, named)
    bad = next((column for column, cell in named.items() if _CONTROL.search(cell)), "")
    rule = "must not hold control characters"
    return Problem(file, line, bad, shown(named.get(bad, text)), rule, number_of(named, number))


def _unreadable(
    file: str, line: int, raw: bytes, header: list[str], number: Sequence[str], rule: str
) -> Problem:
    """Names the document of a line that cannot be read, and the first cell that is not UTF-8."""
    text = raw[:MAX_LINE_BYTES].decode(errors="replace")
    try:
        cells = _split(text)
    except csv.Error:
        cells = text.split(",")
    named = dict(zip(header, cells, strict=False))
    column = next((name for name, cell in named.items() if "\ufffd" in cell), "")
    value = named[column] if column else text
    return Problem(file, line, column, shown(value), rule, number_of(named, number))


def _split(line: str) -> list[str]:
    """The cells of one line, by RFC 4180; csv.Error where its quotes don't match."""
    return next(csv.reader((line,), strict=True), [])


def _rule_of(error: UnicodeDecodeError | csv.Error) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"must be UTF-8, byte {error.object[error.start]:#04x} is not"
    return "must quote as RFC 4180 says, on one line"
