"""Brings a book's schema to today's tables, one numbered step at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import psycopg2.extensions
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from domain.storing import FORM
from server.eventlog.errors import (
    LogExists,
    SchemaTaken,
    UnreadableLog,
    UnsupportedEncoding,
    UnsupportedPostgres,
)
from server.eventlog.grants import require_grants
from server.postgres.connecting import connect
from server.postgres.errors import library_error

OLDEST_POSTGRES = 15

_CONNECT_SECONDS = 10  # For each address of the host: not the minutes that TCP would take.

_ANY_TABLE = """
    SELECT min(relname::text) FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE nspname = :schema
"""
_HOLDS_A_LOG = "SELECT to_regclass(format('%I.head', CAST(:schema AS text))) IS NOT NULL"
_EXISTS = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :schema)"
_FORM = "SELECT to_jsonb(h) ->> 'form' FROM {schema}.head AS h"  # None, too, without the column.
_ONE_MIGRATION_AT_A_TIME = 7_276_552_011  # Any number, as long as nothing else locks it.


def migrate(dsn: str, schema: str, mark: str | None = None) -> None:
    """Creates a book's schema or brings it up to date, in one transaction; idempotent.

    `dsn` is anything libpq understands; with a `mark`, only the server is touched that was started
    with it (server/postgres/connecting.py). Its user must be able to create schemas and, on a new
    server, the service role. Raises the library's errors: `UnsupportedPostgres`,
    `UnsupportedEncoding`, `SchemaTaken`, `UnreadableLog`, `ServiceRoleUnavailable`,
    `GrantsMissing`, or what PostgreSQL says.
    """
    with _transaction(dsn, mark) as connection:
        _make_alone(connection)
        _upgrade(connection, schema)
        require_grants(connection, schema)


@contextmanager
def new_log(
    dsn: str, schema: str, tables: str, mark: str | None = None
) -> Iterator[psycopg2.extensions.connection]:
    """The tables of a book as the migration `tables` made them, to be filled within the block, and
    then brought up to date: all in one transaction, or nothing.

    Raises as `migrate` does, and `LogExists`.
    """
    with _transaction(dsn, mark) as connection:
        _make_alone(connection)
        for name in (schema, f"views_of_{schema}", f"shadow_of_{schema}"):
            if connection.scalar(text(_EXISTS), {"schema": name}):
                raise LogExists(name)
        _upgrade(connection, schema, tables)
        opened = connection.connection.dbapi_connection
        assert isinstance(opened, psycopg2.extensions.connection)
        yield opened
        _upgrade(connection, schema)
        require_grants(connection, schema)


def tables_of(dsn: str, schema: str, mark: str | None = None) -> str | None:
    """Which migration made the tables of a log that can be read here; None where there is no log.

    Raises as `migrate` does.
    """
    with _transaction(dsn, mark) as connection:
        return _tables(connection, schema)


def knows_tables(revision: str) -> bool:
    """Whether this version knows the migration."""
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


@contextmanager
def _transaction(dsn: str, mark: str | None) -> Iterator[Connection]:
    """On a server that is fit to hold a log. Raises the library's errors."""
    engine = create_engine(
        "postgresql+psycopg2://",
        creator=lambda: connect(dsn, mark, connect_timeout=_CONNECT_SECONDS),
        poolclass=NullPool,
    )
    try:
        with engine.begin() as connection:
            require_supported(
                int(str(connection.scalar(text("SHOW server_version_num")))),
                str(connection.scalar(text("SHOW server_encoding"))),
            )
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, psycopg2.Error):
            raise library_error(error.orig) from error
        raise
    except psycopg2.Error as error:  # Not connected yet: SQLAlchemy has not wrapped it.
        raise library_error(error) from error


def require_supported(server_version_num: int, encoding: str) -> None:
    """Refuses a server that is too old (as 140013 is) or a database that is not UTF8."""
    major, minor = divmod(server_version_num, 10_000)
    if major < OLDEST_POSTGRES:
        raise UnsupportedPostgres(
            f"PostgreSQL {major}.{minor} is too old: version {OLDEST_POSTGRES} or later is needed"
        )
    if encoding != "UTF8":
        raise UnsupportedEncoding(
            f"the database is encoded in {encoding}: create it with ENCODING 'UTF8'"
        )


def _upgrade(connection: Connection, schema: str, to: str = "head") -> None:
    config = _config()
    quoted = connection.dialect.identifier_preparer.quote_identifier(schema)
    if not connection.scalar(text(_EXISTS), {"schema": schema}):
        connection.execute(text(f"CREATE SCHEMA {quoted}"))
    else:
        current = _tables(connection, schema)
        if current is None and (other := connection.scalar(text(_ANY_TABLE), {"schema": schema})):
            raise SchemaTaken(schema, str(other))
        if current == ScriptDirectory.from_config(config).get_current_head():
            return
    connection.execute(text(f"SET LOCAL search_path TO {quoted}"))
    config.attributes.update(connection=connection, schema=schema)
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _make_alone(connection: Connection) -> None:
    """Until the transaction ends: nobody else makes or changes a log in this database."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ONE_MIGRATION_AT_A_TIME})


def _tables(connection: Connection, schema: str) -> str | None:
    """Which migration made the tables of a log that can be read here; None where there is none."""
    scripts = ScriptDirectory.from_config(_config())
    current = _current(connection, schema)
    if current is None or not connection.scalar(text(_HOLDS_A_LOG), {"schema": schema}):
        return None
    _require_readable(connection, schema, current, scripts)
    return current


def _require_readable(
    connection: Connection, schema: str, current: str, scripts: ScriptDirectory
) -> None:
    """Refuses a log of which this version does not know the facts or the tables."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(schema)
    form = connection.scalar(text(_FORM.format(schema=quoted)))
    if form is None:
        raise UnreadableLog.without_form(schema, FORM)
    if int(form) > FORM:
        raise UnreadableLog.of_later_form(schema, int(form), FORM)
    known = [script.revision for script in scripts.walk_revisions()]  # The newest first.
    if current not in known:
        raise UnreadableLog.of_other_tables(schema, current, known[0])


def _current(connection: Connection, schema: str) -> str | None:
    options = {"version_table_schema": schema}
    return MigrationContext.configure(connection, opts=options).get_current_revision()
