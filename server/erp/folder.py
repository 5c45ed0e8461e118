"""A folder of ERP files as one stream of commands, in the order in which things happened.

Order: base data first; then by the day something was entered, or else the day it happened; within
a day by `Rank`; then by file and line (docs/import.md). Stock and money depend on it: a receipt
that comes after its issue in the stream would be too late.
"""

import heapq
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Self

from partsledger.v1.import_service_pb2 import ImportCommand
from server.erp import base_commands, document_commands, flow_commands, month_commands
from server.erp.base_files import (
    DealerLine,
    MachineLine,
    PartLine,
    PlaceLine,
    PolicyLine,
    PriceLine,
    PriceListLine,
)
from server.erp.document_files import PurchaseLine, SaleLine, TransferLine
from server.erp.documents import Document, read_claims, read_documents
from server.erp.flow_files import (
    ClaimLine,
    PaymentLine,
    PeriodLine,
    ReturnLine,
    SettlementLine,
)
from server.erp.layouts import LAYOUTS
from server.erp.lines import Line
from server.erp.rows import Problem
from server.erp.steps import Step, in_sequence
from server.erp.wire import Names, Source, import_command

IN_MEMORY: Final = 100_000  # Commands sorted at once; more are merged from files.

_STEPS: Final[dict[type[Line], Callable[..., Iterator[Step]]]] = {
    PlaceLine: base_commands.place_steps,
    PartLine: base_commands.part_steps,
    PriceListLine: base_commands.price_list_steps,
    PriceLine: base_commands.price_steps,
    DealerLine: base_commands.dealer_steps,
    MachineLine: base_commands.machine_steps,
    PolicyLine: base_commands.policy_steps,
    PurchaseLine: document_commands.purchase_steps,
    TransferLine: document_commands.transfer_steps,
    SaleLine: document_commands.sale_steps,
    ClaimLine: flow_commands.claim_steps,
    ReturnLine: flow_commands.return_steps,
    PaymentLine: document_commands.payment_steps,
    SettlementLine: month_commands.settlement_steps,
    PeriodLine: month_commands.period_steps,
}


class Ordered(NamedTuple):
    """A command where its turn is; `disputed` is for `month_commands.complete`."""

    source: Source
    command: ImportCommand
    disputed: str


class _Sortable(NamedTuple):
    key: tuple[int, int, int, int, int]
    source: Source
    command: bytes
    disputed: str


class ErpFolder:
    """Reads all files once, then gives their commands in order; a context manager.

    What cannot be imported is in `problems`; `count` is how many commands the rest makes.
    """

    def __init__(self, folder: Path, book: str) -> None:
        self.problems: list[Problem] = []
        self.count = 0
        self._folder = folder
        self._book = book
        self._chunk: list[_Sortable] = []
        self._files: list[IO[bytes]] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def files(self) -> list[Path]:
        """The files that are there, in the order of import."""
        paths = (self._folder / kind.FILE for kind in LAYOUTS)
        return [path for path in paths if path.is_file()]

    def read(self, done: Callable[[Path], None] = lambda _: None) -> None:
        """Reads every file; `done` hears of each one that is finished."""
        for index, (kind, steps_of) in enumerate(_STEPS.items()):
            path = self._folder / kind.FILE
            if path.is_file():
                self._read(index, kind, steps_of, path)
                done(path)

    def __iter__(self) -> Iterator[Ordered]:
        self._chunk.sort()
        chunks = [_written(file) for file in self._files]
        for found in heapq.merge(*chunks, self._chunk):
            command = ImportCommand.FromString(found.command)
            yield Ordered(found.source, command, found.disputed)

    def _read(
        self, index: int, kind: type[Line], steps_of: Callable[..., Iterator[Step]], path: Path
    ) -> None:
        names = Names(self._book)
        documents: Iterator[Document[Any]]
        if kind is ClaimLine:
            documents = read_claims(path, ClaimLine, self.problems)
        else:
            documents = read_documents(path, kind, self.problems)
        for document in documents:
            for number, step in enumerate(in_sequence(steps_of(names, document))):
                line = step.line or document.line
                source = Source(document.file, line, document.number, step.name)
                key = (step.on.toordinal(), step.rank, index, document.line, number)
                self._add(key, source, step)

    def _add(self, key: tuple[int, int, int, int, int], source: Source, step: Step) -> None:
        command = import_command(self._book, source, step.actor or "", step.request)
        self._chunk.append(_Sortable(key, source, command.SerializeToString(), step.disputed))
        self.count += 1
        if len(self._chunk) == IN_MEMORY:
            self._spill()

    def _spill(self) -> None:
        file = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - Closed on exit.
        self._chunk.sort()
        for found in self._chunk:
            pickle.dump(tuple(found), file, protocol=pickle.HIGHEST_PROTOCOL)
        self._files.append(file)
        self._chunk = []


def _written(file: IO[bytes]) -> Iterator[_Sortable]:
    """A sorted chunk read back; the file is this process's own, so its pickles can be trusted."""
    file.seek(0)
    while True:
        try:
            yield _Sortable(*pickle.load(file))
        except EOFError:
            return
