"""Every error of the driver becomes one of the library's."""

import psycopg2
import pytest
from eventsourcing import persistence as library
from psycopg2 import errors

from server.postgres.errors import DatabaseRefuses, library_error


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        (errors.UniqueViolation, library.IntegrityError),
        (errors.CheckViolation, library.IntegrityError),
        (errors.AdminShutdown, library.OperationalError),
        (errors.DiskFull, library.OperationalError),
        (errors.LockNotAvailable, library.OperationalError),
        (errors.UndefinedColumn, library.ProgrammingError),
        (errors.CharacterNotInRepertoire, library.DataError),
        (errors.FeatureNotSupported, library.NotSupportedError),
        (errors.InFailedSqlTransaction, library.InternalError),
        (psycopg2.InterfaceError, library.InterfaceError),
        (psycopg2.DatabaseError, library.OperationalError),  # No code: the connection broke.
        (psycopg2.Error, library.PersistenceError),
    ],
)
def test_a_driver_error_becomes_the_library_error_of_its_kind(
    driver: type[psycopg2.Error], expected: type[library.PersistenceError]
) -> None:
    error = library_error(driver("said the server"))
    assert type(error) is expected
    assert str(error) == "said the server"


@pytest.mark.parametrize(
    "driver", [errors.UndefinedTable, errors.InsufficientPrivilege, errors.InvalidSchemaName]
)
def test_what_an_operator_can_put_right_is_told_apart_and_in_one_line(
    driver: type[psycopg2.Error],
) -> None:
    error = library_error(driver("said the server"))
    assert type(error) is DatabaseRefuses
    assert str(error) == (
        "the database refuses: said the server. An operator has to put that right"
    )
