"""What is measured with: the generator's history of a maker, cut in two.

First what a book has before its day begins: base data, and the purchases that fill the shelves.
Then the mixed commands, in the order of their days: sales, transfers with all their steps, claims
with their decisions, returns with theirs, payments. Statements and month ends are left out: they
are few, and each waits for everything before it. A few commands are written to be refused, as in
every real export; they count as commands, for both sides.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from examples.files import opened
from examples.generate import generate
from examples.sizes import Size
from server.erp.folder import ErpFolder, Ordered

BOOK: Final = "main"
SEED: Final = 2025
_BEFORE: Final = frozenset(
    {
        "places.csv",
        "parts.csv",
        "price_lists.csv",
        "prices.csv",
        "dealers.csv",
        "machines.csv",
        "policies.csv",
        "purchases.csv",
    }
)
_LEFT_OUT: Final = frozenset({"settlements.csv", "periods.csv"})


class Workload(NamedTuple):
    """Commands, ready to send; none of the time to read the files is measured."""

    before: list[Ordered]
    mixed: list[Ordered]

    @property
    def transfers(self) -> list[Ordered]:
        return [command for command in self.mixed if command.source.file == "transfers.csv"]


def made(size: Size, folder: Path, on_day: Callable[[], None] = lambda: None) -> Workload:
    """Generates files of a size, and reads them as `partsledger import` does."""
    with opened(folder) as files:
        for _ in generate(size, SEED, files):
            on_day()
    before, mixed = [], []
    with ErpFolder(folder, BOOK) as erp:
        erp.read()
        for command in erp:
            if command.source.file in _BEFORE:
                before.append(command)
            elif command.source.file not in _LEFT_OUT:
                mixed.append(command)
    return Workload(before, mixed)


def document_of(command: Ordered) -> str:
    """Commands of one document depend on each other, and are sent in their order."""
    return f"{command.source.file}/{command.source.document}"
