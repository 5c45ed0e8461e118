"""`partsledger rebuild`: builds the views again from the log, and proves they say the same.

A difference is never taken live by itself: either a view was damaged, and is healed, or the log
was, and the view is the witness. Which of the two, people find out (`partsledger verify`).
"""

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
from server.cli.wording import counted

EXAMPLES: Final = (
    "partsledger rebuild",
    "partsledger rebuild dealer_items",
    "partsledger rebuild --json | jq .same",
    "partsledger rebuild --accept-difference",
)

SHOWN_DIGITS: Final = 16  # Of a fingerprint: enough for people to compare.
_ACCEPTED: Final = "A view differed. The rebuilt ones are live now, as was told."
_REFUSED: Final = (
    "A view differs: nothing was replaced. Either the view was damaged, or the log was altered: "
    "`partsledger verify` recomputes the log. If the log is right, `--accept-difference` puts the "
    "rebuilt views live."
)


def rebuild(
    views: Annotated[
        list[str] | None,
        typer.Argument(metavar="[VIEW]…", help="Some, with what derives from them; all."),
    ] = None,
    accept_difference: Annotated[
        bool,
        typer.Option("--accept-difference", help="Put the rebuilt views live even if one differs."),
    ] = False,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Rebuilds the views from the log. Reads go on meanwhile.

    If a view differs, it says in which rows, leaves the live views as they are, and ends with 1.
    """
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        result = run(connection, views or (), accept_difference)
    if form is Form.TABLE:
        show(out(), *for_people(result))
    else:
        facts = {
            "position": result.position, "same": result.same, "differs": result.differs,
            "went_live": result.went_live,
        }  # fmt: skip
        write(form, facts, [_views(result), _differences(result)])
    if not result.went_live:
        raise typer.Exit(NO)


def run(
    connection: Connection, views: Sequence[str] = (), accept_difference: bool = False
) -> pb.RebuildResult:
    """Rebuilds some views by their names, or all, with a progress bar."""
    stub = ViewServiceStub(connection.channel)
    request = pb.RebuildViewsRequest(
        parent=connection.book, views=views, accept_difference=accept_difference
    )
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
    if not result.differs:
        return [rich_table(table), "No view differed; those that are new are live now."]
    parts: list[RenderableType] = [rich_table(table)]
    if any(view.differences for view in result.views):
        parts.append(rich_table(_differences(result, title="Some of the rows that differ")))
    parts += [
        f"The view {view.view} has read {counted(view.ahead, 'entry', 'entries')} that the"
        f" log does not have."
        for view in result.views
        if view.ahead
    ]
    return [*parts, _ACCEPTED if result.went_live else _REFUSED]


def _views(result: pb.RebuildResult, digits: int | None = None) -> Table:
    columns = [Column("view"), Column("rows"), Column("live_fingerprint"),
               Column("rebuilt_fingerprint"), Column("same")]  # fmt: skip
    rows: list[list[Cell]] = [
        [view.view, view.row_count, view.live_fingerprint[:digits],
         view.rebuilt_fingerprint[:digits], view.same]
        for view in result.views
    ]  # fmt: skip
    return Table("views", columns, rows)


def _differences(result: pb.RebuildResult, title: str = "") -> Table:
    columns = [Column("view"), Column("only_in", "only in"), Column("row", wraps=True)]
    rows: list[list[Cell]] = [
        [view.view, "rebuilt" if found.rebuilt else "live", found.row]
        for view in result.views
        for found in view.differences
    ]
    return Table("differences", columns, rows, title=title)
