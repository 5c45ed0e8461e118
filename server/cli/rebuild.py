"""`partsledger rebuild`: builds the views again from the log, and proves they say the same."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer
from rich.console import RenderableType

from partsledger.v1 import view_service_pb2 as pb
from partsledger.v1.view_service_pb2_grpc import ViewServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.failure import NO, Failure
from server.cli.options import Form
from server.cli.progress import progress
from server.cli.tables import Cell, Column, Table, out, rich_table, show, write

EXAMPLES: Final = (
    "partsledger rebuild",
    "partsledger rebuild dealer_items",
    "partsledger rebuild --json | jq .same",
)

SHOWN_DIGITS: Final = 16  # Of a fingerprint: enough for people to compare.


def rebuild(
    views: Annotated[
        list[str] | None,
        typer.Argument(metavar="[VIEW]…", help="Some, with what derives from them; all."),
    ] = None,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Rebuilds the views from the log. Reads go on meanwhile. Ends with 1 if a view differed."""
    form = options.form(as_json, as_csv)
    with connected(server, book) as connection:
        result = run(connection, views or ())
    if form is Form.TABLE:
        show(out(), *for_people(result))
    else:
        write(form, {"position": result.position, "same": result.same}, [_views(result)])
    if not result.same:
        raise typer.Exit(NO)


def run(connection: Connection, views: Sequence[str] = ()) -> pb.RebuildResult:
    """Rebuilds some views by their names, or all, with a progress bar."""
    stub = ViewServiceStub(connection.channel)
    request = pb.RebuildViewsRequest(parent=connection.book, views=views)
    with progress("rebuilding the views") as told, connection.failing():
        for event in stub.RebuildViews(request, metadata=connection.metadata):
            if event.HasField("result"):
                return event.result
            told(event.progress.done, event.progress.total)
    raise Failure("the server ended the rebuild without a result", "see its log, and try again")


def for_people(result: pb.RebuildResult) -> list[RenderableType]:
    table = _views(result, SHOWN_DIGITS)
    table.title = f"Views rebuilt from entries 1 to {result.position:,}"
    if result.same:
        return [rich_table(table), "Rebuilt = live: the fingerprint of every view is the same."]
    return [rich_table(table), "A view differed. The rebuilt ones are live now."]


def _views(result: pb.RebuildResult, digits: int | None = None) -> Table:
    columns = [Column("view"), Column("rows"), Column("live_fingerprint"),
               Column("rebuilt_fingerprint"), Column("same")]  # fmt: skip
    rows: list[list[Cell]] = [
        [view.view, view.row_count, view.live_fingerprint[:digits],
         view.rebuilt_fingerprint[:digits], view.same]
        for view in result.views
    ]  # fmt: skip
    return Table("views", columns, rows)
