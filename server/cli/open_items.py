"""`partsledger open-items` and `receivables`: what dealers owe, item by item and by age."""

from collections.abc import Iterable
from typing import Annotated, Final

import typer

from partsledger.v1 import statement_service_pb2 as pb
from partsledger.v1.statement_service_pb2_grpc import StatementServiceStub
from server.cli import options
from server.cli.channel import connected
from server.cli.options import Form
from server.cli.statement import AGES
from server.cli.tables import Cell, Column, Table, out, rich_table, show, write
from server.cli.wording import amount, day, day_message, short

ITEM_EXAMPLES: Final = (
    "partsledger open-items",
    "partsledger open-items D01 --as-of 2025-11-30",
    "partsledger open-items --json | jq '.open_items[] | select(.days_overdue > 90)'",
)
RECEIVABLE_EXAMPLES: Final = (
    "partsledger receivables",
    "partsledger receivables --as-of 2025-11-30 --csv > receivables.csv",
)

_PAGE: Final = 1_000


def open_items(
    dealer: Annotated[
        str | None, typer.Argument(parser=options.code, metavar="DEALER", help="Without it, all.")
    ] = None,
    as_of: options.AsOf = None,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """What is open at the end of a day, by dealer, the oldest due first."""
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        request = pb.ListOpenItemsRequest(
            parent=f"{connection.book}/dealers/{dealer or '-'}",
            page_size=_PAGE,
            as_of_position=at_position,
            as_of_date=day_message(as_of),
        )
        listing = StatementServiceStub(connection.channel).ListOpenItems
        pages = list(connection.pages(listing, request))
    table, last = _items(item for page in pages for item in page.open_items), pages[-1]
    if form is Form.TABLE:
        table.title = f"Open items on {day(last.as_of_date)}"
        closing = f"{len(table.rows):,} open items. Position {last.as_of_position}."
        show(out(), *([rich_table(table)] if table.rows else []), closing)
    else:
        write(form, _facts(last), [table])


def receivables(
    as_of: options.AsOf = None,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """What all dealers owe and are owed, by days past the due date."""
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        request = pb.GetReceivablesRequest(
            parent=connection.book, as_of_position=at_position, as_of_date=day_message(as_of)
        )
        stub = StatementServiceStub(connection.channel)
        found = connection.ask_for_all(
            stub.GetReceivables, request, lambda page: page, ["receivables"]
        )
    dealers = _by_age("receivables", found.receivables)
    if form is not Form.TABLE:
        write(form, _facts(found), [dealers, _by_age("totals", found.totals)])
        return
    dealers.title = f"Receivables on {day(found.as_of_date)}, by days past due"
    for total in _by_age("totals", found.totals).rows:
        dealers.rows.append(["all", *total[1:]])
    parts = [rich_table(dealers)] if dealers.rows else ["No dealer has an open item."]
    show(out(), *parts, f"Position {found.as_of_position}.")


def _facts(found: pb.ListOpenItemsResponse | pb.GetReceivablesResponse) -> dict[str, Cell]:
    return {"as_of_date": day(found.as_of_date), "as_of_position": found.as_of_position}


def _items(found: Iterable[pb.OpenItem]) -> Table:
    items = list(found)
    foreign = any(item.HasField("functional") for item in items)
    columns = [
        Column("dealer"), Column("item"), Column("account"), Column("due_on", "due"),
        Column("days_overdue"), Column("amount"), Column("currency"),
        Column("functional", "worth", shown=foreign),
        Column("functional_currency", "in", shown=foreign),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [short(item.dealer), item.item, item.account, day(item.due_on), item.days_overdue,
         amount(item.amount), item.amount.currency_code,
         amount(item.functional) if item.HasField("functional") else None,
         item.functional.currency_code or None]
        for item in items
    ]  # fmt: skip
    return Table("open_items", columns, rows)


def _by_age(key: str, found: Iterable[pb.Receivable]) -> Table:
    """A row for each dealer, with the ranges that statements have."""
    rows_of = list(found)
    foreign = any(each.HasField("functional") for each in rows_of)
    columns = [
        Column("dealer"), *(Column(name, heading) for name, heading in AGES.items()),
        Column("total"), Column("currency"),
        Column("functional", "worth", shown=foreign),
        Column("functional_currency", "in", shown=foreign),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [short(each.dealer), *(amount(getattr(each.open_by_age, name)) for name in AGES),
         amount(each.total), each.total.currency_code,
         amount(each.functional) if each.HasField("functional") else None,
         each.functional.currency_code or None]
        for each in rows_of
    ]  # fmt: skip
    return Table(key, columns, rows)
