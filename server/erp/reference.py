"""Keeps docs/import.md in step with the layouts: `python -m server.erp.reference docs/import.md`.

A line `<!-- columns: sales.csv -->` in the document is followed by that file's table.
"""

import re
import sys
from pathlib import Path
from typing import Final

from server.erp.import_order import LAYOUTS
from server.erp.lines import Line, is_required, shape_of

_TABLE: Final = re.compile(r"(<!-- columns: (\S+) -->\n)(?:\|[^\n]*\n)*")


def table(kind: type[Line]) -> str:
    """The columns of a file: what may stand in each, whether it must, and what it means."""
    lines = ["| column | cell | meaning | example |", "| --- | --- | --- | --- |"]
    for name in kind.columns():
        field = kind.model_fields[name]
        shape = shape_of(kind, name) + ("" if is_required(kind, name) else ", or empty")
        shape += "; the column may be missing" if name in kind.MAY_LACK else ""
        shared = "" if not kind.PER_LINE or name in kind.PER_LINE else "*"
        example = f"`{field.examples[0]}`" if field.examples else ""
        lines.append(f"| `{name}`{shared} | {shape} | {field.description} | {example} |")
    return "\n".join(lines) + "\n"


def refreshed(document: str) -> str:
    """The document with each table as the layouts are now."""
    return _TABLE.sub(lambda found: found[1] + table(LAYOUTS[found[2]]), document)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
