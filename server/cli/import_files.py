"""`partsledger import`: an ERP's files into the ledger, over the import stream.

Commands go out in the order in which things happened, whichever file they come from. Every line
has an answer; a refused one records nothing, and the rest goes on.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from partsledger.v1 import entry_service_pb2 as entry_pb
from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from server.cli import options, status
from server.cli.channel import Connection, connected
from server.cli.failure import NO, Failure
from server.cli.import_stream import ImportStream
from server.cli.issued_statements import IssuedStatements
from server.cli.options import Form
from server.cli.progress import progress
from server.cli.receipts import Receipts
from server.cli.tables import err, out, show, write
from server.cli.tally import Tally, not_read
from server.erp.files.settlements import complete, needs_statement
from server.erp.folder import ErpFolder, Ordered
from server.erp.import_order import LAYOUTS
from server.erp.wire import request_of

EXAMPLES: Final = (
    "partsledger import examples/small",
    "partsledger import --dry-run export/sales.csv export/payments.csv",
    "partsledger import export --csv > refused.csv",
)

_TOLD_EVERY: Final = 50  # Answers. Drawing the bar takes longer than taking one.

_Paths = Annotated[
    list[Path],
    typer.Argument(metavar="DIR|FILES…", help="A folder of ERP files, or some of them."),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide everything, record nothing.")]
_Encoding = Annotated[
    str,
    typer.Option(
        parser=options.encoding,
        metavar="NAME",
        help="What files are in that are not UTF-8 or UTF-16, such as gb18030.",
    ),
]


def import_files(
    paths: _Paths,
    dry_run: _DryRun = False,
    encoding: _Encoding = "utf-8",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    actor: options.Actor = "",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Imports CSV files as docs/import.md describes them; a repeated import records nothing twice.

    Receipts of all that is recorded are kept in `receipts/` beside the files.
    Ends with 1 if a line was refused, the folder has a CSV file that is none of an import, or the
    ledger contradicts a receipt. The CSV holds the refused lines, the JSON all counts, too.
    """
    form = options.form(as_json, as_csv, csv_bom)
    with folder_of(paths) as folder, connected(server, book, actor) as connection:
        receipts = None if dry_run else _receipts(connection, paths)
        tally = run(connection, folder, dry_run, receipts, encoding)
    if form is Form.TABLE:
        show(out(), *tally.for_people(), *(receipts.for_people() if receipts else ()))
    else:
        facts = {**tally.facts(), **(receipts.facts() if receipts else {})}
        write(form, facts, [tally.refused_lines(), tally.by_file()])
        if tally.strangers and form is Form.CSV:
            show(err(), not_read(tally.strangers))
    forged = receipts is not None and bool(receipts.contradictions)
    strange = any(name.lower().endswith(".csv") for name in tally.strangers)
    if tally.refusals or strange or forged:
        raise typer.Exit(NO)


def run(
    connection: Connection,
    folder: Path,
    dry_run: bool = False,
    receipts: Receipts | None = None,
    encoding: str = "utf-8",
) -> Tally:
    """Reads a folder and imports it, with a progress bar; keeps receipts where it is told to."""
    tally = Tally(status.read(connection).head_position, dry_run)
    with ErpFolder(folder, connection.book.removeprefix("books/"), encoding) as files:
        _read(files)
        tally.read(files.reading, files.strangers)
        try:
            _send(connection, files, tally, dry_run, receipts)
        finally:
            if receipts is not None:
                receipts.close()
        tally.name_rows(files.rows_alike)
    status.wait_for_views(connection, tally.last_position)
    return tally


def _receipts(connection: Connection, paths: Sequence[Path]) -> Receipts:
    """Receipts beside the files: in the folder that is given, or in that of each file."""
    folders = {path.name: path.parent for path in paths}
    whole = paths[0] if len(paths) == 1 and paths[0].is_dir() else None

    def first_leaf() -> bytes:
        request = entry_pb.GetEntryRequest(name=f"{connection.book}/entries/1")
        stub = EntryServiceStub(connection.channel)
        return connection.ask(stub.GetEntry, request).entry.leaf_hash

    book = connection.book.removeprefix("books/")
    return Receipts(lambda file: whole or folders[file], book, first_leaf)


def _read(files: ErpFolder) -> None:
    total, done = len(files.files), 0
    with progress("reading files") as told:

        def finished(path: Path) -> None:
            nonlocal done
            done += 1
            told(done, total)

        files.read(finished)


def _send(
    connection: Connection,
    files: ErpFolder,
    tally: Tally,
    dry_run: bool,
    receipts: Receipts | None,
) -> None:
    done = 0
    with progress("importing") as told:

        def heard(command: Ordered, answer: pb.ImportAnswer, sent_before: bool) -> None:
            nonlocal done
            done += 1
            tally.answer(command.source, answer, sent_before)
            if receipts is not None:
                receipts.add(request_of(command.command).request_id, command.source, answer)
            if done % _TOLD_EVERY == 0:
                told(done, files.count)

        statements = IssuedStatements(connection, lambda: tally.last_position)
        stream = ImportStream(connection, dry_run, heard)
        try:
            for command in files:
                if _is_ready(command, stream, tally, statements, dry_run):
                    stream.send(command)
            stream.finish()
        finally:
            stream.close()


def _is_ready(
    command: Ordered,
    stream: ImportStream,
    tally: Tally,
    statements: IssuedStatements,
    dry_run: bool,
) -> bool:
    """Completes a command that refers to an issued statement, once all commands before are decided.

    It is skipped in a dry run if the statement is not issued: the dry run would have issued it, but
    records nothing. A statement is not confirmed after a step of it was refused, such as a dispute.
    """
    if not needs_statement(command.command):
        return True
    stream.drain()
    request = request_of(command.command)
    unissued = dry_run and not statements.is_issued(request.name)
    if unissued:
        tally.spoil(command.source)
    confirms = command.command.HasField("confirm_statement")
    if unissued or (confirms and tally.is_spoiled(command.source)):
        tally.skip(command.source)
        return False
    complete(command.command, command.disputed, statements)
    if not confirms and not request.line_version:
        tally.not_stated(command.source, command.disputed.document)
        return False
    return True


@contextmanager
def folder_of(paths: Sequence[Path]) -> Iterator[Path]:
    """The folder that is given, or one with links to the files that are."""
    if len(paths) == 1 and paths[0].is_dir():
        if not any((paths[0] / name).is_file() for name in LAYOUTS):
            raise Failure(f"{paths[0]} has none of the files of an import", _names())
        yield paths[0]
        return
    with tempfile.TemporaryDirectory(prefix="partsledger-import-") as directory:
        for path in paths:
            if not path.is_file():
                raise Failure(f"{path} is not a file, nor the only folder given")
            if path.name not in LAYOUTS:
                raise Failure(f"{path}: no kind of file has this name", _names())
            try:
                os.symlink(path.resolve(), Path(directory) / path.name)
            except FileExistsError:
                raise Failure(f"{path}: there is another {path.name}") from None
        yield Path(directory)


def _names() -> str:
    return f"docs/import.md describes {', '.join(LAYOUTS)}"
