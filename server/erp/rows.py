"""The lines of a CSV file, and the cells of each: nothing is guessed, and nothing is passed over.

A line of the file is a row: a quoted cell may hold commas and doubled quotes, but no line break.
So an unclosed quote spoils one line, and the lines after it are read as if it were not there.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from domain.characters import BLANKS, escaped

MAX_LINE_BYTES: Final = 65_536
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


def number_of(cells: dict[str, str], number: Sequence[str]) -> str:
    """A document's number: of its one column, or of several joined by a slash."""
    return "/".join(cells.get(column, "") for column in number)


def shown(value: str) -> str:
    """A value short enough to be quoted on one line, with nothing in it that cannot be seen."""
    printable = escaped(value)
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "…"


def physical_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line without its end, and where it begins; of one too long, a byte more than it may be.

    The stream may be read elsewhere between two lines, if it is put back to where it was.
    """
    start = stream.tell()
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        length, rest = len(raw), raw
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
            length += len(rest)
        yield start, raw.removesuffix(b"\n").removesuffix(b"\r")
        start += length


def split(line: str) -> list[str]:
    """The cells of one line, by RFC 4180; csv.Error where its quotes don't match."""
    return next(csv.reader((line,), strict=True), [])


def cut(cells: Sequence[str]) -> list[str]:
    """The cells without the blanks at their ends, which people do not see and programs compare."""
    return [cell if cell.isascii() and " " not in cell else cell.strip(BLANKS) for cell in cells]
