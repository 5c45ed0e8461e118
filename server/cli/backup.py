"""`partsledger backup`: writes a book's log to a file, while its server goes on or without one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.cli import options
from server.cli.failure import NO, Failure
from server.cli.logs import log_to_stderr
from server.cli.progress import progress
from server.cli.serve import DatabaseUrl, DataDir
from server.cli.tables import out, write_json

if TYPE_CHECKING:
    from server.backup.taking import Taken

EXAMPLES: Final = (
    "partsledger backup /backups",
    "partsledger backup main.backup --data-dir ./ledger",
    "partsledger backup main.backup --database-url postgresql://ledger@db/ledger --json",
)

PgBin = Annotated[
    Path | None,
    typer.Option(
        "--pg-bin", metavar="DIR", help="Where pg_dump and pg_restore are; default: our own."
    ),
]


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE_OR_DIR", help="In a directory, the file gets a name.")
    ],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    book: Annotated[
        str | None, typer.Option(metavar="BOOK", help="The book to back up; default: main.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    pg_bin: PgBin = None,
    as_json: options.Json = False,
) -> None:
    """Backs up one book: its log, as of one moment. The server goes on meanwhile.

    The file is there as a whole or not at all. The last position and the root hash of the log are
    printed: kept elsewhere, they tell whether a restored log is this one.
    """
    # These import the database code: commands that only ask a server should not wait for that.
    from server.backup.errors import BackupRefused
    from server.backup.programs import Programs
    from server.backup.taking import take
    from server.postgres.data_directory import CannotStart
    from server.settings import BadSettings, Settings

    log_to_stderr("console", quiet=True)
    try:
        settings = Settings.read(data_dir=data_dir, database_url=database_url, book=book)
        with progress(f"backing up book {settings.book}") as told:
            taken = take(settings, target, force, Programs(pg_bin), told)
    except (BadSettings, BackupRefused, CannotStart) as refused:
        raise Failure(str(refused)) from None
    _tell(taken, as_json)
    if taken.faults:
        raise typer.Exit(NO)


def _tell(taken: "Taken", as_json: bool) -> None:
    log = taken.manifest.log
    if as_json:
        options.form(as_json, as_csv=False)
        write_json({
            "file": str(taken.file), "book": log.book, "position": log.position,
            "last_leaf_hash": log.last_leaf_hash, "root_hash": log.root_hash,
            "bytes": taken.bytes, "seconds": round(taken.seconds, 3), "sound": not taken.faults,
            "faults": [fault._asdict() for fault in taken.faults],
        })  # fmt: skip
    else:
        out().print(
            f"Book {log.book} is backed up to position {log.position:,}: {taken.file}, "
            f"{taken.bytes:,} bytes, in {taken.seconds:.1f} s.\n"
            f"Root hash {log.root_hash}",
            soft_wrap=True,
        )
        for fault in taken.faults:
            out().print(f"The log was altered, at entry {fault.position}: {fault.what}")
