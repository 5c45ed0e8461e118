"""Receipts: what the ledger told when it recorded something, kept where its operator is not.

A receipt is a position and the leaf hash of its entry. Nothing in a database can show that
somebody with all rights has rewritten an entry together with its hash; a receipt outside of it can.
An import writes those of its commands beside its files, into `receipts/`, and never changes a line:
what a repeated import is told is compared with them.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from os import SEEK_END
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from rich.console import RenderableType

from partsledger.v1 import import_service_pb2 as pb
from server.cli.failure import Failure
from server.cli.tables import csv_text
from server.cli.wording import counted, moment
from server.erp.wire import Source

FOLDER: Final = "receipts"
COLUMNS: Final = (
    "position", "leaf_hash", "request_id", "file", "line", "document", "step", "record_time",
)  # fmt: skip

_HASH_DIGITS: Final = 64
_SHOWN_DIGITS: Final = 16
_WRITTEN_AT_ONCE: Final = 500  # Rows.
_LONGEST_LINE: Final = 64 * 1024


class Contradiction(NamedTuple):
    """The ledger now tells something else of a position than it did when that was recorded."""

    position: int
    file: Path


class ReceiptFile:
    """The receipts of one ledger in one folder. Rows are only ever added."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where it cannot be written, and Failure where it cannot be read."""
        self.path = path
        self.contradictions: list[Contradiction] = []
        path.parent.mkdir(exist_ok=True)
        _mend_end(path)
        self._known = read(path) if path.exists() else {}
        self._file: TextIO = path.open("a", encoding="utf-8", newline="")
        self._rows: list[list[Any]] = []
        if not self._file.tell():
            self._rows.append(list(COLUMNS))

    def add(self, request_id: str, source: Source, answer: pb.ImportAnswer) -> None:
        """Keeps what is new, and compares what is known."""
        receipt = answer.receipt
        at = moment(receipt.record_time)
        for position, leaf in enumerate(receipt.leaf_hashes, receipt.first_position):
            known = self._known.get(position)
            if known is None:
                self._rows.append(
                    [position, leaf.hex(), request_id, source.file, source.line,
                     csv_text(source.document), source.step, at]
                )  # fmt: skip
            elif known != leaf:
                self.contradictions.append(Contradiction(position, self.path))
        if len(self._rows) >= _WRITTEN_AT_ONCE:
            self._write()

    def close(self) -> None:
        try:
            self._write()
        finally:
            self._file.close()

    def _write(self) -> None:
        csv.writer(self._file, lineterminator="\n").writerows(self._rows)
        self._file.flush()
        self._rows.clear()


class Receipts:
    """The receipts of an import, each beside the file that its command came from.

    Where they cannot be written, that is told once a folder, and the import goes on: it is the
    ledger that has to be kept, and a repeat of the import is told the receipts again.
    """

    def __init__(
        self, folder_of: Callable[[str], Path], book: str, first_leaf: Callable[[], bytes]
    ) -> None:
        """`first_leaf` tells the leaf hash of the first entry. It names the file, for no two
        ledgers have the same: one that was made anew does not contradict the old one's receipts."""
        self._folder_of = folder_of
        self._book = book
        self._first_leaf = first_leaf
        self._files: dict[Path, ReceiptFile | None] = {}
        self.not_written: list[str] = []

    @property
    def written(self) -> list[Path]:
        return sorted(file.path for file in self._open())

    @property
    def contradictions(self) -> list[Contradiction]:
        return sorted(each for file in self._open() for each in file.contradictions)

    def facts(self) -> dict[str, Any]:
        """For programs."""
        return {
            "receipts": [str(path) for path in self.written],
            "receipts_not_written": self.not_written,
            "contradicted": [position for position, _ in self.contradictions],
        }

    def for_people(self) -> list[RenderableType]:
        said: list[RenderableType] = [f"Receipts: {path}" for path in self.written]
        said += [f"Receipts could not be kept. {why}" for why in self.not_written]
        if self.contradictions:
            position, file = self.contradictions[0]
            said.append(
                f"The ledger contradicts {counted(len(self.contradictions), 'receipt')}, the first"
                f" of them that of entry {position}: the log was altered."
                f" Receipts are as they were: partsledger verify --receipts {file}"
            )
        return said

    def add(self, request_id: str, source: Source, answer: pb.ImportAnswer) -> None:
        if not answer.HasField("receipt"):
            return
        folder = self._folder_of(source.file)
        if folder not in self._files:
            self._files[folder] = self._opened(folder)
        file = self._files[folder]
        if file is not None:
            try:
                file.add(request_id, source, answer)
            except OSError as error:
                self._give_up(folder, error)

    def close(self) -> None:
        for folder, file in self._files.items():
            if file is not None:
                try:
                    file.close()
                except OSError as error:
                    self._give_up(folder, error)

    def _opened(self, folder: Path) -> ReceiptFile | None:
        name = f"{self._book}-{self._first_leaf().hex()[:_SHOWN_DIGITS]}.csv"
        try:
            return ReceiptFile(folder / FOLDER / name)
        except (OSError, Failure) as error:
            self._give_up(folder, error)
            return None

    def _give_up(self, folder: Path, error: OSError | Failure) -> None:
        self.not_written.append(_line(folder, error))
        self._files[folder] = None

    def _open(self) -> Iterator[ReceiptFile]:
        return (file for file in self._files.values() if file is not None)


def read_all(paths: Iterable[Path]) -> dict[int, bytes]:
    """The leaf hashes of several files, by position. Raises Failure where they cannot be read, or
    contradict each other."""
    receipts: dict[int, bytes] = {}
    for path in paths:
        for position, leaf in read(path).items():
            if receipts.setdefault(position, leaf) != leaf:
                raise Failure(f"{path}: position {position} has another leaf hash in another file")
    return receipts


def read(path: Path) -> dict[int, bytes]:
    """The leaf hashes in a file, by position; other columns than these two do not matter."""
    receipts: dict[int, bytes] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                position, leaf = _receipt(row)
                if receipts.setdefault(position, leaf) != leaf:
                    raise ValueError(f"position {position} has two leaf hashes")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror or error}") from None
    except (ValueError, csv.Error) as error:
        raise Failure(f"{path}: {error}", "docs/cli.md describes a file of receipts") from None
    return receipts


def _receipt(row: dict[str, Any]) -> tuple[int, bytes]:
    position, leaf = str(row.get("position") or ""), str(row.get("leaf_hash") or "")
    if not (position.isdecimal() and int(position)):
        raise ValueError(f"position {position!r} must be a whole number from 1")
    if len(leaf) != _HASH_DIGITS:
        raise ValueError(f"leaf_hash {leaf!r} of position {position} must be {_HASH_DIGITS} digits")
    return int(position), bytes.fromhex(leaf)


def _line(folder: Path, error: OSError | Failure) -> str:
    """A failure names its file itself."""
    if isinstance(error, OSError):
        return f"{folder / FOLDER}: {error.strerror or error}"
    return str(error)


def _mend_end(path: Path) -> None:
    """Takes away half a line at the end, which a process that was killed may have left."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        start = max(0, file.seek(0, SEEK_END) - _LONGEST_LINE)
        file.seek(start)
        written = file.read()
        whole = written.rfind(b"\n") + 1
        if whole < len(written):
            file.truncate(start + whole)
