"""`partsledger demo`: imports the example files into a database of its own and prints reports."""

import csv
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.rule import Rule

from server.cli import ageing, import_files, rebuild, statement, trial_balance
from server.cli.channel import Connection, connected
from server.cli.failure import NO, Failure
from server.cli.logs import log_to_stderr
from server.cli.tables import out, show
from server.cli.tally import Fate, Tally, refused_places

EXAMPLES: Final = ("partsledger demo", "partsledger demo --data-dir /tmp/ledger")

_EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "small"
_EXPECTED: Final = "expected_refusals.csv"
_LAST_DAY: Final = date(2025, 12, 31)  # Of the example files.
_DEALER: Final = "D01"
_MONTH: Final = "2025-11"
_ZONE: Final = "Asia/Shanghai"


def demo(
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where its data is kept; demo/ under the data directory of `serve`."),
    ] = None,
) -> None:
    """Serves a private PostgreSQL, imports the examples, and prints what finance reads.

    Run again, it records nothing twice. Ends with 1 if a line was refused that should not be, one
    accepted that should not be, or a rebuilt view differed.
    """
    if not (_EXAMPLES / _EXPECTED).is_file():
        raise Failure(
            f"there are no example files in {_EXAMPLES}",
            "the demo runs in a clone of the repository: `make demo`",
        )
    started = time.monotonic()
    console = out()
    with _served(data_dir, console) as (connection, kept_in):
        console.print(Rule("Import", align="left"))
        tally = import_files.run(connection, _EXAMPLES)
        show(console, *tally.for_people())
        unforeseen = surprises(tally)
        for surprise in unforeseen:
            console.print(surprise, style="red")
        if not unforeseen:
            console.print(f"All refused lines are meant to be refused: {_EXPECTED} lists them.")
        same = _reports(connection, console)
    console.print(Rule("What now", align="left"))
    console.print(_what_now(kept_in, time.monotonic() - started), soft_wrap=True)
    if unforeseen or not same:
        raise typer.Exit(NO)


@contextmanager
def _served(data_dir: Path | None, console: Console) -> Iterator[tuple[Connection, Path]]:
    """A server on a free port. Another database that the environment may name is not used."""
    # These import the database code: commands that only ask a server should not wait for that.
    from server.app import running
    from server.postgres.data_directory import CannotStart
    from server.settings import BadSettings, Settings

    log_to_stderr("console", quiet=True)
    try:
        kept_in = (data_dir or _beside_the_ledger()).expanduser().resolve()
        console.print(f"Starting PostgreSQL and the server on {kept_in} …", soft_wrap=True)
        settings = Settings.read(
            data_dir=kept_in, listen="127.0.0.1:0", book="main", currency="CNY",
            time_zone=_ZONE,
            accept_clock=datetime.now(ZoneInfo(_ZONE)).date(),  # It may have rested for months.
        )  # fmt: skip
        private = settings.model_copy(update={"database_url": None})
        with running(private) as app, connected(app.address, "main", "demo") as connection:
            console.print(f"Serving gRPC on {app.address}.")
            yield connection, kept_in
    except BadSettings as refused:
        raise Failure(str(refused)) from None
    except CannotStart as refused:
        raise Failure(str(refused)) from None


def _beside_the_ledger() -> Path:
    from server.settings import BadSettings, Settings

    home = Settings.read().data_dir
    if home is None:
        raise BadSettings("this user has no home directory: name one with --data-dir")
    return home / "demo"


def _reports(connection: Connection, console: Console) -> bool:
    """Prints the reports as of the examples' last day; whether rebuilt views are the same."""
    console.print(Rule("Inventory ageing", align="left"))
    show(console, *ageing.for_people(console, ageing.read(connection, _LAST_DAY)))
    console.print(Rule("A dealer's statement", align="left"))
    found = statement.read(connection, _DEALER, _MONTH).statement
    show(console, *statement.for_people(console, found))
    console.print(Rule("Trial balance", align="left"))
    show(console, *trial_balance.for_people(trial_balance.read(connection, _LAST_DAY)))
    console.print(Rule("Proof", align="left"))
    result = rebuild.run(connection)
    show(console, *rebuild.for_people(result))
    return result.same


def surprises(tally: Tally) -> list[str]:
    """Where the import did not go as the examples say. Reasons are compared only the first time.

    The second time months are closed, and a line may be refused for that before anything else.
    """
    with (_EXAMPLES / _EXPECTED).open(encoding="utf-8-sig", newline="") as file:
        expected = {(row["file"], int(row["line"])): row["reason"] for row in csv.DictReader(file)}
    found = refused_places(tally.refusals)
    first_time = tally.count(Fate.REPEATED) == 0
    wrong = [
        f"{name}:{line} should have been refused as {expected[name, line]}"
        for name, line in sorted(expected.keys() - found.keys())
    ]
    for (name, line), reason in sorted(found.items()):
        wanted = expected.get((name, line))
        if wanted is None:
            wrong.append(f"{name}:{line} should not have been refused: {reason}")
        elif wanted != reason and first_time:
            wrong.append(f"{name}:{line} should have been refused as {wanted}, not {reason}")
    return wrong


def _what_now(kept_in: Path, seconds: float) -> str:
    program = _program()
    directory = shlex.quote(str(kept_in))
    return "\n".join(
        (
            f"Done in {int(seconds)} s. The data is in {kept_in}. To look around, serve it:",
            "",
            f"  {program} serve --data-dir {directory}",
            "",
            "and ask from another terminal:",
            "",
            f"  {program} ageing --as-of {_LAST_DAY} --by-part",
            f"  {program} statement {_DEALER} {_MONTH}",
            f"  {program} trial-balance --as-of {_LAST_DAY} --by-party",
            f"  {program} entries --limit 20",
            "",
            "Run the demo again: nothing is imported twice.",
        )
    )


def _program() -> str:
    """What to type for this program: its path, where the shell does not find it by name."""
    if shutil.which("partsledger"):
        return "partsledger"
    return shlex.quote(os.path.relpath(sys.argv[0]))
