"""The result of an import: counts by file, and each line that was refused."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, NamedTuple

from google.rpc.status_pb2 import Status
from rich.console import RenderableType

from partsledger.v1 import import_service_pb2 as pb
from server.cli.failure import error_info
from server.cli.tables import Cell, Column, Table, rich_table
from server.erp.import_order import LAYOUTS
from server.erp.rows import Problem
from server.erp.wire import Source

BAD_LINE: Final = "BAD_LINE"  # The reason of what never became a command.

_MOST_SHOWN: Final = 100
_ORDER: Final = {file: index for index, file in enumerate(LAYOUTS)}


class Fate(StrEnum):
    """The result of a command, or of a line that could not be read as one."""

    RECORDED = "recorded"
    REPEATED = "repeated"  # Recorded by an earlier import.
    REFUSED = "refused"
    SKIPPED = "skipped"  # A later step of a document with a step that was refused.
    BAD_LINE = "bad lines"


class Refusal(NamedTuple):
    """A line that was not imported: where it is, what it says, and the reason."""

    file: str
    line: int
    column: str
    value: str
    document: str
    step: str
    reason: str
    message: str


class Tally:
    """Counts every answer, and in the end reports the result of the import."""

    def __init__(self, head: int, dry_run: bool) -> None:
        self.refusals: list[Refusal] = []
        self.last_position = head
        self.counts: defaultdict[str, Counter[Fate]] = defaultdict(Counter)
        self._head = head  # Of the log before the import.
        self._dry_run = dry_run
        self._spoiled: set[tuple[str, str]] = set()

    def problem(self, found: Problem) -> None:
        """A line that could not be read; its document is left out with it."""
        self.counts[found.file][Fate.BAD_LINE] += 1
        self.refusals.append(
            Refusal(found.file, found.line, found.column, found.value, found.document, "",
                    BAD_LINE, found.rule)
        )  # fmt: skip

    def answer(self, source: Source, answer: pb.ImportAnswer, sent_before: bool) -> None:
        counts = self.counts[source.file]
        if not answer.HasField("error"):
            position = answer.receipt.first_position
            self.last_position = max(self.last_position, answer.receipt.last_position)
            # Recorded by this very import, if the answer was lost with a connection.
            ours = sent_before and position > self._head
            counts[Fate.REPEATED if answer.repeated and not ours else Fate.RECORDED] += 1
        elif self.is_spoiled(source):
            counts[Fate.SKIPPED] += 1
        else:
            counts[Fate.REFUSED] += 1
            self.spoil(source)
            self.refusals.append(_refusal(source, answer.error))

    def skip(self, source: Source) -> None:
        """A step that was not sent, because an earlier step of its document was refused."""
        self.counts[source.file][Fate.SKIPPED] += 1

    def spoil(self, source: Source) -> None:
        self._spoiled.add((source.file, source.document))

    def is_spoiled(self, source: Source) -> bool:
        """Whether an earlier step of the same document was refused: later ones are not listed."""
        return (source.file, source.document) in self._spoiled

    def count(self, fate: Fate) -> int:
        return sum(counts[fate] for counts in self.counts.values())

    def facts(self) -> dict[str, Any]:
        totals = {fate.value.replace(" ", "_"): self.count(fate) for fate in Fate}
        return {"dry_run": self._dry_run, **totals, "position": self.last_position}

    def by_file(self) -> Table:
        columns = [Column("file"), *(Column(fate.value.replace(" ", "_")) for fate in Fate)]
        table = Table("files", columns)
        for file in sorted(self.counts, key=lambda name: _ORDER.get(name, -1)):
            table.rows.append([file, *(self.counts[file][fate] for fate in Fate)])
        table.total = ["all", *(self.count(fate) for fate in Fate)]
        return table

    def refused_lines(self) -> Table:
        ordered = sorted(self.refusals, key=lambda row: (_ORDER.get(row.file, -1), row.line))
        rows: list[list[Cell]] = [list(refusal) for refusal in ordered]
        return Table("refusals", [Column(name) for name in Refusal._fields], rows)

    def for_people(self) -> list[RenderableType]:
        files = self.by_file()
        files.title = "Dry run: nothing is recorded" if self._dry_run else "Imported"
        parts: list[RenderableType] = [rich_table(files)]
        if self.refusals:
            parts.append(rich_table(_narrowed(self.refused_lines())))
        if len(self.refusals) > _MOST_SHOWN:
            parts.append(f"… and {len(self.refusals) - _MOST_SHOWN:,} more: --csv has them all.")
        return [*parts, self._verdict()]

    def _verdict(self) -> str:
        recorded, repeated = self.count(Fate.RECORDED), self.count(Fate.REPEATED)
        done = "would be recorded" if self._dry_run else "recorded"
        words = [f"{recorded:,} commands {done}"]
        if repeated:
            words.append(f"{repeated:,} were recorded before and are not recorded twice")
        if self.refusals:
            lines = "line" if len(self.refusals) == 1 else "lines"
            words.append(f"{len(self.refusals):,} {lines} refused")
        if skipped := self.count(Fate.SKIPPED):
            why = "cite statements that it did not issue" if self._dry_run else "follow those"
            words.append(f"{skipped:,} steps skipped: they {why}")
        return ", ".join(words) + f". Position {self.last_position}."


def _narrowed(table: Table) -> Table:
    """For people: place in one column, what and why in two."""
    rows: list[list[Cell]] = []
    for row in table.rows[:_MOST_SHOWN]:
        refusal = Refusal(*row)  # type: ignore[arg-type]
        what = f"{refusal.column}={refusal.value}" if refusal.column else refusal.document
        why = refusal.message
        if refusal.reason != BAD_LINE:
            why = f"{refusal.reason}: {why}"
        rows.append([f"{refusal.file}:{refusal.line}", what, why])
    columns = [Column("line"), Column("what", wraps=True), Column("why", wraps=True)]
    return Table("refusals", columns, rows, title="Refused lines")


def _refusal(source: Source, error: Status) -> Refusal:
    info = error_info(error)
    reason = info.reason if info else "UNKNOWN"
    said = dict(info.metadata) if info else {}
    return Refusal(
        source.file, source.line, said.get("field", ""), said.get("value", ""), source.document,
        source.step, reason, error.message,
    )  # fmt: skip


def refused_places(refusals: Iterable[Refusal]) -> dict[tuple[str, int], str]:
    """Which lines were refused, and for what reason: to be compared with what was expected."""
    return {(refusal.file, refusal.line): refusal.reason for refusal in refusals}
