"""Rows that are printed as a table for people, or as JSON or CSV for programs.

Programs get every amount as an exact text with its currency beside it, quantities as whole numbers,
and nothing else on standard output. People get the same values, grouped and aligned. No cell of a
CSV acts as a formula, and nothing printed for people moves the cursor or turns the direction.
"""

import csv
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from domain.characters import escaped
from server.cli.options import Form
from server.cli.wording import Amount, Share

Cell = str | int | bool | Amount | Share | None

_WIDE: Final = 120  # Columns, where there is no terminal: a file or a pipe has no width.
_ENDLESS: Final = 10_000
_NUMERIC: Final = (int, Amount, Share)

# What makes a spreadsheet take a text for a formula, in full width too.
_ACTING: Final = tuple("=+-@＝＋－＠")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")  # Which stays one.


@dataclass(frozen=True)
class Column:
    """`key` is its name for programs, `heading` for people.

    Numbers that are not `grouped` have no thousands separators, such as positions. Columns that are
    not `shown` are left out for people, who are told the same elsewhere. Only columns of words are
    wrapped, so that a date or an amount stays on one line.
    """

    key: str
    heading: str = ""
    grouped: bool = True
    shown: bool = True
    right: bool = False  # Aligned as a number, though made of words.
    wraps: bool = False


@dataclass
class Table:
    """Rows of the same columns; `total` is one more, for people only."""

    key: str
    columns: Sequence[Column]
    rows: list[list[Cell]] = field(default_factory=list)
    total: list[Cell] | None = None
    title: str = ""


def write_json(facts: Mapping[str, Any], tables: Sequence[Table] = ()) -> None:
    """One object on standard output: the facts, then each table as a list of objects."""
    document = {key: _plain(value) for key, value in facts.items()}
    for table in tables:
        document[table.key] = [_object(table, row) for row in table.rows]
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def write_csv(table: Table) -> None:
    """The rows of one table on standard output, with a header row."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(column.key for column in table.columns)
    writer.writerows(map(_csv_cell, row) for row in table.rows)


def write(form: Form, facts: Mapping[str, Any], tables: Sequence[Table]) -> None:
    """For machines: all of it as JSON, or the first table as CSV."""
    if form is Form.JSON:
        write_json(facts, tables)
    else:
        write_csv(tables[0])


def out() -> Console:
    """Standard output for people. Width and colours as terminal and environment ask."""
    return _console(sys.stdout)


def err() -> Console:
    """Standard error: progress and complaints."""
    return _console(sys.stderr)


def show(console: Console, *parts: RenderableType) -> None:
    """Prints for people; a table that is too wide wraps at the terminal, and loses no digit."""
    width = console.width
    for part in parts:
        needed = Measurement.get(console, _endless(console), part).minimum
        console.width = max(width, needed) if isinstance(part, RichTable) else width
        console.print(part, crop=False)
    console.width = width


def fits(console: Console, part: RenderableType) -> bool:
    return Measurement.get(console, _endless(console), part).minimum <= console.width


def rich_table(table: Table) -> RichTable:
    """The table as people see it: numbers to the right, each whole on its line."""
    shown = RichTable(
        title=table.title or None, title_justify="left", title_style="bold",
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0),
        show_footer=table.total is not None,
    )  # fmt: skip
    visible = [(index, column) for index, column in enumerate(table.columns) if column.shown]
    for index, column in visible:
        rows = table.rows if table.total is None else [*table.rows, table.total]
        numeric = column.right or any(isinstance(row[index], _NUMERIC) for row in rows)
        heading = column.heading or column.key.replace("_", " ")
        widest = max((_width(worded(row[index], column)) for row in rows), default=0)
        widest = max([widest, *map(cell_len, heading.split())])  # No word of a heading is cut.
        shown.add_column(
            heading,
            justify="right" if numeric else "left",
            overflow="fold",
            min_width=None if column.wraps else widest,
            footer=Text(worded(table.total[index], column)) if table.total else "",
        )
    for row in table.rows:
        shown.add_row(*(Text(worded(row[index], column)) for index, column in visible))
    return shown


def worded(cell: Cell, column: Column | None = None) -> str:
    """A value as people read it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Amount):
        return cell.grouped
    if isinstance(cell, Share):
        return cell.percent
    if isinstance(cell, int) and (column is None or column.grouped):
        return f"{cell:,}"
    return "\n".join(map(escaped, str(cell).split("\n")))


def csv_text(text: str) -> str:
    """A text as a cell of a CSV: after an apostrophe where it would act as a formula.

    A line break or a tab could begin another cell, so they are shown as escapes, too.
    """
    shown = escaped(text)
    acts = shown.startswith(_ACTING) and not _NUMBER.fullmatch(shown)
    return f"'{shown}" if acts else shown


def _console(stream: Any) -> Console:
    sized = stream.isatty() or os.environ.get("COLUMNS")
    width = None if sized else _WIDE
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def _endless(console: Console) -> Any:
    return console.options.update(max_width=_ENDLESS)


def _width(text: str) -> int:
    """Of the longest line, on the screen: a Chinese character takes two places."""
    return max(map(cell_len, text.split("\n")))


def _plain(cell: Any) -> Any:
    """A value as machines read it; its currency stands in a column of its own."""
    if isinstance(cell, Amount):
        return cell.text
    return cell.basis_points if isinstance(cell, Share) else cell


def _object(table: Table, row: Iterable[Cell]) -> dict[str, Any]:
    cells = zip(table.columns, row, strict=True)
    return {column.key: _plain(cell) for column, cell in cells}


def _csv_cell(cell: Cell) -> Any:
    if isinstance(cell, str):
        return csv_text(cell)
    return str(cell).lower() if isinstance(cell, bool) else _plain(cell)
