"""Every error of the driver reaches the program as one of the library's."""

from contextlib import closing

import psycopg2
import pytest
from eventsourcing import persistence as library
from eventsourcing.persistence import OperationalError, PersistenceError, ProgrammingError
from psycopg2 import errors

from server.eventlog.errors import library_error
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        (errors.UniqueViolation, library.IntegrityError),
        (errors.CheckViolation, library.IntegrityError),
        (errors.AdminShutdown, library.OperationalError),
        (errors.DiskFull, library.OperationalError),
        (errors.LockNotAvailable, library.OperationalError),
        (errors.UndefinedTable, library.ProgrammingError),
        (errors.InsufficientPrivilege, library.ProgrammingError),
        (errors.CharacterNotInRepertoire, library.DataError),
        (errors.FeatureNotSupported, library.NotSupportedError),
        (errors.InFailedSqlTransaction, library.InternalError),
        (psycopg2.InterfaceError, library.InterfaceError),
        (psycopg2.DatabaseError, library.OperationalError),  # No code: the connection broke.
        (psycopg2.Error, library.PersistenceError),
    ],
)
def test_a_driver_error_becomes_the_library_error_of_its_kind(
    driver: type[psycopg2.Error], expected: type[PersistenceError]
) -> None:
    error = library_error(driver("said the server"))
    assert type(error) is expected
    assert str(error) == "said the server"


def test_a_schema_that_was_never_migrated_is_a_programming_error(
    database_url: str, book: str
) -> None:
    with (
        closing(Datastore(database_url, f"{book}_other")) as datastore,
        closing(ApplicationRecorder(datastore)) as log,
    ):
        with pytest.raises(ProgrammingError, match="does not exist"):
            log.head()
        with pytest.raises(ProgrammingError, match="does not exist"):
            log.claim_epoch()


def test_waiting_too_long_for_a_pooled_connection_is_an_operational_error(
    database_url: str, book: str
) -> None:
    with (
        closing(
            Datastore(database_url, book, pool_size=1, max_overflow=0, pool_timeout=0.1)
        ) as datastore,
        datastore.cursor(),
        pytest.raises(OperationalError),
        datastore.cursor(),
    ):
        pass


def test_a_transaction_commits_whole_or_not_at_all(datastore: Datastore) -> None:
    insert = datastore.sql("INSERT INTO {schema}.tracking VALUES (%s, 1)")
    with datastore.transaction() as c:
        c.execute(insert, ("kept",))
    with pytest.raises(library.IntegrityError), datastore.transaction() as c:
        c.executemany(insert, [("lost",), ("kept",)])
    with datastore.cursor() as c:
        c.execute(datastore.sql("SELECT application FROM {schema}.tracking"))
        assert c.fetchall() == [("kept",)]
