"""Restores a book from a backup where there is none of it: in one transaction, or not at all.

The tables, their triggers and the rights on them are made as for a new book; only rows come from
the backup. Before the transaction ends, every entry is recomputed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import psycopg2
from psycopg2.extensions import connection
from psycopg2.sql import SQL, Composed, Identifier

from domain.storing import FORM
from server.backup.archive import Archive, Contents, Manifest, Told, opened
from server.backup.databases import Database, to_be_filled
from server.backup.dumped_rows import Copied, tables
from server.backup.errors import BackupRefused, LogAltered, NoBackup
from server.backup.programs import Programs
from server.eventlog.books import schema_of
from server.eventlog.errors import LogExists
from server.eventlog.inspection import Fault
from server.eventlog.migrations import knows_tables, new_log
from server.eventlog.recomputing import Recomputed, recompute
from server.postgres.pool import Datastore
from server.postgres.processes import exit_on_termination
from server.settings import Settings

# Other tables of a dump are passed over: what is in them, the migration and the server make.
_FILLED: Final = ("topics", "entries", "answers", "snapshots", "suspects", "head", "tracking")


class Restored(NamedTuple):
    """A book that is there again, and the backup it came from."""

    manifest: Manifest
    recomputed: Recomputed
    seconds: float


# A step by its name: within the block, it is told how far it has come.
Steps = Callable[[str], AbstractContextManager[Told]]


def restore(settings: Settings, file: Path, programs: Programs, steps: Steps) -> Restored:
    """Raises BackupRefused or CannotStart; then the database is as it was."""
    began = time.monotonic()
    with exit_on_termination(), opened(file) as archive:
        _require_known(file, archive.manifest)
        with steps("reading the backup") as told:
            archive.require_whole(told)
        with to_be_filled(settings) as database:
            recomputed = _restored(database, file, archive, programs, steps)
    return Restored(archive.manifest, recomputed, time.monotonic() - began)


def _require_known(file: Path, manifest: Manifest) -> None:
    """Refuses the backup of a log that this version does not read."""
    if manifest.log.form > FORM or not knows_tables(manifest.log.tables):
        raise NoBackup(
            file,
            f"holds a log that partsledger {manifest.partsledger} has written, and this version "
            f"does not know its tables or its facts: restore it with that version, or a newer one",
        )


def _restored(
    database: Database, file: Path, archive: Archive, programs: Programs, steps: Steps
) -> Recomputed:
    log = archive.manifest.log
    schema = schema_of(log.book)
    datastore = Datastore(database.url, schema, mark=database.mark)
    with (
        _refused_where_a_log_is(database, log.book),
        new_log(database.url, schema, log.tables, database.mark) as connection,
    ):
        with (
            steps("restoring the log") as told,
            archive.dump() as dump,
            programs.text_of(dump) as text,
        ):
            _fill(connection, file, schema, text, lambda done: told(min(done, log.rows), log.rows))
        with steps("recomputing the log") as told:
            recomputed = recompute(connection, datastore, lambda done: told(done, log.position))
        if faults := [*recomputed.faults, *_otherwise(log, recomputed)]:
            raise LogAltered(file, faults)
    return recomputed


@contextmanager
def _refused_where_a_log_is(database: Database, book: str) -> Iterator[None]:
    try:
        yield
    except LogExists as there:
        where = "the data directory" if database.private else "the database"
        raise BackupRefused(
            f"{where} holds something of the book {book} already ({there}), and stays as it is: "
            f"restore into another --data-dir or --database-url"
        ) from there


def _fill(
    opened: connection, file: Path, schema: str, text: BinaryIO, told: Callable[[int], None]
) -> None:
    with opened.cursor() as c:
        # The migration has put a row there, for a new log.
        c.execute(SQL("DELETE FROM {}").format(Identifier(schema, "head")))
        try:
            for copied in tables(text, told):
                if copied.schema == schema and copied.table in _FILLED:
                    c.copy_expert(_copy(copied).as_string(c), copied.rows)
                else:
                    while copied.rows.read():
                        continue
                if not copied.rows.whole:
                    raise NoBackup(file, f"is damaged (it ends within the table {copied.table})")
        except (psycopg2.DataError, psycopg2.IntegrityError) as error:
            said = " ".join(str(error).split())
            raise NoBackup(file, f"cannot be read as a log ({said})") from error


def _copy(copied: Copied) -> Composed:
    return SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(copied.schema, copied.table),
        SQL(", ").join(Identifier(column) for column in copied.columns),
    )


def _otherwise(log: Contents, found: Recomputed) -> Iterator[Fault]:
    """Where the log is another one than the backup says."""
    if found.position != log.position:
        yield Fault(found.position + 1, f"the backup says that it ends at {log.position}")
    elif found.root_hash.hex() != log.root_hash:
        yield Fault(found.position, "the root hash up to it is not the one that the backup says")
