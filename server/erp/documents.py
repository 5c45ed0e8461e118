"""Puts the rows of a file together to documents, and leaves out each document with a bad row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from server.erp.lines import Line
from server.erp.rows import Problem, Row, number_of, read_rows, shown

L = TypeVar("L", bound=Line)

MAX_ROWS: Final = 200  # Of one document, as the API takes it.


@dataclass(frozen=True)
class Document(Generic[L]):
    """Rows of one number, one after another, as the file has them; `line` is the first one's."""

    file: str
    number: str
    line: int
    rows: tuple[L, ...]

    @property
    def head(self) -> L:
        """The row that speaks for the columns that say the same on all rows."""
        return self.rows[0]

    def by_line(self) -> Iterator[tuple[int, L]]:
        """Its rows, each with its line of the file."""
        return enumerate(self.rows, self.line)


def read_documents(path: Path, kind: type[L], problems: list[Problem]) -> Iterator[Document[L]]:
    """The documents of a file in its order; what is wrong with the others goes to `problems`.

    A line so broken that its number is unknown may belong to the document before it or to the
    one after it, so both are left out: half a document is never imported.
    """
    group = _Group(kind, "")
    for found in read_rows(path, kind.columns(), kind.NUMBER, kind.MAY_LACK):
        number = (
            found.document if isinstance(found, Problem) else number_of(found.cells, kind.NUMBER)
        )
        unknown = bool(kind.PER_LINE) and "" in number.split("/")
        if not kind.PER_LINE or (number != group.number and not unknown):
            yield from group.finished()
            group = _Group(kind, number, after=group.torn)
        problems += group.take(found)
        if unknown:
            group.torn = found.line
    yield from group.finished()


class _Group(Generic[L]):
    """The rows of one number as they come, until the number changes."""

    def __init__(self, kind: type[L], number: str, after: int = 0) -> None:
        self.number = number
        self.torn = 0  # The line of unknown number among them, if any.
        self._kind = kind
        self._after = after  # The same of the document before.
        self._line = 0
        self._rows: list[L] = []
        self._spoiled = False

    def take(self, found: Row | Problem) -> list[Problem]:
        problems = self._problems(found)
        if self._after:
            rule = f"may have lost a row to line {self._after}, which cannot be read"
            problems.append(
                Problem(self._kind.FILE, found.line, "", self.number, rule, self.number)
            )
            self._after = 0
        self._spoiled = self._spoiled or bool(problems)
        return problems

    def finished(self) -> Iterator[Document[L]]:
        if self._rows and not self._spoiled:
            yield Document(self._kind.FILE, self.number, self._line, tuple(self._rows))

    def _problems(self, found: Row | Problem) -> list[Problem]:
        if isinstance(found, Problem):
            return [found]
        read = self._kind.read(found)
        if isinstance(read, list):
            return read
        if len(self._rows) == MAX_ROWS and not self._spoiled:
            rule = f"must have at most {MAX_ROWS} rows"
            return [Problem(self._kind.FILE, found.line, "", "", rule, self.number)]
        if self._spoiled:
            return []
        self._line = self._line or found.line
        self._rows.append(read)
        return self._differences(found, read)

    def _differences(self, row: Row, read: L) -> list[Problem]:
        """Columns of the document that do not say what its first row says."""
        if len(self._rows) == 1:
            return []
        first = self._rows[0]
        return [
            Problem(
                self._kind.FILE, row.line, column, shown(row.cells.get(column, "")),
                f"must be as on line {self._line}, the first of {self.number}", self.number,
            )
            for column in self._kind.columns()
            if column not in self._kind.PER_LINE and getattr(read, column) != getattr(first, column)
        ]  # fmt: skip
