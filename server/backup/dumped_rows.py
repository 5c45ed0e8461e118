"""The rows in a dump's text, table by table, as COPY takes them.

Nothing in a dump is run: all that is taken from it are the rows of tables that a log has. So a dump
in which somebody has put a statement of his own cannot do anything.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, NamedTuple

_COPY: Final = re.compile(rb'COPY (\S+)\.(\S+) \(([\w", ]+)\) FROM stdin;\n')
_END: Final = b"\\.\n"
_BYTES: Final = 256 * 1024


class Rows:
    """A file for psycopg2 that ends where the rows of its table do."""

    def __init__(self, lines: "_Lines") -> None:
        self._lines = lines
        self._ended = False
        self.whole = False  # Whether the end of the table was read.

    def read(self, size: int = -1) -> bytes:
        """Some rows, or nothing at their end. It may be more than `size`."""
        if self._ended:
            return b""
        lines = self._lines.some()
        if not lines:
            self._ended = True
        elif _END in lines:
            self._ended = self.whole = True
            end = lines.index(_END)
            self._lines.put_back(lines[end + 1 :])
            lines = lines[:end]
        return b"".join(lines)

    def readline(self, size: int = -1) -> bytes:
        """psycopg2 asks that a file has it, and does not call it."""
        return self.read(size)


class Copied(NamedTuple):
    """A table with its columns; its rows have to be read before the next table is asked for."""

    schema: str
    table: str
    columns: list[str]
    rows: Rows


def tables(text: BinaryIO, told: Callable[[int], None]) -> Iterator[Copied]:
    """All tables of which the text has rows; `told` is how many lines have been read."""
    lines = _Lines(text, told)
    while some := lines.some():
        for index, line in enumerate(some):
            if found := _COPY.fullmatch(line):
                lines.put_back(some[index + 1 :])
                # None of a log's names has a character that would be written otherwise in quotes.
                schema, table, columns = (part.decode().replace('"', "") for part in found.groups())
                yield Copied(schema, table, columns.split(", "), Rows(lines))
                break


class _Lines:
    """Many lines at a time: there are millions."""

    def __init__(self, text: BinaryIO, told: Callable[[int], None]) -> None:
        self._text, self._told = text, told
        self._read = 0
        self._waiting: list[bytes] = []

    def some(self) -> list[bytes]:
        waiting, self._waiting = self._waiting, []
        if waiting:
            return waiting
        lines = self._text.readlines(_BYTES)
        self._read += len(lines)
        self._told(self._read)
        return lines

    def put_back(self, lines: list[bytes]) -> None:
        self._waiting = lines
