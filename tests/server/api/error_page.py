"""docs/errors.md as its readers see it: a row for each reason."""

import re
from pathlib import Path
from typing import NamedTuple

PAGE = (Path(__file__).parents[3] / "docs" / "errors.md").read_text()


class Row(NamedTuple):
    """A line of the page's two tables."""

    reason: str
    status: str
    when: str
    metadata: frozenset[str]
    what_to_do: str


def rows(page: str) -> list[Row]:
    found = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 5 and re.fullmatch(r"`[A-Z_]+`", cells[0]):
            reason, status, when, metadata, what_to_do = cells
            keys = frozenset(re.findall(r"`([a-z_]+)`", metadata))
            found.append(Row(reason.strip("`"), status.strip("`"), when, keys, what_to_do))
    return found


ROWS = rows(PAGE)
