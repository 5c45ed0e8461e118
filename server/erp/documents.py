"""Puts the rows of a file together to documents, and leaves out each document with a bad row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from server.erp.as_saved import NotAsNamed, opened
from server.erp.lines import Line
from server.erp.rows import Problem, Row, shown
from server.erp.sheet import Found, Sheet
from server.erp.survey import surveyed

L = TypeVar("L", bound=Line)

MAX_ROWS: Final = 200  # Of one document, as the API takes it.


@dataclass(frozen=True)
class Document(Generic[L]):
    """Rows of one number in the order of the file; `lines` are where they stand in it."""

    file: str
    number: str
    lines: tuple[int, ...]
    rows: tuple[L, ...]

    @property
    def line(self) -> int:
        """Its first row's."""
        return self.lines[0]

    @property
    def head(self) -> L:
        """The row that speaks for the columns that say the same on all rows."""
        return self.rows[0]

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """How many rows it has, by file."""
        return ((self.file, len(self.rows)),)

    def by_line(self) -> Iterator[tuple[int, L]]:
        """Its rows, each with its line of the file."""
        return zip(self.lines, self.rows, strict=True)


@dataclass
class Reading:
    """What comes of reading files beside their documents: each row is in one of them, or refused.

    Rows that are refused are those of documents with a problem, and those without a document.
    """

    problems: list[Problem] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)  # By file. Blank lines are no rows.
    refused: Counter[str] = field(default_factory=Counter)
    encoding: str = ""  # What files are in that do not say so themselves; empty for UTF-8.

    def refuse(self, problem: Problem, *documents: Document[Any]) -> None:
        """Leaves documents out that were read, for a reason that is in none of their rows."""
        self.problems.append(problem)
        for document in documents:
            self.refused[document.file] += len(document.rows)


def read_documents(path: Path, kind: type[L], reading: Reading) -> Iterator[Document[L]]:
    """The documents of a file in the order of their first rows. `reading` hears of all the rest.

    Half a document is never among them: its rows are taken together wherever they stand, and if
    a line may be one of its rows and cannot be read, it is left out.
    """
    try:
        with opened(path, kind.columns(), reading.encoding) as stream:
            sheet = Sheet(kind.FILE, stream, kind)
            if sheet.problem:
                reading.problems.append(sheet.problem)
            elif kind.PER_LINE:
                yield from _of_several_rows(sheet, kind, reading)
            else:
                yield from _of_one_row(sheet, kind, reading)
    except NotAsNamed as error:
        reading.problems.append(Problem(kind.FILE, 1, "", "", str(error)))


def _of_one_row(sheet: Sheet, kind: type[L], reading: Reading) -> Iterator[Document[L]]:
    for found in sheet.rows():
        reading.rows[kind.FILE] += 1
        if not found.owner:
            _refuse_alone(kind, found, reading)
            continue
        group = _Group(kind, found.owner, reading)
        group.take(found)
        yield from group.finished()


def _of_several_rows(sheet: Sheet, kind: type[L], reading: Reading) -> Iterator[Document[L]]:
    survey = surveyed(sheet)
    taken: set[str] = set()  # Of the documents with rows apart.
    group = _Group(kind, "", reading)
    for found in sheet.rows():
        reading.rows[kind.FILE] += 1
        number = found.owner
        if not number:
            _refuse_alone(kind, found, reading)
        elif number not in taken:
            if number != group.number:
                yield from group.finished()
                group = _Group(kind, number, reading, survey.lost(number))
            if number in survey.apart:
                taken.add(number)
                for line, start in survey.apart[number]:
                    group.take(sheet.row_at(line, start))
            else:
                group.take(found)
    yield from group.finished()


def _refuse_alone(kind: type[Line], found: Found, reading: Reading) -> None:
    """Leaves out a row that does not say whose it is: a number that may be wrong is not told."""
    read = [found.row] if isinstance(found.row, Problem) else kind.read(found.row)
    assert isinstance(read, list), f"{kind.FILE}:{found.line} has a number after all"
    reading.problems += [replace(problem, document="") for problem in read]
    reading.refused[kind.FILE] += 1


class _Group(Generic[L]):
    """The rows of one number as they come, until all are there."""

    def __init__(self, kind: type[L], number: str, reading: Reading, lost: str = "") -> None:
        self.number = number
        self._kind = kind
        self._reading = reading
        self._lost = lost  # Why it may not be whole.
        self._taken = 0
        self._lines: list[int] = []
        self._rows: list[L] = []
        self._spoiled = False

    def take(self, found: Found) -> None:
        problems = [found.row] if isinstance(found.row, Problem) else self._read(found.row)
        if self._lost:
            problems.append(self._problem(found.line, "", self.number, self._lost))
            self._lost = ""
        self._taken += 1
        self._spoiled = self._spoiled or bool(problems)
        self._reading.problems += problems

    def finished(self) -> Iterator[Document[L]]:
        if self._spoiled:
            self._reading.refused[self._kind.FILE] += self._taken
        elif self._rows:
            yield Document(self._kind.FILE, self.number, tuple(self._lines), tuple(self._rows))

    def _read(self, row: Row) -> list[Problem]:
        read = self._kind.read(row)
        if isinstance(read, list):
            return read
        if self._spoiled:
            return []
        if len(self._rows) == MAX_ROWS:
            return [self._problem(row.line, "", "", f"must have at most {MAX_ROWS} rows")]
        self._lines.append(row.line)
        self._rows.append(read)
        return self._differences(row, read)

    def _differences(self, row: Row, read: L) -> list[Problem]:
        """Columns of the document that do not say what its first row says."""
        if len(self._rows) == 1:
            return []
        first = self._rows[0]
        rule = f"must be as on line {self._lines[0]}, the first of {self.number}"
        return [
            self._problem(row.line, column, shown(row.cells.get(column, "")), rule)
            for column in self._kind.columns()
            if column not in self._kind.PER_LINE and getattr(read, column) != getattr(first, column)
        ]

    def _problem(self, line: int, column: str, value: str, rule: str) -> Problem:
        return Problem(self._kind.FILE, line, column, value, rule, self.number)
