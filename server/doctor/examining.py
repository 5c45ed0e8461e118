"""Carries out all checks on one book, while its server goes on or without one."""

from collections.abc import Iterator
from contextlib import closing

from psycopg2.extensions import cursor

from server.backup.databases import Database, books_in, to_be_read
from server.doctor import book, database
from server.doctor.finding import Finding, Verdict
from server.eventlog.books import schema_of
from server.eventlog.inspection import SNAPSHOT
from server.postgres.pool import Datastore
from server.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Finding after finding. Raises CannotStart or BackupRefused where there is no database."""
    with to_be_read(settings) as found, closing(found.connect()) as opened:
        with opened, opened.cursor() as c:
            yield database.versions(c)
            yield database.durability(c)
            yield database.clocks(c)
            yield database.room(c, settings.data_dir if found.private else None)
            yield from database.replication(c)
            yield database.transactions(c)
        if settings.book not in books_in(found):
            told = f"there is no book {settings.book}: {', '.join(books_in(found)) or 'none'}"
            yield Finding("book", Verdict.WRONG, told, "name it with --book")
            return
        with opened, opened.cursor() as c:
            c.execute(SNAPSHOT)
            yield from _of_book(c, found, settings.book)


def _of_book(c: cursor, found: Database, name: str) -> Iterator[Finding]:
    datastore = Datastore(found.url, schema_of(name), mark=found.mark)
    try:
        c.execute(datastore.sql("SELECT size FROM {schema}.head"))
        ((size,),) = c.fetchall()
        yield book.log(c, datastore)
        yield book.newest(c, datastore)
        yield book.views(c, datastore, size)
        yield book.indexes(c, datastore)
    finally:
        datastore.close()
