"""What can prevent a start: a database that is missing or not suitable."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg2
from eventsourcing.persistence import NotSupportedError, PersistenceError, ProgrammingError
from psycopg2.extensions import parse_dsn

from server.eventlog.errors import UnreadableLog
from server.postgres.data_directory import CannotStart

# By a piece of what PostgreSQL or libpq says in English, which alone does not say what to do.
_ADVICE: Final = {
    "local user with ID": ": name the user in the URL",
    "permission denied for database": (
        ": to make the schema of a new book, the user needs GRANT CREATE ON DATABASE"
    ),
    "in a read-only transaction": (
        ": name a primary, or take back default_transaction_read_only for this database and user"
    ),
}


@contextmanager
def database_errors_named(database_url: str | None) -> Iterator[None]:
    """Raises CannotStart, a line for people, in place of what the database or its driver says."""
    where = "the embedded PostgreSQL" if database_url is None else "the database of --database-url"
    if database_url is not None:
        _require_url(database_url)
    try:
        yield
    except UnreadableLog as unknown:
        raise CannotStart(f"{where} holds a log that cannot be read: {_line(unknown)}") from unknown
    except (NotSupportedError, ProgrammingError) as unfit:
        raise CannotStart(f"{where} cannot hold a ledger: {_line(unfit)}") from unfit
    except (PersistenceError, psycopg2.Error) as failure:
        raise CannotStart(f"{where} cannot be used: {_line(failure)}") from failure


def _require_url(database_url: str) -> None:
    """What libpq says about a URL may quote a piece of the password, so it is left out."""
    try:
        parse_dsn(database_url)
    except psycopg2.ProgrammingError:
        raise CannotStart(
            "--database-url is not a connection URL: it must read "
            "postgresql://user:password@host:port/database, with special characters %-encoded"
        ) from None


def _line(error: Exception) -> str:
    said = " ".join(str(error).split())
    advice = next((advice for part, advice in _ADVICE.items() if part in said), "")
    return said + advice
