"""The command line as tests use it: what is typed, the files it is given, what comes of it."""

import contextlib
import csv
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.cli.main import run
from server.erp.import_order import LAYOUTS

# What starts it in a process of its own.
PARTSLEDGER: Final = (sys.executable, "-c", "from server.cli.main import main; main()")
EXAMPLES: Final = Path(__file__).parents[3] / "examples" / "small"


@dataclass(frozen=True)
class Ended:
    """A command that has ended: its exit code, and all it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


@dataclass(frozen=True)
class Served:
    """A server that listens, and the book it keeps."""

    address: str
    book: str
    imported: str = ""  # What the import said.
    receipts: Path = Path()  # What it kept.

    def ask(self, *arguments: str) -> Ended:
        return partsledger(*arguments, "--server", self.address, "--book", self.book)

    def head(self) -> int:
        """The last position of the log."""
        head: int = self.ask("status", "--json").json["head_position"]
        return head


def partsledger(*arguments: str) -> Ended:
    """Runs a command in this process, with its output caught."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    return Ended(code, out.getvalue(), err.getvalue())


def export(folder: Path, **files: list[dict[str, str]]) -> Path:
    """Writes ERP files from rows of cells, all other cells empty: `export(dir, parts=[…])`."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        file = f"{name}.csv"
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(
                stream, LAYOUTS[file].columns(), restval="", lineterminator="\n"
            )
            writer.writeheader()
            writer.writerows(rows)
    return folder


PLACES: Final = [
    {"place": "W01", "description": "长沙中心库", "kind": "warehouse"},
    {"place": "W02", "description": "武汉区域库", "kind": "warehouse"},
]
PARTS: Final = [
    {"part": f"P-{n}", "description": "液压泵", "part_class": "wear", "serviceable": "true",
     "restricted": "false"}
    for n in (1, 2)
]  # fmt: skip
PURCHASE: Final = {
    "purchase": "PR-1", "received_on": "2025-07-01", "received_by": "keeper", "supplier": "S01",
    "to_place": "W01", "part": "P-1", "quantity": "5", "unit_cost": "12.34", "currency": "CNY",
}  # fmt: skip
TRANSFER: Final = {
    "transfer": "TR-1", "from_place": "W01", "to_place": "W02", "part": "P-1", "quantity": "3",
    "requested_on": "2025-07-02", "requested_by": "clerk", "approved_on": "2025-07-02",
    "approved_by": "books", "dispatched_on": "2025-07-03", "dispatched_by": "keeper",
    "received_on": "2025-07-04", "received_by": "keeper2", "received_quantity": "3",
    "closed_on": "2025-07-05", "closed_by": "books",
}  # fmt: skip
