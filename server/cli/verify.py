"""`partsledger verify`: reads the whole log and recomputes it, without trust in the server.

What only the server sees, its head, its views and its answers, the server looks at. It also looks
at the positions that were found wrong here, and refuses to write once it has seen it itself.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import RenderableType

from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.failure import NO, NOT_DONE, Failure
from server.cli.log_reading import Finding, LogReading
from server.cli.options import Form
from server.cli.progress import progress
from server.cli.receipts import read_all
from server.cli.tables import Column, Table, out, rich_table, show, write
from server.cli.wording import counted

EXAMPLES: Final = (
    "partsledger verify",
    "partsledger verify --receipts export/receipts/main-83560ac70650f5ba.csv",
    "partsledger verify --json | jq .sound",
)

_PAGE: Final = 1_000
_MOST_ASKED: Final = 1_000  # Positions that the server is asked to look at.
_MOST_SHOWN: Final = 100
_THOROUGH_SECONDS: Final = 600.0


def verify(
    receipts: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Receipts that were kept outside the ledger; may be repeated."
        ),
    ] = None,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Recomputes every entry of the log, and names what is not as it was written.

    Ends with 0 if all is sound, with 1 if something is wrong, with 2 if it could not be checked.
    """
    form = options.form(as_json, as_csv, csv_bom)
    kept = read_all(receipts or ())
    try:
        with connected(server, book) as connection:
            reading, head = run(connection, kept)
    except Failure as failure:  # Whatever the reason: nothing is known.
        raise Failure(str(failure), failure.hint, NOT_DONE) from None
    if form is Form.TABLE:
        show(out(), *for_people(reading, head, len(kept)))
    else:
        facts = {
            "sound": not reading.findings, "entries": reading.read_count, "head_position": head,
            "receipts": len(kept),
        }  # fmt: skip
        write(form, facts, [_table(reading.findings)])
    if reading.findings:
        raise typer.Exit(NO)


def run(connection: Connection, receipts: dict[int, bytes]) -> tuple[LogReading, int]:
    """Reads and recomputes the log up to where it ends now, with a progress bar."""
    reading = LogReading(receipts)
    with progress("recomputing the log") as told:
        head, pages = _pages(connection)
        for entries in pages:
            for entry in entries:
                reading.read(entry)
                told(entry.position, head)
    reading.end(head)
    wrong = sorted({finding.position for finding in reading.findings})
    seen = look(connection, wrong[:_MOST_ASKED])
    known = {(finding.position, finding.fault) for finding in reading.findings}
    reading.findings += [
        Finding(fault.position, fault.fault, "server")
        for fault in seen.faults
        if (fault.position, fault.fault) not in known
    ]
    reading.findings.sort()
    return reading, head


def look(connection: Connection, positions: Sequence[int]) -> pb.InspectLogResponse:
    """Has the server look at what only it sees, and at these entries."""
    request = pb.InspectLogRequest(parent=connection.book, positions=positions, thorough=True)
    stub = EntryServiceStub(connection.channel)
    return connection.ask(stub.InspectLog, request, seconds=_THOROUGH_SECONDS)


def for_people(reading: LogReading, head: int, receipts: int) -> list[RenderableType]:
    compared = f", and {counted(receipts, 'receipt')} compared" if receipts else ""
    done = f"{counted(reading.read_count, 'entry', 'entries')} recomputed{compared}."
    if not reading.findings:
        return [f"{done} The log is sound up to position {head}."]
    table = _table(reading.findings[:_MOST_SHOWN])
    table.title = "Wrong entries"
    parts: list[RenderableType] = [rich_table(table)]
    if len(reading.findings) > _MOST_SHOWN:
        parts.append(f"… and {len(reading.findings) - _MOST_SHOWN:,} more: --csv has them all.")
    first = reading.findings[0].position
    return [*parts, f"{done} The log was altered; the first wrong entry is {first}."]


def _pages(connection: Connection) -> tuple[int, Iterator[Sequence[pb.Entry]]]:
    """Where the log ends, and all its entries; the next page is asked for meanwhile."""
    method = EntryServiceStub(connection.channel).ListEntries
    request = pb.ListEntriesRequest(parent=connection.book, page_size=_PAGE)
    first = connection.ask(method, request)

    def pages(ask: Callable[..., pb.ListEntriesResponse]) -> Iterator[Sequence[pb.Entry]]:
        page = first
        with ThreadPoolExecutor(1) as ahead:
            while page.next_page_token:
                request.page_token = page.next_page_token
                following = ahead.submit(connection.ask, ask, request)
                yield page.entries
                page = following.result()
            yield page.entries

    return first.as_of_position, pages(method)


def _table(findings: Sequence[Finding]) -> Table:
    columns = [
        Column("position", grouped=False), Column("fault", wraps=True),
        Column("shown_by", "shown by"),
    ]  # fmt: skip
    return Table("faults", columns, [list(finding) for finding in findings])
