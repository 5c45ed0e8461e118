"""What PostgreSQL and the pool of connections refuse, in the words of the event sourcing library.

    PersistenceError
    ├── InterfaceError             the connection is closed, or used wrongly
    └── DatabaseError
        ├── DataError              a value that no column can hold
        ├── IntegrityError         a row that is there already, or breaks a rule of its table
        ├── InternalError
        ├── NotSupportedError
        ├── OperationalError       the server is gone, busy or full: another try may succeed
        │   ├── ConnectionUnavailableError
        │   ├── TookTooLong        a query was given up: its time was over
        │   └── DatabaseRefuses    a right was taken away, a table is gone: an operator mends it
        └── ProgrammingError       a statement that makes no sense: a defect of ours

Pooled connections raise these by themselves; who keeps a connection of his own uses
`library_errors`, so that nobody above sees an error of psycopg2 or of SQLAlchemy's pool.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg2
from eventsourcing.persistence import (
    ConnectionUnavailableError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    PersistenceError,
    ProgrammingError,
)
from psycopg2 import errors
from sqlalchemy.exc import TimeoutError as PoolTimeout


class TookTooLong(OperationalError):  # noqa: N818
    """A query was given up: whoever asked waits no longer."""


class DatabaseRefuses(OperationalError):  # noqa: N818 - Named after what it does.
    """The database does not let us do what a server has to do, until an operator puts it right."""

    def __init__(self, refusal: psycopg2.Error) -> None:
        said = refusal.diag.message_primary or str(refusal)
        super().__init__(f"the database refuses: {said}. An operator has to put that right")


# What is so after a right was revoked, or a table, a schema or a role dropped.
_REFUSALS: Final = (
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.InvalidSchemaName,
    errors.UndefinedObject,
    errors.InvalidParameterValue,  # SET ROLE, where there is no such role.
)

_LIBRARY_CLASS: dict[type[BaseException], type[PersistenceError]] = {
    psycopg2.InterfaceError: InterfaceError,
    psycopg2.OperationalError: OperationalError,
    psycopg2.DataError: DataError,
    psycopg2.IntegrityError: IntegrityError,
    psycopg2.InternalError: InternalError,
    psycopg2.ProgrammingError: ProgrammingError,
    psycopg2.NotSupportedError: NotSupportedError,
    psycopg2.DatabaseError: DatabaseError,
    psycopg2.Error: PersistenceError,
}

# PostgreSQL counts these as "invalid transaction state", and psycopg2 as InternalError. For a
# caller both mean that it does not work now, on this connection.
_READ_ONLY_TRANSACTION = "25006"
_IDLE_IN_TRANSACTION_TIMEOUT = "25P03"


def library_error(error: psycopg2.Error) -> PersistenceError:
    """The library's error for one of psycopg2's."""
    if isinstance(error, _REFUSALS):
        return DatabaseRefuses(error)
    if isinstance(error, errors.QueryCanceled):
        return TookTooLong(str(error))
    lost = type(error) is psycopg2.DatabaseError and error.pgcode is None  # Cut off in a COPY.
    if lost or error.pgcode in (_READ_ONLY_TRANSACTION, _IDLE_IN_TRANSACTION_TIMEOUT):
        return OperationalError(str(error))
    kind = next(_LIBRARY_CLASS[c] for c in type(error).__mro__ if c in _LIBRARY_CLASS)
    return kind(str(error))


@contextmanager
def library_errors() -> Iterator[None]:
    """Raises the library's error in place of a driver's."""
    try:
        yield
    except psycopg2.Error as error:
        raise library_error(error) from error
    except PoolTimeout as error:
        raise ConnectionUnavailableError(str(error)) from error
