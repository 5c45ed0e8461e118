"""`partsledger find`: whatever has a number, and what it did to money, stock and people."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from partsledger.v1 import entry_service_pb2 as pb
from server.cli import options
from server.cli.channel import connected
from server.cli.failure import NO, Failure
from server.cli.options import Form
from server.cli.steps import entries_of, steps_table
from server.cli.tables import Cell, Column, Table, out, rich_table, show, write
from server.cli.wording import amount, day, short

EXAMPLES: Final = (
    "partsledger find SO-250701-0001",
    "partsledger find INV-000372",
    "partsledger find CL-250722-0001 --json | jq .postings",
)


def find(
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="Of any document, or of a paper it came from.")
    ],
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Whatever has this number: its steps, what they posted and moved, and who took them.

    The CSV holds the steps; the JSON holds everything.
    """
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        asked = pb.ListEntriesRequest(document=number, as_of_position=at_position)
        found = list(entries_of(connection, asked)) if number.strip() else []
    if not found:
        raise Failure(
            f"no document has the number {number!r}, and no step names it as its paper",
            "numbers are compared letter by letter, with capitals", NO,
        )  # fmt: skip
    tables = [steps_table(found, with_stream=True), _postings(found), _movements(found)]
    if form is Form.TABLE:
        tables[0].title = f"Whatever has to do with {number}"
        show(out(), *(rich_table(table) for table in tables if table.rows))
    else:
        write(form, {"number": number}, tables)


def _postings(entries: Sequence[pb.Entry]) -> Table:
    foreign = any(p.HasField("functional") for entry in entries for p in entry.postings)
    columns = [
        Column("position", grouped=False), Column("account"), Column("party"), Column("item"),
        Column("due_on", "due"), Column("amount"), Column("currency"),
        Column("functional", "worth", shown=foreign),
        Column("functional_currency", "in", shown=foreign),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [entry.position, posted.account, posted.party or None, posted.item or None,
         day(posted.due_on) or None, amount(posted.amount), posted.amount.currency_code,
         amount(posted.functional) if posted.HasField("functional") else None,
         posted.functional.currency_code or None]
        for entry in entries for posted in entry.postings
    ]  # fmt: skip
    return Table("postings", columns, rows, title="Postings")


def _movements(entries: Sequence[pb.Entry]) -> Table:
    """A row for each layer that was moved."""
    columns = [
        Column("position", grouped=False), Column("part"), Column("from_place", "from"),
        Column("to_place", "to"), Column("quantity"), Column("value"), Column("currency"),
        Column("origin_on", "origin"), Column("receipt"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [entry.position, short(moved.part), short(moved.from_place), short(moved.to_place),
         layer.quantity, amount(layer.value), layer.value.currency_code, day(layer.origin_on),
         layer.receipt]
        for entry in entries for moved in entry.movements for layer in moved.layers
    ]  # fmt: skip
    return Table("movements", columns, rows, title="Movements")
