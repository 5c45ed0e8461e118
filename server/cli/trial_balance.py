"""`partsledger trial-balance`: every account, and the proof that debits equal credits."""

from datetime import date
from typing import Annotated, Final

import typer
from rich.console import RenderableType

from partsledger.v1 import statement_service_pb2 as pb
from partsledger.v1.statement_service_pb2_grpc import StatementServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.failure import NO
from server.cli.options import Form
from server.cli.tables import Cell, Column, Table, out, rich_table, show, worded, write
from server.cli.wording import amount, day, day_message

EXAMPLES: Final = (
    "partsledger trial-balance",
    "partsledger trial-balance --as-of 2025-09-30 --by-party",
    "partsledger trial-balance --json | jq '.differences'",
)


def trial_balance(
    as_of: options.AsOf = None,
    at_position: options.AtPosition = 0,
    by_party: Annotated[
        bool,
        typer.Option("--by-party", help="A line for each dealer, supplier or place of an account."),
    ] = False,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """The trial balance. Ends with 1 if debits and credits differ: the books are damaged then."""
    form = options.form(as_json, as_csv, csv_bom)
    with connected(server, book) as connection:
        response = read(connection, as_of, at_position, by_party)
    if form is Form.TABLE:
        show(out(), *for_people(response, by_party))
    else:
        facts = {"as_of_date": day(response.as_of_date), "as_of_position": response.as_of_position}
        write(form, facts, [_accounts(response), _differences(response)])
    if not balances(response):
        raise typer.Exit(NO)


def read(
    connection: Connection, as_of: date | None = None, at_position: int = 0, by_party: bool = False
) -> pb.GetTrialBalanceResponse:
    request = pb.GetTrialBalanceRequest(
        parent=connection.book,
        as_of_position=at_position,
        as_of_date=day_message(as_of),
        by_party=by_party,
    )
    stub = StatementServiceStub(connection.channel)
    found: pb.GetTrialBalanceResponse = connection.ask_for_all(
        stub.GetTrialBalance, request, lambda page: page, ["accounts"]
    )
    return found


def balances(response: pb.GetTrialBalanceResponse) -> bool:
    """Whether debits equal credits in each currency, and all of them in the book's."""
    differences = [*response.differences, response.functional_difference]
    return all(amount(difference).is_zero for difference in differences)


def for_people(
    response: pb.GetTrialBalanceResponse, by_party: bool = False
) -> list[RenderableType]:
    table = _accounts(response, by_party, foreign=len(response.differences) > 1)
    table.title = f"Trial balance on {day(response.as_of_date)}"
    sums = [
        f"{difference.currency_code} {worded(amount(difference))}"
        for difference in response.differences
    ]
    if len(sums) > 1:
        together = response.functional_difference
        sums.append(f"all in {together.currency_code} {worded(amount(together))}")
    return [
        rich_table(table),
        f"Debits less credits: {', '.join(sums) or 'nothing is posted'}."
        f" Position {response.as_of_position}.",
    ]


def _accounts(
    response: pb.GetTrialBalanceResponse, show_party: bool = True, foreign: bool = True
) -> Table:
    """What all of it is worth in the book's currency is shown where not all of it is in it."""
    own = response.functional_difference.currency_code
    columns = [
        Column("account"), Column("title", wraps=True), Column("party", shown=show_party),
        Column("currency"), Column("debit"), Column("credit"), Column("balance"),
        Column("functional_debit", shown=False), Column("functional_credit", shown=False),
        Column("functional_balance", f"in {own}", shown=foreign),
        Column("functional_currency", shown=False),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [line.account, line.title, line.party, line.balance.currency_code, amount(line.debit),
         amount(line.credit), amount(line.balance), amount(line.functional_debit),
         amount(line.functional_credit), amount(line.functional_balance), own]
        for line in response.accounts
    ]  # fmt: skip
    return Table("accounts", columns, rows)


def _differences(response: pb.GetTrialBalanceResponse) -> Table:
    columns = [Column("currency"), Column("difference")]
    rows: list[list[Cell]] = [
        [money.currency_code, amount(money)] for money in response.differences
    ]
    return Table("differences", columns, rows)
