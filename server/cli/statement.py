"""`partsledger statement`: a dealer's month, line by line, and what it still owes."""

from dataclasses import replace
from typing import Annotated, Any, Final

import typer
from rich.console import Console, RenderableType

from partsledger.v1 import statement_service_pb2 as pb
from partsledger.v1.statement_service_pb2_grpc import StatementServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.options import Form
from server.cli.tables import Cell, Column, Table, fits, out, rich_table, show, write
from server.cli.wording import Amount, amount, day, moment, short

EXAMPLES: Final = (
    "partsledger statement D01 2025-12",
    "partsledger statement D01 2025-12 --csv > statement.csv",
    "partsledger statement D01 2025-12 --json | jq -r .content_hash",
)

ROWS: Final = ("lines", "open_items", "pending_claims")  # Of a statement, as they come in pages.
_KIND: Final = 5  # The column with the kind of a line,
_SIDES: Final = slice(6, 8)  # and those with its debit and credit.
AGES: Final = {
    "not_due": "not due", "days_0_to_30": "0–30 days", "days_31_to_60": "31–60",
    "days_61_to_90": "61–90", "days_91_to_180": "91–180", "over_180_days": "over 180",
}  # fmt: skip


def statement(
    dealer: Annotated[str, typer.Argument(parser=options.code, metavar="DEALER")],
    month: Annotated[str, typer.Argument(parser=options.month, metavar="MONTH")],
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """A dealer's monthly statement: opening, lines, closing, open items by age, pending claims.

    The CSV holds the lines; the JSON holds everything.
    """
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        response = read(connection, dealer, month, at_position)
    found = response.statement
    if form is Form.TABLE:
        console = out()
        show(console, *for_people(console, found))
    else:
        facts = {**_facts(found), "as_of_position": response.as_of_position}
        write(form, facts, [_lines(found), _open_items(found), _pending(found)])


def read(
    connection: Connection, dealer: str, month: str, at_position: int = 0, min_position: int = 0
) -> pb.GetStatementResponse:
    request = pb.GetStatementRequest(
        name=f"{connection.book}/dealers/{dealer}/statements/{month}",
        as_of_position=at_position,
        min_position=min_position,
    )
    stub = StatementServiceStub(connection.channel)
    return connection.ask_for_all(stub.GetStatement, request, _statement, ROWS)


def _statement(response: pb.GetStatementResponse) -> pb.Statement:
    return response.statement


def for_people(console: Console, found: pb.Statement) -> list[RenderableType]:
    """The lines between opening and closing, the open items by age, and what is under way."""
    lines = _lines(found)
    lines.title = f"Statement of {short(found.dealer)} for {found.month}, {found.currency}"
    lines.rows = [_for_people(row) for row in lines.rows]
    lines.rows.insert(0, _bare("opening", amount(found.opening)))
    lines.total = _bare("closing", amount(found.closing))
    lines.total[_SIDES] = [amount(found.debit), amount(found.credit)]
    account = rich_table(lines)
    if not fits(console, account):
        lines.columns = [replace(column, shown=False) if column.key == "position" else column
                         for column in lines.columns]  # fmt: skip
        account = rich_table(lines)
    parts: list[RenderableType] = [account, rich_table(_ages(found))]
    if found.pending_claims:
        pending = _pending(found)
        pending.title = "Claims under way: on no account yet"
        parts.append(rich_table(pending))
    issued = found.state == pb.STATEMENT_STATE_ISSUED
    state = f"Issued {moment(found.issue_time)}" if issued else "Provisional: it may still change"
    return [*parts, f"{state}.\nContent hash {found.content_hash}"]


def _facts(found: pb.Statement) -> dict[str, Any]:
    by_age = {name: amount(getattr(found.open_by_age, name)).text for name in AGES}
    return {
        "name": found.name,
        "dealer": short(found.dealer),
        "month": found.month,
        "currency": found.currency,
        "opening": amount(found.opening),
        "debit": amount(found.debit),
        "credit": amount(found.credit),
        "closing": amount(found.closing),
        "open_by_age": by_age,
        "state": pb.StatementState.Name(found.state).removeprefix("STATEMENT_STATE_").lower(),
        "content_hash": found.content_hash,
        "issue_time": moment(found.issue_time) or None,
    }


def _lines(found: pb.Statement) -> Table:
    columns = [
        Column("position", grouped=False), Column("account_version", shown=False),
        Column("effective_on", "counts on"), Column("occurred_on", shown=False),
        Column("document"), Column("kind", wraps=True), Column("debit"), Column("credit"),
        Column("balance"), Column("currency", shown=False), Column("prior_period", shown=False),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [line.position, line.account_version, day(line.effective_on), day(line.occurred_on) or None,
         line.document, line.kind, amount(line.debit), amount(line.credit), amount(line.balance),
         found.currency, line.prior_period]
        for line in found.lines
    ]  # fmt: skip
    return Table("lines", columns, rows)


def _for_people(row: list[Cell]) -> list[Cell]:
    """The side that is zero left blank, as on paper; and what came late marked."""
    kind = f"{row[_KIND]}, prior period" if row[-1] else row[_KIND]
    sides = [None if isinstance(cell, Amount) and cell.is_zero else cell for cell in row[_SIDES]]
    return [*row[:_KIND], kind, *sides, *row[_SIDES.stop :]]


def _bare(what: str, balance: Cell) -> list[Cell]:
    """A line that shows a balance and is not an entry."""
    return [None, None, None, None, None, what, None, None, balance, None, None]


def _ages(found: pb.Statement) -> Table:
    """The open items by days past due: one row."""
    columns = [Column(key, heading) for key, heading in AGES.items()]
    row: list[Cell] = [amount(getattr(found.open_by_age, key)) for key in AGES]
    return Table("open_by_age", columns, [row], title="Open items by days past due")


def _open_items(found: pb.Statement) -> Table:
    columns = [Column(key) for key in
               ("item", "account", "amount", "currency", "due_on", "days_overdue", "functional",
                "functional_currency")]  # fmt: skip
    rows: list[list[Cell]] = [
        [item.item, item.account, amount(item.amount), found.currency, day(item.due_on),
         item.days_overdue, amount(item.functional) if item.HasField("functional") else None,
         item.functional.currency_code or None]
        for item in found.open_items
    ]  # fmt: skip
    return Table("open_items", columns, rows)


def _pending(found: pb.Statement) -> Table:
    columns = [Column("claim"), Column("document"), Column("submitted_on"), Column("claimed"),
               Column("approved"), Column("currency", shown=False)]  # fmt: skip
    rows: list[list[Cell]] = [
        [short(claim.claim), claim.document, day(claim.submitted_on), amount(claim.claimed),
         amount(claim.approved) if claim.HasField("approved") else None, found.currency]
        for claim in found.pending_claims
    ]  # fmt: skip
    return Table("pending_claims", columns, rows)
