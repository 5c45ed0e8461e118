"""`partsledger status`: how long the log is, whether it is what was written as far as a look tells,
and how far the views have followed it."""

import time
from typing import Annotated, Final

import typer
from rich.console import RenderableType

from partsledger.v1 import entry_service_pb2 as entry_pb
from partsledger.v1 import view_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from partsledger.v1.view_service_pb2_grpc import ViewServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.failure import NO
from server.cli.options import Form
from server.cli.rebuild import SHOWN_DIGITS
from server.cli.tables import Cell, Column, Table, out, rich_table, show, write
from server.cli.wording import counted

_PATIENCE_SECONDS: Final = 60.0
_LOOK_AGAIN_SECONDS: Final = 0.05

EXAMPLES: Final = ("partsledger status", "partsledger status --fingerprints --json")


def status(
    fingerprints: Annotated[
        bool, typer.Option("--fingerprints", help="Hash every row of the views, too: takes time.")
    ] = False,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """The last position of the log and of each view: how far reports are behind the log.

    Looks at the ends of the log, its newest entries and a sample; ends with 1 if one was altered,
    and if the views do not go on.
    """
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        found, seen = read(connection, fingerprints), inspect(connection)
    if form is Form.TABLE:
        head = f"{connection.book} at {server}: {counted(found.head_position, 'entry', 'entries')}"
        behind = f"the views are {found.lag:,} behind" if found.lag else "the views have all"
        views = rich_table(_views(found, fingerprints, SHOWN_DIGITS))
        stopped = [f"The views do not go on: {found.stopped}."] if found.stopped else []
        show(out(), f"{head}, {behind}.", *stopped, *_condition(seen), views)
    else:
        facts = {
            "head_position": found.head_position, "position": found.position, "lag": found.lag,
            "sound": seen.sound, "leaves": seen.leaf_count, "stopped": found.stopped or None,
        }  # fmt: skip
        write(form, facts, [_views(found, fingerprints), _faults(seen)])
    if not seen.sound or found.stopped:
        raise typer.Exit(NO)


def read(connection: Connection, fingerprints: bool = False) -> pb.GetViewStatusResponse:
    request = pb.GetViewStatusRequest(parent=connection.book, with_fingerprints=fingerprints)
    return connection.ask(ViewServiceStub(connection.channel).GetViewStatus, request)


def inspect(connection: Connection) -> entry_pb.InspectLogResponse:
    request = entry_pb.InspectLogRequest(parent=connection.book)
    return connection.ask(EntryServiceStub(connection.channel).InspectLog, request)


def wait_for_views(connection: Connection, position: int) -> None:
    """Returns when what is read next includes this position; or after a while, if it does not."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while read(connection).position < position and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_SECONDS)


def _views(found: pb.GetViewStatusResponse, fingerprints: bool, digits: int | None = None) -> Table:
    columns = [Column("view"), Column("position"), Column("building")]
    if fingerprints:
        columns += [Column("rows"), Column("fingerprint")]
    table = Table("views", columns)
    for view in found.views:
        row: list[Cell] = [view.view, view.position, view.building]
        if fingerprints:
            row += [view.row_count, view.fingerprint[:digits]]
        table.rows.append(row)
    return table


def _condition(seen: entry_pb.InspectLogResponse) -> list[RenderableType]:
    if seen.sound:
        recomputed = counted(seen.leaf_count, "entry", "entries")
        return [f"The log's ends are in order, and {recomputed} recomputed."]
    faults = _faults(seen)
    faults.title = "The log was altered: it is read as it is, and nothing is recorded"
    return [rich_table(faults)]


def _faults(seen: entry_pb.InspectLogResponse) -> Table:
    columns = [Column("position", grouped=False), Column("fault", wraps=True)]
    return Table("faults", columns, [[fault.position, fault.fault] for fault in seen.faults])
