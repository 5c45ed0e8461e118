"""Whose row a line is that cannot be read as one: told where its damage lies elsewhere, or not.

A row that is lost out of a document leaves half of it. So the number in a damaged line counts only
where the cells around it show that it stands in its place; else the row may be anybody's.
"""

import csv
import re
from collections.abc import Sequence

from server.erp.lines import Line
from server.erp.rows import cut, number_of, split


def owner_by_its_cells(kind: type[Line], header: Sequence[str], cells: Sequence[str]) -> str:
    """The document of a row with cells too many or too few; empty if it cannot be told.

    From the left its cells fit their columns up to the damage, from the right down to it. The
    number counts if that explains every cell, and the damage is neither in it nor beside it.
    """
    after = _after_number(kind, header)
    left = _fitting(kind, header, cells)
    right = _fitting(kind, header[::-1], cells[::-1])
    fewest = min(len(header), len(cells))
    if left > after and left + right >= fewest and right < fewest - after:
        return _number(kind, header, cells)
    return ""


def owner_before_its_quotes(kind: type[Line], header: Sequence[str], text: str) -> str:
    """The document of a row with quotes that don't match; empty if it cannot be told.

    The number counts if it and the cell after it end before the damage begins.
    """
    after = _after_number(kind, header)
    for comma in list(re.finditer(",", text))[: len(header)]:
        try:
            cells = cut(split(text[: comma.start()]))
        except csv.Error:
            continue
        if len(cells) == after + 1:
            fits = _fitting(kind, header, cells) == len(cells)
            return _number(kind, header, cells) if fits else ""
    return ""


def _after_number(kind: type[Line], header: Sequence[str]) -> int:
    """The place of the column that follows the document's number."""
    return max(header.index(column) for column in kind.NUMBER) + 1


def _number(kind: type[Line], header: Sequence[str], cells: Sequence[str]) -> str:
    return number_of(dict(zip(header, cells, strict=False)), kind.NUMBER)


def _fitting(kind: type[Line], columns: Sequence[str], cells: Sequence[str]) -> int:
    """How many cells fit their columns, one after another from the first."""
    pairs = list(zip(columns, cells, strict=False))
    wrong = (place for place, (column, cell) in enumerate(pairs) if not kind.fits(column, cell))
    return next(wrong, len(pairs))
