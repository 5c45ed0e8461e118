"""Takes a backup of a book, while its server goes on or while there is none.

The dump and what is said about it are of one snapshot of the database. What is derived from the log
stays out: views, and snapshots of aggregates. A server makes both again.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from psycopg2.extensions import connection

from server.backup import archive
from server.backup.archive import Contents, Manifest, Told
from server.backup.databases import Database, books_in, to_be_read
from server.backup.errors import BackupRefused
from server.backup.new_file import new_file
from server.backup.programs import Programs
from server.eventlog.books import schema_of
from server.eventlog.inspection import SNAPSHOT, Fault, inspect
from server.eventlog.migrations import tables_of
from server.eventlog.tree import Tree
from server.postgres.pool import Datastore
from server.postgres.processes import exit_on_termination
from server.settings import Settings

SUFFIX: Final = ".backup"

_LEAVES: Final = "SELECT leaf_hash FROM {schema}.entries ORDER BY position"
_AT_A_TIME: Final = 50_000
_FORM: Final = "SELECT size, form FROM {schema}.head"
_TABLES: Final = ("topics", "entries", "answers", "suspects", "head", "tracking", "alembic_version")
_ROWS: Final = " + ".join(f"(SELECT count(*) FROM {{schema}}.{name})" for name in _TABLES)


class Taken(NamedTuple):
    """A backup that is on the disk."""

    file: Path
    manifest: Manifest
    bytes: int  # Of the file.
    seconds: float
    faults: list[Fault]  # Of the log: it was altered before it was backed up.


class _Seen(NamedTuple):
    """The log in a snapshot, by which another connection sees the same."""

    contents: Contents
    faults: list[Fault]
    snapshot: str
    postgres: str
    encrypted: bool  # Whether the connection is.


def take(settings: Settings, target: Path, force: bool, programs: Programs, told: Told) -> Taken:
    """Backs up the book of the settings to a file, or to a new file in a directory.

    Raises BackupRefused or CannotStart; then no file is there that was not there before.
    """
    began = time.monotonic()
    now = datetime.now(UTC)
    path = target
    if target.is_dir():
        path = target / f"{settings.book}-{now:%Y-%m-%dT%H%M%SZ}{SUFFIX}"
    with (
        exit_on_termination(),
        new_file(path, force) as file,
        to_be_read(settings) as database,
        _seen(database, settings.book, programs) as seen,
    ):
        if seen.faults and path.exists():
            raise BackupRefused(
                f"the log was altered, at entry {seen.faults[0].position}: {path} is of an earlier "
                f"day and stays; name another file"
            )
        dump = programs.dump(
            database.url, database.private, schema_of(settings.book), seen.snapshot, seen.encrypted
        )
        manifest = archive.write(
            file,
            _counted(dump, seen.contents.rows, told),
            lambda length, hashed: Manifest(
                taken_at=now, partsledger=version("partsledger"), postgres=seen.postgres,
                log=seen.contents, dump_bytes=length, dump_sha256=hashed,
            ),
        )  # fmt: skip
    return Taken(path, manifest, path.stat().st_size, time.monotonic() - began, seen.faults)


@contextmanager
def _seen(database: Database, book: str, programs: Programs) -> Iterator[_Seen]:
    """What a log is at one moment, which lasts until the block is left."""
    schema = schema_of(book)
    tables = tables_of(database.url, schema, database.mark)
    if tables is None:
        there = ", ".join(books_in(database)) or "none"
        raise BackupRefused(f"the database has no book {book}; its books are: {there}")
    datastore = Datastore(database.url, schema, mark=database.mark)
    with closing(database.connect()) as opened, opened.cursor() as c:
        programs.require_reads(opened.server_version)
        c.execute(SNAPSHOT)
        c.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        ((snapshot, postgres),) = c.fetchall()
        faults = inspect(c, datastore).faults
        c.execute(datastore.sql(f"SELECT {_ROWS}"))
        ((rows,),) = c.fetchall()
        c.execute(datastore.sql(_FORM))
        ((size, form),) = c.fetchall()
        last, root = _hashes(opened, datastore)
        contents = Contents(
            book=book, position=size, last_leaf_hash=last.hex(), root_hash=root.hex(),
            form=form, tables=tables, rows=rows,
        )  # fmt: skip
        yield _Seen(contents, faults, snapshot, postgres, opened.info.ssl_in_use)


def _hashes(opened: connection, datastore: Datastore) -> tuple[bytes, bytes]:
    """The leaf hash of the last entry, and the root hash of all."""
    tree, last = Tree(), b""
    with opened.cursor("all_leaves") as c:
        c.itersize = _AT_A_TIME
        c.execute(datastore.sql(_LEAVES))
        for (leaf,) in c:
            last = bytes(leaf)
            tree.add(last)
    return last, tree.root()


def _counted(dump: Iterator[bytes], rows: int, told: Told) -> Iterator[bytes]:
    """Tells how many rows have passed: each is a line, and little else in a dump is."""
    done = 0
    for chunk in dump:
        yield chunk
        done = min(rows, done + chunk.count(b"\n"))
        told(done, rows)
