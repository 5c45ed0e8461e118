"""Where the book lies that is backed up, and where one is restored to."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Final, NamedTuple

from psycopg2.extensions import connection

from server.backup.errors import BackupRefused
from server.eventlog.books import schema_of
from server.postgres.connecting import connect
from server.postgres.data_directory import DataDirectoryInUse
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.local import url_of_running
from server.postgres.pooler import require_own_sessions
from server.settings import Settings
from server.startup import database_errors_named

_BOOKS: Final = """
    SELECT substr(nspname, length(%s) + 1) FROM pg_namespace
    WHERE to_regclass(format('%%I.head', nspname)) IS NOT NULL
      AND to_regclass(format('%%I.entries', nspname)) IS NOT NULL
    ORDER BY 1
"""


class Database(NamedTuple):
    """A database that answers."""

    url: str
    mark: str | None  # What the private PostgreSQL shows that was started here.
    private: bool

    def connect(self) -> connection:
        return connect(self.url, self.mark, connect_timeout=10)


@contextmanager
def to_be_read(settings: Settings) -> Iterator[Database]:
    """The database that the settings name. A private one is started, unless its server runs.

    Raises CannotStart or BackupRefused, also for what the database refuses within the block.
    """
    with database_errors_named(settings.database_url), ExitStack() as exits:
        if settings.database_url is not None:
            require_own_sessions(settings.database_url)
            yield Database(settings.database_url, None, private=False)
            return
        assert settings.data_dir is not None
        postgres = EmbeddedPostgres(settings.data_dir)
        if not postgres.cluster.exists():
            raise BackupRefused(
                f"there is no ledger in {settings.data_dir}: name its directory with --data-dir, or"
                f" its database with --database-url"
            )
        try:
            exits.enter_context(postgres)
        except DataDirectoryInUse:
            url = url_of_running(postgres.cluster)
            if url is None:
                raise BackupRefused(
                    f"the server of {settings.data_dir} starts or stops: repeat this in a moment"
                ) from None
            yield Database(url, None, private=True)
        else:
            yield Database(postgres.url, postgres.mark, private=True)


@contextmanager
def to_be_filled(settings: Settings) -> Iterator[Database]:
    """The same, for restoring: a private one is made if it is missing, and no server may run."""
    with database_errors_named(settings.database_url), ExitStack() as exits:
        if settings.database_url is not None:
            require_own_sessions(settings.database_url)
            yield Database(settings.database_url, None, private=False)
            return
        assert settings.data_dir is not None
        postgres = exits.enter_context(EmbeddedPostgres(settings.data_dir))
        yield Database(postgres.url, postgres.mark, private=True)


def books_in(database: Database) -> list[str]:
    """The books whose logs the database holds."""
    with closing(database.connect()) as opened, opened.cursor() as c:
        c.execute(_BOOKS, (schema_of(""),))
        return [name for (name,) in c.fetchall()]
