"""The result of an import: what became of every row of every file, and why some were refused.

Rows add up: those that were read are recorded, repeated or refused, each as its document is.
Commands add up, too; a document makes one or several.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from google.rpc.status_pb2 import Status
from rich.console import RenderableType

from domain.characters import escaped
from partsledger.v1 import import_service_pb2 as pb
from server.cli.failure import error_info
from server.cli.tables import Cell, Column, Table, rich_table
from server.erp.documents import Reading
from server.erp.import_order import LAYOUTS
from server.erp.rows import Problem
from server.erp.wire import Source

BAD_LINE: Final = "BAD_LINE"  # The reason of what never became a command.

# The reasons for which base data is refused that says something else than what is known.
_COMPARED: Final = frozenset({"KNOWN_OTHERWISE", "VERSION_EXISTS", "NEVER_CHANGES"})
_MOST_SHOWN: Final = 100
_ORDER: Final = {file: index for index, file in enumerate(LAYOUTS)}

# Of lines of a file, by its name: for each the other lines that are about the same.
RowsAlike = Callable[[str, Collection[int]], Mapping[int, list[int]]]


class Fate(StrEnum):
    """The result of a command, and of the rows of a document."""

    RECORDED = "recorded"
    REPEATED = "repeated"  # Recorded by an earlier import.
    REFUSED = "refused"
    SKIPPED = "skipped"  # A later step of a document with a step that was refused.


_OF_ROWS: Final = (Fate.RECORDED, Fate.REPEATED, Fate.REFUSED)


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
    """Counts every answer, and in the end reports the result of the import.

    `counts` are commands, `rows` are rows, both by file.
    """

    def __init__(self, head: int, dry_run: bool) -> None:
        self.refusals: list[Refusal] = []
        self.last_position = head
        self.counts: defaultdict[str, Counter[Fate]] = defaultdict(Counter)
        self.rows: defaultdict[str, Counter[Fate]] = defaultdict(Counter)
        self.strangers: Sequence[str] = ()  # Files of the folder that were not read.
        self._read: Counter[str] = Counter()  # Rows, by file.
        self._open: defaultdict[tuple[str, int], Counter[Fate]] = defaultdict(Counter)
        self._head = head  # Of the log before the import.
        self._dry_run = dry_run
        self._spoiled: set[tuple[str, int]] = set()

    def read(self, reading: Reading, strangers: Sequence[str]) -> None:
        """All rows of all files were read, and some refused with their documents."""
        self.strangers = strangers
        self._read = reading.rows
        for file, rows in reading.refused.items():
            self.rows[file][Fate.REFUSED] += rows
        for problem in reading.problems:
            self.problem(problem)

    def problem(self, found: Problem) -> None:
        """A line that could not be read; its document is left out with it."""
        self.refusals.append(
            Refusal(found.file, found.line, found.column, found.value, found.document, "",
                    BAD_LINE, found.rule)
        )  # fmt: skip

    def answer(self, source: Source, answer: pb.ImportAnswer, sent_before: bool) -> None:
        if not answer.HasField("error"):
            position = answer.receipt.first_position
            self.last_position = max(self.last_position, answer.receipt.last_position)
            # Recorded by this very import, if the answer was lost with a connection.
            ours = sent_before and position > self._head
            self._count(source, Fate.REPEATED if answer.repeated and not ours else Fate.RECORDED)
        elif self.is_spoiled(source):
            self._count(source, Fate.SKIPPED)
        else:
            self._count(source, Fate.REFUSED)
            self.spoil(source)
            self.refusals.append(_refusal(source, answer.error))

    def not_stated(self, source: Source, document: str) -> None:
        """A dispute that was not sent, because no line of the statement has its document."""
        if self.is_spoiled(source):
            self.skip(source)
            return
        self._count(source, Fate.REFUSED)
        self.spoil(source)
        rule = f"must be the document of a line of the statement {source.document}"
        self.refusals.append(
            Refusal(source.file, source.line, "disputed_document", document, source.document,
                    source.step, BAD_LINE, rule)
        )  # fmt: skip

    def name_rows(self, alike: RowsAlike) -> None:
        """Says of a row that was compared with what is known which others of its file are the same
        thing: it may have been one of them that was recorded."""
        lines: defaultdict[str, set[int]] = defaultdict(set)
        for refusal in self.refusals:
            if refusal.reason in _COMPARED:
                lines[refusal.file].add(refusal.line)
        others = {file: alike(file, wanted) for file, wanted in lines.items()}
        for index, refusal in enumerate(self.refusals):
            if refusal.reason in _COMPARED and (same := others[refusal.file].get(refusal.line)):
                named = ", ".join(map(str, same))
                message = f"{refusal.message}. About the same in this file: line {named}"
                self.refusals[index] = refusal._replace(message=message)

    def skip(self, source: Source) -> None:
        """A step that was not sent, because of an earlier step of its document."""
        self._count(source, Fate.SKIPPED)

    def spoil(self, source: Source) -> None:
        self._spoiled.add((source.file, source.first_line))

    def is_spoiled(self, source: Source) -> bool:
        """Whether an earlier step of the same document was refused: later ones are not listed."""
        return (source.file, source.first_line) in self._spoiled

    def count(self, fate: Fate) -> int:
        return sum(counts[fate] for counts in self.counts.values())

    def facts(self) -> dict[str, Any]:
        commands = {fate.value: self.count(fate) for fate in Fate}
        rows = {f"rows_{fate}": self._rows(fate) for fate in _OF_ROWS}
        return {
            "dry_run": self._dry_run, "rows": self._read.total(), **rows, **commands,
            "position": self.last_position, "not_read": list(self.strangers),
        }  # fmt: skip

    def by_file(self) -> Table:
        columns = [
            Column("file"), Column("rows"),
            *(Column(f"rows_{fate}", fate.value) for fate in _OF_ROWS),
            *(Column(fate.value, shown=False) for fate in Fate),
        ]  # fmt: skip
        table = Table("files", columns)
        for file in filter(self._read.__contains__, LAYOUTS):
            rows, commands = self.rows[file], self.counts[file]
            table.rows.append(
                [file, self._read[file], *(rows[fate] for fate in _OF_ROWS),
                 *(commands[fate] for fate in Fate)]
            )  # fmt: skip
        table.total = [
            "all", self._read.total(), *map(self._rows, _OF_ROWS), *map(self.count, Fate)
        ]  # fmt: skip
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
        if self.strangers:
            parts.append(not_read(self.strangers))
        return [*parts, self._verdict()]

    def _count(self, source: Source, fate: Fate) -> None:
        """Counts a command, and with the last one of a document the document's rows."""
        self.counts[source.file][fate] += 1
        fates = self._open[source.file, source.first_line]
        fates[fate] += 1
        if fates.total() == source.steps:
            del self._open[source.file, source.first_line]
            worst = next(fate for fate in (Fate.REFUSED, *_OF_ROWS) if fates[fate])
            for file, rows in source.rows:
                self.rows[file][worst] += rows

    def _rows(self, fate: Fate) -> int:
        return sum(rows[fate] for rows in self.rows.values())

    def _verdict(self) -> str:
        done = "would be recorded" if self._dry_run else "recorded"
        words = [f"{self._rows(Fate.RECORDED):,} {done}"]
        if repeated := self._rows(Fate.REPEATED):
            words.append(f"{repeated:,} were recorded before and are not recorded twice")
        if refused := self._rows(Fate.REFUSED):
            words.append(f"{refused:,} refused")
        commands = [f"{_counted(self.count(Fate.RECORDED), 'command')} {done}"]
        if repeated := self.count(Fate.REPEATED):
            commands.append(f"{repeated:,} repeated")
        if refused := self.count(Fate.REFUSED):
            commands.append(f"{refused:,} refused")
        if skipped := self.count(Fate.SKIPPED):
            why = "cite statements that it did not issue" if self._dry_run else "follow those"
            commands.append(f"{skipped:,} skipped: they {why}")
        rows = f"{_counted(self._read.total(), 'row')} read: {', '.join(words)}."
        return f"{rows}\n{', '.join(commands)}. Position {self.last_position}."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _narrowed(table: Table) -> Table:
    """For people: place in one column, what and why in two."""
    rows: list[list[Cell]] = []
    for row in table.rows[:_MOST_SHOWN]:
        refusal = Refusal(*row)  # type: ignore[arg-type]
        what = refusal.document or refusal.value
        if refusal.column:
            what = f"{refusal.column}={refusal.value}"
        why = refusal.message
        if refusal.reason != BAD_LINE:
            why = f"{refusal.reason}: {why}"
        rows.append([f"{refusal.file}:{refusal.line}", what, why])
    columns = [Column("line"), Column("what", wraps=True), Column("why", wraps=True)]
    return Table("refusals", columns, rows, title="Refused lines")


def not_read(strangers: Sequence[str]) -> str:
    """Names the files of a folder that are no files of an import."""
    return f"Not read, no file of an import has this name: {', '.join(map(escaped, strangers))}"


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
