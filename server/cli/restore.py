"""`partsledger restore`: makes a book again from a backup, where there is none of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.cli import options
from server.cli.backup import PgBin
from server.cli.failure import Failure
from server.cli.logs import log_to_stderr
from server.cli.progress import progress
from server.cli.serve import DatabaseUrl, DataDir
from server.cli.tables import out, write_json
from server.cli.wording import counted

if TYPE_CHECKING:
    from server.backup.restoring import Restored

EXAMPLES: Final = (
    "partsledger restore main.backup --data-dir ./restored",
    "partsledger restore main.backup --database-url postgresql://ledger@db/ledger",
)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `partsledger backup` wrote.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    pg_bin: PgBin = None,
    as_json: options.Json = False,
) -> None:
    """Restores a book, recomputes every entry of it, and compares it with what the backup says.

    Refused where there is a log of this book. If it is not done, the database is as it was.
    """
    # These import the database code: commands that only ask a server should not wait for that.
    from server.backup.errors import BackupRefused
    from server.backup.programs import Programs
    from server.backup.restoring import restore
    from server.postgres.data_directory import CannotStart
    from server.settings import BadSettings, Settings

    log_to_stderr("console", quiet=True)
    try:
        settings = Settings.read(data_dir=data_dir, database_url=database_url)
        restored = restore(settings, file, Programs(pg_bin), progress)
    except (BadSettings, BackupRefused, CannotStart) as refused:
        raise Failure(str(refused)) from None
    _tell(restored, as_json)


def _tell(restored: "Restored", as_json: bool) -> None:
    log, found = restored.manifest.log, restored.recomputed
    if as_json:
        options.form(as_json, as_csv=False)
        write_json({
            "book": log.book, "position": found.position, "last_leaf_hash": found.last_hash.hex(),
            "root_hash": found.root_hash.hex(), "taken_at": restored.manifest.taken_at.isoformat(),
            "seconds": round(restored.seconds, 3), "sound": True,
        })  # fmt: skip
    else:
        out().print(
            f"Book {log.book} is restored up to position {found.position:,}, "
            f"in {restored.seconds:.1f} s.\n"
            f"{counted(found.position, 'entry', 'entries')} recomputed: the log is sound, and the"
            f" one that was backed up at {restored.manifest.taken_at:%Y-%m-%d %H:%M} UTC.\n"
            f"Root hash {log.root_hash}\n"
            f"The views are built from the log by the next `partsledger serve`.",
            soft_wrap=True,
        )
