"""`partsledger ageing`: how long stock has been lying, place by place, in pieces and in money."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final

import typer
from rich.console import Console, RenderableType

from partsledger.v1 import ageing_service_pb2 as pb
from partsledger.v1.ageing_service_pb2_grpc import AgeingServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.options import Form
from server.cli.tables import Cell, Column, Table, fits, out, rich_table, show, worded, write
from server.cli.wording import Share, amount, day, day_message, short

EXAMPLES: Final = (
    "partsledger ageing",
    "partsledger ageing --as-of 2025-12-31 --place W01 --place W02",
    "partsledger ageing --by-part --csv > ageing.csv",
)

_TOTAL: Final = "all places"
_SHARE: Final = "share_under_three_months_basis_points"


def ageing(
    as_of: options.AsOf = None,
    at_position: options.AtPosition = 0,
    place: Annotated[
        list[str] | None,
        typer.Option(
            parser=options.place, metavar="PLACE", help="Only this place; may be repeated."
        ),
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(parser=options.part, metavar="PART", help="Only this part; may be repeated."),
    ] = None,
    by_part: Annotated[
        bool, typer.Option("--by-part", help="A row for each part at each place.")
    ] = False,
    dwell: Annotated[
        bool,
        typer.Option("--dwell", help="Count days at the place, not days in the maker's books."),
    ] = False,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Inventory ageing: places by age, pieces and value, and the share under three months."""
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        response = read(connection, as_of, at_position, place or [], part or [], by_part)
    if form is Form.TABLE:
        console = out()
        show(console, *for_people(console, response, dwell))
    else:
        write(form, _facts(response), [_rows(response, dwell)])


def read(
    connection: Connection,
    as_of: date | None = None,
    at_position: int = 0,
    places: list[str] | None = None,
    parts: list[str] | None = None,
    by_part: bool = False,
) -> pb.GetInventoryAgeingResponse:
    request = pb.GetInventoryAgeingRequest(
        parent=connection.book,
        as_of_position=at_position,
        as_of_date=day_message(as_of),
        places=[f"{connection.book}/places/{place}" for place in places or []],
        parts=[connection.part(part) for part in parts or []],
        by_part=by_part,
    )
    stub = AgeingServiceStub(connection.channel)
    found: pb.GetInventoryAgeingResponse = connection.ask_for_all(
        stub.GetInventoryAgeing, request, lambda page: page, ["rows"]
    )
    return found


def for_people(
    console: Console, response: pb.GetInventoryAgeingResponse, dwell: bool = False
) -> list[RenderableType]:
    """Places by ranges if the screen is wide enough, else a line for each range of a place."""
    if not response.rows:
        return [f"Nothing lay there on {day(response.as_of_date)}."]
    since = "days at the place" if dwell else "days in the books"
    currency = response.total.value.currency_code
    heading = f"Inventory ageing on {day(response.as_of_date)}, {since}, {currency}"
    matrix = rich_table(replace(_matrix(response, dwell), title=heading))
    if not fits(console, matrix):
        matrix = rich_table(replace(_list(response, dwell), title=heading))
    return [matrix, f"{_verdict(response)} Position {response.as_of_position}."]


def _verdict(response: pb.GetInventoryAgeingResponse) -> str:
    if not response.HasField("target_met"):
        return "Nothing there is worth anything, so it has no share under three months old."
    share = Share(response.total.share_under_three_months_basis_points).percent
    target = Share(response.target_basis_points).percent
    verdict = "met" if response.target_met else "missed"
    return f"{share} of the value is under three months old; the target of {target} is {verdict}."


def _facts(response: pb.GetInventoryAgeingResponse) -> dict[str, Any]:
    total = response.total
    return {
        "as_of_date": day(response.as_of_date),
        "as_of_position": response.as_of_position,
        "currency": total.value.currency_code,
        "quantity": total.quantity,
        "value": amount(total.value),
        "share_under_three_months_basis_points": total.share_under_three_months_basis_points,
        "target_basis_points": response.target_basis_points,
        "target_met": response.target_met if response.HasField("target_met") else None,
    }


def _rows(response: pb.GetInventoryAgeingResponse, dwell: bool) -> Table:
    """A row a place (and part), two columns a range: what machines get."""
    ranges = [_span(bucket, "_") for bucket in _buckets(response.total, dwell)]
    columns = [Column("place"), Column("part")]
    for span in ranges:
        columns += [Column(f"quantity_{span}"), Column(f"value_{span}")]
    columns += [Column(key) for key in
                ("quantity", "value", "currency", _SHARE)]  # fmt: skip
    table = Table("rows", columns)
    for row in response.rows:
        cells: list[Cell] = [short(row.place), short(row.part)]
        for bucket in _buckets(row, dwell):
            cells += [bucket.quantity, amount(bucket.value)]
        share = Share(row.share_under_three_months_basis_points)
        table.rows.append([*cells, row.quantity, amount(row.value), row.value.currency_code, share])
    return table


def _matrix(response: pb.GetInventoryAgeingResponse, dwell: bool) -> Table:
    """Places by ranges: in each cell the pieces, and under them their value."""
    headings = [_span(bucket, "–") for bucket in _buckets(response.total, dwell)]
    columns = [
        Column("place"), *(Column(heading, right=True) for heading in headings),
        Column("total", right=True), Column("< 3 months", right=True),
    ]  # fmt: skip
    table = Table("matrix", columns, [_matrix_row(row, dwell) for row in response.rows])
    table.total = _matrix_row(response.total, dwell)
    return table


def _matrix_row(row: pb.AgeingRow, dwell: bool) -> list[Cell]:
    cells = [_pieces_and_value(bucket) for bucket in _buckets(row, dwell)]
    share = Share(row.share_under_three_months_basis_points)
    return [_where(row), *cells, _pieces_and_value(row), share]


def _pieces_and_value(counted: pb.AgeingBucket | pb.AgeingRow) -> str:
    if not counted.quantity:
        return "–"
    return f"{worded(counted.quantity)}\n{worded(amount(counted.value))}"


def _list(response: pb.GetInventoryAgeingResponse, dwell: bool) -> Table:
    """The same, narrow: only the ranges in which something lies."""
    columns = [Column("place"), Column("days"), Column("pieces"), Column("value"),
               Column("< 3 months", right=True)]  # fmt: skip
    table = Table("list", columns)
    for row in (*response.rows, response.total):
        where = _where(row)
        for bucket in _buckets(row, dwell):
            if bucket.quantity:
                span = _span(bucket, "–")
                table.rows.append([where, span, bucket.quantity, amount(bucket.value), None])
                where = ""
        share = Share(row.share_under_three_months_basis_points)
        table.rows.append([where, "all", row.quantity, amount(row.value), share])
    return table


def _where(row: pb.AgeingRow) -> str:
    if not row.place:
        return _TOTAL
    return f"{short(row.place)} {short(row.part)}".strip()


def _buckets(row: pb.AgeingRow, dwell: bool) -> Any:
    return row.dwell if dwell else row.age


def _span(bucket: pb.AgeingBucket, dash: str) -> str:
    if not bucket.to_days:
        return f"over{'_' if dash == '_' else ' '}{bucket.from_days - 1}"
    return f"{bucket.from_days}{dash}{bucket.to_days}"
