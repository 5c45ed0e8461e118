"""Rows of base data that are about the same: the same number, and from the same day on."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from server.erp.as_saved import opened
from server.erp.lines import Line
from server.erp.rows import Row, number_of
from server.erp.sheet import Sheet


def rows_alike(
    path: Path, kind: type[Line], lines: Collection[int], encoding: str
) -> Mapping[int, list[int]]:
    """For each of these lines of a file, the other lines that are about the same as it."""
    with opened(path, kind.columns(), encoding) as stream:
        sheet = Sheet(kind.FILE, stream, kind)
        if sheet.problem:
            return {}
        about = {
            found.line: _about(kind, found.row.cells)
            for found in sheet.rows()
            if found.line in lines and isinstance(found.row, Row)
        }
        alike: defaultdict[str, list[int]] = defaultdict(list)
        wanted = set(about.values())
        for found in sheet.rows():
            if isinstance(found.row, Row) and (same := _about(kind, found.row.cells)) in wanted:
                alike[same].append(found.line)
    return {line: [other for other in alike[same] if other != line] for line, same in about.items()}


def _about(kind: type[Line], cells: dict[str, str]) -> str:
    return f"{number_of(cells, kind.NUMBER)}/{cells.get('effective_from', '')}"
