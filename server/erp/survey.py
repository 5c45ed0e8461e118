"""Which rows of a file belong together, found before its documents are read.

A document's rows are taken together wherever they stand, and a line that may be a row of a document
and cannot be read takes it along. Both have to be known when the document's first row is reached.
Kept of the file are the numbers of its documents, and the places of rows that stand apart.
"""

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import NamedTuple

from server.erp.sheet import Sheet


class Survey(NamedTuple):
    """Of a file whose documents have several rows.

    `apart`: of each document with rows that stand apart, line and beginning of every row.
    `torn`: of each document that may have lost a row, the line that is perhaps that row.
    """

    apart: Mapping[str, list[tuple[int, int]]]
    torn: Mapping[str, int]
    torn_all: int = 0  # Such a line, where it may be a row of any document of the file.

    def lost(self, number: str) -> str:
        """Why a document may not be whole; empty if it is."""
        if line := self.torn.get(number, 0):
            return f"may have lost a row: line {line} does not say whose it is"
        if self.torn_all:
            return (
                f"may have lost a row: line {self.torn_all} does not say whose it is, and in this"
                " file documents have rows that stand apart"
            )
        return ""


def surveyed(sheet: Sheet) -> Survey:
    """A line that does not say whose it is may be a row of the document before or after it.

    Where rows of a document stand apart, it may be a row of any: then all of them are torn.
    """
    seen: set[str] = set()
    again: set[str] = set()
    torn: dict[str, int] = {}
    first_unknown = unknown = 0  # In the file, and since the last row that says whose it is.
    before = ""
    for line, _, number, perhaps in sheet.owners():
        if not number:
            first_unknown, unknown = first_unknown or line, unknown or line
            for candidate in filter(None, (before, perhaps)):
                torn.setdefault(candidate, line)
            continue
        if unknown:
            torn.setdefault(number, unknown)
            unknown = 0
        if number != before:
            (again if number in seen else seen).add(number)
            before = number
    return Survey(_rows_of(sheet, again), torn, first_unknown if again else 0)


def _rows_of(sheet: Sheet, numbers: Set[str]) -> dict[str, list[tuple[int, int]]]:
    rows: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    if numbers:
        for line, start, number, _ in sheet.owners(of_all_rows=True):
            if number in numbers:
                rows[number].append((line, start))
    return rows
