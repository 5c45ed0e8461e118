"""What can go wrong with the log, in the words of the event sourcing library.

    PersistenceError
    ├── InterfaceError
    └── DatabaseError
        ├── DataError ── EntryTooLarge
        ├── IntegrityError ── BrokenChain
        ├── NotSupportedError ── UnsupportedPostgres, UnsupportedEncoding
        ├── OperationalError ── StaleEpoch
        └── ProgrammingError ── ServiceRoleUnavailable

Callers of this package never see an error of psycopg2 or of SQLAlchemy's pool. Errors of our own
are named after what is wrong, as refusals are.
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
from sqlalchemy.exc import TimeoutError as PoolTimeout


class EntryTooLarge(DataError):  # noqa: N818
    """A fact does not fit an entry of the log."""

    def __init__(self, stream: str, size: int, limit: int) -> None:
        super().__init__(f"an entry of {stream!r} would take {size} bytes, of {limit} allowed")
        self.stream = stream
        self.size = size
        self.limit = limit


class BrokenChain(IntegrityError):  # noqa: N818
    """An account stream may only be continued from its last entry."""

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"version {version} of {stream!r} does not follow its last entry")
        self.stream = stream
        self.version = version


class StaleEpoch(OperationalError):  # noqa: N818
    """Another writer has taken the book over; this one must not append again."""

    def __init__(self, schema: str, epoch: int) -> None:
        super().__init__(f"epoch {epoch} of {schema!r} is over: another writer took the book")
        self.schema = schema
        self.epoch = epoch


class UnsupportedPostgres(NotSupportedError):  # noqa: N818
    """The server is older than the oldest PostgreSQL this log is tested on."""


class UnsupportedEncoding(NotSupportedError):  # noqa: N818
    """The database cannot hold the exact bytes of every fact."""


class ServiceRoleUnavailable(ProgrammingError):  # noqa: N818
    """The role that may only insert and select can neither be found nor created."""


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
