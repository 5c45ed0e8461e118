"""`partsledger ledger` and `stock-card`: an account and a part line by line, with balances."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final

import typer

from partsledger.v1 import statement_service_pb2, stock_service_pb2
from partsledger.v1.statement_service_pb2_grpc import StatementServiceStub
from partsledger.v1.stock_service_pb2_grpc import StockServiceStub
from partsledger.v1.types_pb2 import Step
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.options import Form
from server.cli.tables import Cell, Column, Table, out, rich_table, show, worded, write
from server.cli.wording import amount, counted, day, day_message, moment, short

LEDGER_EXAMPLES: Final = (
    "partsledger ledger 1122 dealers/D01 --from 2025-10-01 --to 2025-12-31",
    "partsledger ledger 1405 --csv > inventory.csv",
)
CARD_EXAMPLES: Final = (
    "partsledger stock-card P-10001",
    "partsledger stock-card P-10001 --place W01 --from 2025-10-01",
)

_PAGE: Final = 1_000

_From = Annotated[
    date | None,
    typer.Option("--from", parser=options.day, metavar="DATE", help="From the start of this day."),
]
_To = Annotated[
    date | None,
    typer.Option(
        "--to", parser=options.day, metavar="DATE", help="To the end of this day; default: today."
    ),
]
_Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="At most so many; without it, all.")
]


def ledger(
    account: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="As trial-balance has it, such as 1122.")
    ],
    party: Annotated[
        str,
        typer.Argument(metavar="PARTY", help="Only its share: dealers/D01, suppliers/S01 …"),
    ] = "",
    first: _From = None,
    last: _To = None,
    limit: _Limit = None,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """The lines of an account in order of the day they count, with the balance after each."""
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        request = statement_service_pb2.ListAccountLinesRequest(
            parent=connection.book, account=account, party=party, as_of_position=at_position,
            from_date=day_message(first), to_date=day_message(last),
        )  # fmt: skip
        listing = StatementServiceStub(connection.channel).ListAccountLines
        page, lines = _lines(connection, listing, request, limit)
    table = _account_table(lines, page.functional_opening.currency_code, bool(party))
    if form is not Form.TABLE:
        openings = Table("openings", [Column("currency"), Column("amount")])
        openings.rows = [[sum_.currency_code, amount(sum_)] for sum_ in page.openings]
        write(form, {"account": account, "title": page.title, "party": party or None,
                     **_facts(page)}, [table, openings])  # fmt: skip
        return
    whose = f" of {party}" if party else ""
    table.title = f"{account} {page.title}{whose}{_between(first, page)}"
    before = ", ".join(f"{sum_.currency_code} {worded(amount(sum_))}" for sum_ in page.openings)
    _show(table, f"Before: {before or 'nothing'}.", page)


def stock_card(
    part: Annotated[
        str, typer.Argument(parser=options.part, metavar="PART", help="The part's number.")
    ],
    place: Annotated[
        str | None,
        typer.Option(parser=options.place, metavar="PLACE", help="Only here; also @in-transit."),
    ] = None,
    first: _From = None,
    last: _To = None,
    limit: _Limit = None,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """What came and went of a part, and what lay there after each line, in pieces and money.

    Over all places, what goes from one of them to another has a line at each.
    """
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        request = stock_service_pb2.ListStockCardLinesRequest(
            parent=connection.part(part),
            place=f"{connection.book}/places/{place}" if place else "",
            as_of_position=at_position,
            from_date=day_message(first), to_date=day_message(last),
        )  # fmt: skip
        listing = StockServiceStub(connection.channel).ListStockCardLines
        page, lines = _lines(connection, listing, request, limit)
    _print_card(
        form, f"{part}{f' at {place}' if place else ''}{_between(first, page)}", page, lines
    )


def _print_card(form: Form, of: str, page: Any, lines: Sequence[Any]) -> None:
    table, value = _card_table(lines), page.opening_value
    if form is not Form.TABLE:
        opening = {"opening_quantity": page.opening_quantity, "opening_value": amount(value),
                   "currency": value.currency_code}  # fmt: skip
        write(form, {**_facts(page), **opening}, [table])
        return
    table.title = f"Stock card of {of}"
    worth = f"{value.currency_code} {worded(amount(value))}"
    _show(table, f"Before: {counted(page.opening_quantity, 'piece')}, {worth}.", page)


def _lines(
    connection: Connection, listing: Any, request: Any, limit: int | None
) -> tuple[Any, list[Any]]:
    """The first page, which has what stands before the lines, and the lines of all pages."""
    request.page_size = min(limit or _PAGE, _PAGE)
    pages = connection.pages(listing, request)
    first = next(pages)
    rest = (line for page in pages for line in page.lines)
    lines = [*first.lines, *islice(rest, limit and max(0, limit - len(first.lines)))]
    return first, lines


def _account_table(lines: Sequence[Any], own: str, of_party: bool) -> Table:
    foreign = any(line.amount.currency_code != own for line in lines)
    columns = [
        *_step_columns(lines),
        Column("party", shown=not of_party),
        Column("item", shown=any(line.item for line in lines)),
        Column("due_on", "due", shown=any(line.HasField("due_on") for line in lines)),
        Column("amount"), Column("balance"), Column("currency", shown=foreign),
        Column("functional", "worth", shown=foreign),
        Column("functional_balance", f"balance in {own}", shown=foreign),
        Column("functional_currency", shown=False),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [*_step_cells(line.step), line.party or None, line.item or None,
         day(line.due_on) or None, amount(line.amount), amount(line.balance),
         line.amount.currency_code, amount(line.functional), amount(line.functional_balance), own]
        for line in lines
    ]  # fmt: skip
    return Table("lines", columns, rows)


def _card_table(lines: Sequence[Any]) -> Table:
    columns = [
        *_step_columns(lines), Column("place"), Column("other_place", "from / to"),
        Column("quantity", "pieces"), Column("balance_quantity", "balance"), Column("value"),
        Column("balance_value", "worth"), Column("currency", shown=False),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [*_step_cells(line.step), short(line.place), short(line.other_place), line.quantity,
         line.balance_quantity, amount(line.value), amount(line.balance_value),
         line.value.currency_code]
        for line in lines
    ]  # fmt: skip
    return Table("lines", columns, rows)


def _step_columns(lines: Sequence[Any]) -> list[Column]:
    late = any(line.step.occurred_on != line.step.effective_on for line in lines)
    return [
        Column("effective_on", "on"), Column("occurred_on", "happened", shown=late),
        Column("position", grouped=False), Column("what", wraps=True),
        Column("cause", "document step"), Column("document", "paper"),
        Column("actor", "by", wraps=True), Column("record_time", shown=False),
    ]  # fmt: skip


def _step_cells(step: Step) -> list[Cell]:
    """What caused an entry is the step of a document; a document's own step is that itself."""
    cause = f"{step.caused_by}@{step.caused_by_version}" if step.caused_by else (
        f"{step.stream}@{step.version}"
    )  # fmt: skip
    return [day(step.effective_on), day(step.occurred_on), step.position,
            step.topic.partition(".")[2], cause, step.document or None, step.actor,
            moment(step.record_time)]  # fmt: skip


def _facts(page: Any) -> dict[str, Cell]:
    return {"to_date": day(page.to_date), "as_of_position": page.as_of_position}


def _between(first: date | None, page: Any) -> str:
    return f"{f' from {first}' if first else ''} to {day(page.to_date)}"


def _show(table: Table, before: str, page: Any) -> None:
    parts = [rich_table(table)] if table.rows else ["No lines."]
    closing = f"{before} {counted(len(table.rows), 'line')}. Position {page.as_of_position}."
    show(out(), *parts, closing)
