"""One file of an import, open: its header is checked, and each line is a row or a problem."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import BinaryIO, Final, NamedTuple

from domain.characters import unfit
from server.erp.cells import plain_day
from server.erp.damage import owner_before_its_quotes, owner_by_its_cells
from server.erp.lines import Line, check_of, shape_of
from server.erp.rows import (
    MAX_LINE_BYTES,
    Problem,
    Row,
    cut,
    number_of,
    physical_lines,
    shown,
    split,
)

_BOM: Final = b"\xef\xbb\xbf"
_TORN: Final = "\ufffd"  # What bytes become that are not UTF-8.
HOW_TO_SAVE: Final = (
    'save it as "CSV UTF-8", or name its encoding: partsledger import --encoding gb18030'
)
_MISQUOTED: Final = "must quote as RFC 4180 says, on one line"


class Found(NamedTuple):
    """A line that is not blank. `owner` is the number of its document, empty if it is not sure.

    A problem's own `document` is the number as far as it can be read, and may be wrong. Where each
    row is a document of its own, that is enough for an owner, too.
    """

    line: int
    owner: str
    row: Row | Problem


class Owner(NamedTuple):
    """Whose row a line is, and where the line begins; `perhaps` where it is not sure."""

    line: int
    start: int
    number: str
    perhaps: str = ""


class Sheet:
    """The lines of a file whose header has the columns of its kind, in any order, and no others.

    A wrong header is one problem, and then nothing of the file is read.
    """

    def __init__(self, file: str, stream: BinaryIO, kind: type[Line]) -> None:
        self._kind = kind
        self._file = file
        self._stream = stream
        self._last_sure = ""
        self._checks = [check_of(kind, column) for column in kind.NUMBER]
        _, first = next(physical_lines(stream), (0, b""))
        self._start = stream.tell()
        self._header, self.problem = _header(kind, first.removeprefix(_BOM))
        if not self.problem:
            self._places = [self._header.index(column) for column in kind.NUMBER]
            self._days = [name for name in self._header if shape_of(kind, name) == "date"]

    def rows(self) -> Iterator[Found]:
        """Every line that is not blank, in the order of the file."""
        for line, _, raw in self._lines():
            if found := self._read(line, raw):
                yield found

    def row_at(self, line: int, start: int) -> Found:
        """One line again, while the others are being read."""
        place = self._stream.tell()
        self._stream.seek(start)
        _, raw = next(physical_lines(self._stream))
        self._stream.seek(place)
        found = self._read(line, raw)
        assert found, f"{self._file}:{line} was not blank before"
        return found

    def owners(self, of_all_rows: bool = False) -> Iterator[Owner]:
        """Whose rows the lines are; of rows of one document on end only the first, unless all.

        Far quicker than reading the rows, as long as there is nothing wrong with them.
        """
        commas, most = len(self._header) - 1, max(self._places) + 1
        number_in = itemgetter(*self._places)
        before: bytes | tuple[bytes, ...] = b""
        owner = ""
        for line, start, raw in self._lines():
            plain = raw.count(b",") == commas and b'"' not in raw and b"\r" not in raw
            if plain and len(raw) <= MAX_LINE_BYTES:
                cells = raw.split(b",", most)
            else:
                cells = self._quoted(raw)[:most]
            number = number_in(cells) if cells else b""
            if number and number == before:
                if of_all_rows:
                    yield Owner(line, start, owner)
            elif sure := self._owner(number):
                before, owner = number, sure
                yield Owner(line, start, owner)
            elif found := self._read(line, raw):
                before, owner = b"", found.owner
                perhaps = found.row.document if isinstance(found.row, Problem) else ""
                yield Owner(line, start, owner, perhaps)

    def _quoted(self, raw: bytes) -> list[bytes]:
        """The cells of a line with quotes, if they are as many as there have to be; else none."""
        if len(raw) > MAX_LINE_BYTES or b"\r" in raw or b'"' not in raw:
            return []
        try:
            cells = split(raw.decode(errors="replace"))
        except csv.Error:
            return []
        return [cell.encode() for cell in cells] if len(cells) == len(self._header) else []

    def _owner(self, number: bytes | tuple[bytes, ...]) -> str:
        parts = number if isinstance(number, tuple) else (number,)
        return self._sure(cut([part.decode(errors="replace") for part in parts]))

    def _lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, beginning and bytes of each line after the header that is not empty."""
        self._stream.seek(self._start)
        for line, (start, raw) in enumerate(physical_lines(self._stream), 2):
            if raw:
                yield line, start, raw

    def _sure(self, cells: Sequence[str]) -> str:
        """The number that its cells make; empty if one of them is not what it has to be."""
        number = "/".join(cells)
        if number != self._last_sure and self._kind.PER_LINE:
            try:
                for check, cell in zip(self._checks, cells, strict=True):
                    check(cell)
            except ValueError:
                return ""
            self._last_sure = number
        return number

    def _read(self, line: int, raw: bytes) -> Found | None:
        """The row, or any fault of the line as a whole; None if it is blank.

        Faults of single cells are found in `lines.py`.
        """
        text = raw[:MAX_LINE_BYTES].decode(errors="replace")
        rule = _not_a_text(raw) if _TORN in text or len(raw) > MAX_LINE_BYTES else ""
        try:
            cells = split(text) if '"' in text or "\r" in text else text.split(",")
        except csv.Error:
            named = dict(zip(self._header, cut(text.split(",")), strict=False))
            owner = owner_before_its_quotes(self._kind, self._header, text)
            rule = rule or ("" if unfit(text) else _MISQUOTED)
            return Found(line, owner, self._problem(line, text, named, rule))
        # Only then is there a blank at an end, or a character to refuse.
        loose = " " in text or not text.isprintable()
        if loose:
            cells = cut(cells)
        if not any(cells):
            return None
        named = {name: cell for name, cell in zip(self._header, cells, strict=False) if cell}
        if len(cells) != len(self._header):
            owner = owner_by_its_cells(self._kind, self._header, cells)
            width = len(self._header)
            rule = rule or f"must have {width} cells as the header has, and has {len(cells)}"
            return Found(line, owner, self._problem(line, text, named, rule))
        # A day may be part of a number: however it is written, it is the same one.
        named |= {name: plain_day(named[name]) for name in self._days if name in named}
        whole = not rule and not (loose and unfit(text))
        row = Row(line, named) if whole else self._problem(line, text, named, rule)
        return Found(line, self._sure([named.get(name, "") for name in self._kind.NUMBER]), row)

    def _problem(self, line: int, text: str, named: dict[str, str], rule: str) -> Problem:
        """Names the cell with bytes or with a character that no text may hold, or else the line."""
        spoilt = (name for name, cell in named.items() if (_TORN in cell if rule else unfit(cell)))
        column = next(spoilt, "")
        value = named.get(column, text)
        number = shown(number_of(named, self._kind.NUMBER))
        rule = rule or f"must not hold {unfit(value)}"
        return Problem(self._file, line, column, shown(value), rule, number)


def _header(kind: type[Line], raw: bytes) -> tuple[list[str], Problem | None]:
    file, columns = kind.FILE, kind.columns()
    needed = [column for column in columns if column not in kind.MAY_LACK]
    if not raw:
        return [], Problem(file, 1, "", "", f"must begin with a header: {','.join(columns)}")
    text = raw.decode(errors="replace")
    try:
        found = cut(split(text))
    except csv.Error:
        found = []
    if not found or _TORN in text:
        return [], Problem(file, 1, "", shown(text), _not_a_text(raw) or _MISQUOTED)
    times = Counter(found)
    faults = {
        "unknown columns": [column for column in times if column not in columns],
        "missing columns": [column for column in needed if column not in times],
        "repeated columns": [column for column, count in times.items() if count > 1],
    }
    rule = "; ".join(f"{fault}: {', '.join(names)}" for fault, names in faults.items() if names)
    return found, Problem(file, 1, "", shown(",".join(found)), rule) if rule else None


def _not_a_text(raw: bytes) -> str:
    """Why a line is no text: too long, or a byte that is not UTF-8; nothing where it is one."""
    if len(raw) > MAX_LINE_BYTES:
        return f"must be at most {MAX_LINE_BYTES} bytes long"
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"must be UTF-8, byte {raw[error.start]:#04x} is not: {HOW_TO_SAVE}"
    return ""
