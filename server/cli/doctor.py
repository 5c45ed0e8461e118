"""`partsledger doctor`: looks a book and its database over, and says what to look after."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.cli import options
from server.cli.failure import NO, Failure
from server.cli.logs import log_to_stderr
from server.cli.serve import DatabaseUrl, DataDir
from server.cli.tables import Column, Table, out, rich_table, show, write_json

if TYPE_CHECKING:
    from server.doctor.finding import Finding

EXAMPLES: Final = (
    "partsledger doctor",
    "partsledger doctor --database-url postgresql://ledger@db/ledger --json",
)


def doctor(
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    book: Annotated[
        str | None, typer.Option(metavar="BOOK", help="The book to look at; default: main.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Looks over versions, durability, clocks, room, replication, the log and its views.

    It works on the database itself, with the server or without it, and changes nothing. It ends
    with 1 if something is wrong.
    """
    # These import the database code: commands that only ask a server should not wait for that.
    from server.backup.errors import BackupRefused
    from server.doctor.examining import examine
    from server.doctor.finding import Verdict
    from server.postgres.data_directory import CannotStart
    from server.settings import BadSettings, Settings

    log_to_stderr("console", quiet=True)
    try:
        settings = Settings.read(data_dir=data_dir, database_url=database_url, book=book)
        findings = list(examine(settings))
    except (BadSettings, BackupRefused, CannotStart) as refused:
        raise Failure(str(refused)) from None
    if as_json:
        options.form(as_json, as_csv=False)
        write_json({}, [_table(findings)])
    else:
        show(out(), rich_table(_table(findings)))
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        raise typer.Exit(NO)


def _table(findings: "list[Finding]") -> Table:
    columns = [
        Column("check"), Column("verdict"), Column("found", wraps=True),
        Column("advice", wraps=True),
    ]  # fmt: skip
    return Table(
        "findings", columns,
        [[str(value) for value in finding] for finding in findings],
    )  # fmt: skip
