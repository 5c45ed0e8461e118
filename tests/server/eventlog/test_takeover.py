"""A takeover ends the connection of the writer before it, and nobody else's."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep
from uuid import uuid4

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection, make_dsn, parse_dsn

from domain.storing import RecordedEvent
from server.eventlog.append import Appender
from server.eventlog.factory import Factory
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.conftest import MakeFact

PATIENCE = 10  # Seconds, on a busy machine; a backend that is told to end takes a moment.


def backends(owner: connection, name: str) -> set[int]:
    """The pids of connections with a name, in every database of the server."""
    with owner.cursor() as c:
        c.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", (name,))
        return {pid for (pid,) in c.fetchall()}


def gone(owner: connection, name: str, pids: set[int]) -> bool:
    """Whether none of them is there any more, in the end."""
    deadline = monotonic() + PATIENCE
    while backends(owner, name) & pids:
        if monotonic() > deadline:
            return False
        sleep(0.01)
    return True


@contextmanager
def named(url: str, name: str) -> Iterator[int]:
    """A connection under a name; its pid."""
    with closing(psycopg2.connect(url, application_name=name)) as opened:
        yield opened.info.backend_pid


@contextmanager
def other_database(owner: connection, url: str) -> Iterator[str]:
    name = f"other_{uuid4().hex[:12]}"
    with owner.cursor() as c:
        c.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_dsn(**{**parse_dsn(url), "dbname": name})
        finally:
            c.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_the_old_writers_connection_is_gone_at_once(
    datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    """At once: not after the timeout that would end it if it were frozen in a transaction."""
    name = f"writer of {datastore.schema}"
    with closing(Appender(datastore)) as old, closing(Appender(datastore)) as new:
        old.append([fact(version=1)])
        before = backends(owner, name)
        assert len(before) == 1
        new.claim_epoch()

        assert gone(owner, name, before)
        assert len(backends(owner, name)) == 1, "the new one's"


def test_without_a_takeover_it_stays(
    datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    """The control: a writer's connection is not closed between its appends."""
    name = f"writer of {datastore.schema}"
    with closing(Appender(datastore)) as writer:
        writer.append([fact(version=1)])
        before = backends(owner, name)
        writer.append([fact(version=2)])

        assert backends(owner, name) == before


def test_readers_and_writers_of_other_books_and_databases_are_left_alone(
    datastore: Datastore, owner: connection, database_url: str
) -> None:
    name = f"writer of {datastore.schema}"
    with (
        other_database(owner, database_url) as other,
        named(database_url, f"reader of {datastore.schema}") as reader,
        named(database_url, f"{name}_too") as other_book,
        named(other, name) as elsewhere,
        named(database_url, name) as old,
        closing(Appender(datastore)) as new,
    ):
        new.claim_epoch()
        assert gone(owner, name, {old})

        assert reader in backends(owner, f"reader of {datastore.schema}")
        assert other_book in backends(owner, f"{name}_too")
        assert elsewhere in backends(owner, name)


def test_the_connection_it_takes_to_do_so_is_closed_again(
    datastore: Datastore, owner: connection
) -> None:
    with closing(Appender(datastore)) as new:
        new.claim_epoch()
        name = f"takeover of {datastore.schema}"

        assert gone(owner, name, backends(owner, name))


def test_a_closed_writer_leaves_no_connection(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    first: RecordedEvent = fact(version=1)
    log.append([first])
    log.look_up([], [str(first.originator_id)])
    names = [f"{who} of {log.datastore.schema}" for who in ("writer", "reader")]
    before = {name: backends(owner, name) for name in names}
    assert all(before.values())
    log.close()
    log.datastore.close()

    assert [name for name in names if not gone(owner, name, before[name])] == []


def test_a_factory_closes_the_recorders_it_made(
    database_url: str, book: str, owner: connection, fact: MakeFact
) -> None:
    name = f"writer of {book}"
    with Factory({"DATABASE_URL": database_url, "SCHEMA": book}) as factory:
        for recorder in (factory.application_recorder(), factory.process_recorder()):
            recorder.claim_epoch()
        before = backends(owner, name)
        assert before, "the last one that claimed the book"

    assert gone(owner, name, before)
