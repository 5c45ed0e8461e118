"""A folder of ERP files as one stream of commands, in the order in which things happened.

Order: base data first; then by the day something was entered, or else the day it happened; within
a day by `Rank`; then by file and line (docs/import.md). Stock and money depend on it: a receipt
that comes after its issue in the stream would be too late.
"""

import heapq
import pickle
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Self

from partsledger.v1.import_service_pb2 import ImportCommand
from server.erp.documents import Document, Reading
from server.erp.import_order import IMPORT_ORDER, LAYOUTS
from server.erp.rows import Problem
from server.erp.rows_alike import rows_alike
from server.erp.steps import Disputed, Step, in_sequence
from server.erp.wire import Names, Source, import_command

IN_MEMORY: Final = 100_000  # Commands sorted at once; more are merged from files.


class Ordered(NamedTuple):
    """A command where its turn is; `disputed` is for `settlements.complete`."""

    source: Source
    command: ImportCommand
    disputed: Disputed


# Day, rank, file, first day of base data, line, number of the step.
_Key = tuple[int, int, int, int, int, int]


class _Sortable(NamedTuple):
    key: _Key
    source: Source
    command: bytes
    disputed: Disputed


class ErpFolder:
    """Reads all files once, then gives their commands in order; a context manager.

    What cannot be imported is in `reading`; `count` is how many commands the rest makes.
    """

    def __init__(self, folder: Path, book: str, encoding: str = "") -> None:
        self.reading = Reading(encoding=encoding)
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
    def problems(self) -> list[Problem]:
        """What is wrong with the rows that cannot be imported."""
        return self.reading.problems

    @property
    def files(self) -> list[Path]:
        """The files that are there, in the order of import."""
        paths = (self._folder / name for name in LAYOUTS)
        return [path for path in paths if path.is_file()]

    @property
    def strangers(self) -> list[str]:
        """Names of the other files of the folder, which are not read; hidden ones are left out."""
        others = (path for path in self._folder.iterdir() if path.name not in LAYOUTS)
        return sorted(path.name for path in others if path.is_file() and path.name[0] != ".")

    def rows_alike(self, file: str, lines: Collection[int]) -> Mapping[int, list[int]]:
        """For each of these lines of base data, the other lines of its file about the same."""
        return rows_alike(self._folder / file, LAYOUTS[file], lines, self.reading.encoding)

    def read(self, done: Callable[[Path], None] = lambda _: None) -> None:
        """Reads every file; `done` hears of each one that is finished."""
        names = Names(self._book)
        for index, file in enumerate(IMPORT_ORDER):
            paths = [self._folder / layout.FILE for layout in file.layouts]
            there = [path for path in paths if path.is_file()]
            if there:
                for document in file.read(paths[0], file.layout, self.reading):
                    self._take(index, document, list(in_sequence(file.steps(names, document))))
            for path in there:
                done(path)

    def __iter__(self) -> Iterator[Ordered]:
        self._chunk.sort()
        chunks = [_written(file) for file in self._files]
        for found in heapq.merge(*chunks, self._chunk):
            command = ImportCommand.FromString(found.command)
            yield Ordered(found.source, command, found.disputed)

    def _take(self, file: int, document: Document[Any], steps: Sequence[Step]) -> None:
        for number, step in enumerate(steps):
            source = Source(
                document.file, step.line or document.line, document.number, step.name,
                document.line, len(steps), document.counted,
            )  # fmt: skip
            first_day = step.holds_from.toordinal() if step.holds_from else 0
            key = (step.on.toordinal(), step.rank, file, first_day, document.line, number)
            self._add(key, source, step)

    def _add(self, key: _Key, source: Source, step: Step) -> None:
        command = import_command(
            self._book, source, step.actor or "", step.request, dated=step.holds_from is not None
        )
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
