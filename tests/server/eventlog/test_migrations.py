"""A book's schema is made in one transaction, on a server and database that can hold it."""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest
from eventsourcing.persistence import OperationalError
from psycopg2.extensions import connection, make_dsn, parse_dsn

from server.eventlog.errors import (
    SchemaTaken,
    ServiceRoleUnavailable,
    UnreadableLog,
    UnsupportedEncoding,
    UnsupportedPostgres,
)
from server.eventlog.migrations import migrate, require_supported
from server.eventlog.queries import Head
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.errors import DatabaseRefuses
from server.postgres.pool import Datastore


@pytest.mark.parametrize("version", [90_624, 140_013, 149_999])
def test_a_server_older_than_15_is_refused(version: int) -> None:
    with pytest.raises(UnsupportedPostgres, match="too old: version 15 or later is needed"):
        require_supported(version, "UTF8")


@pytest.mark.parametrize("version", [150_000, 160_004, 180_000])
def test_a_server_of_15_or_later_is_welcome(version: int) -> None:
    require_supported(version, "UTF8")


def test_the_refusal_names_the_version_found() -> None:
    with pytest.raises(UnsupportedPostgres, match=r"PostgreSQL 14\.13 is too old"):
        require_supported(140_013, "UTF8")


def test_a_database_that_is_not_utf8_is_refused(admin: connection, database_url: str) -> None:
    name = f"latin_{uuid4().hex[:8]}"
    with admin.cursor() as c:
        c.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        try:
            with pytest.raises(UnsupportedEncoding, match="LATIN1"):
                migrate(make_dsn(**{**parse_dsn(database_url), "dbname": name}), "book_latin")
        finally:
            c.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_migrating_again_changes_nothing(database_url: str, book: str) -> None:
    migrate(database_url, book)
    with (
        closing(Datastore(database_url, book)) as datastore,
        closing(ApplicationRecorder(datastore)) as log,
    ):
        assert log.head() == Head(size=0, epoch=0)


def test_a_log_that_a_later_version_has_changed_is_not_touched(
    admin: connection, database_url: str, new_schema: str
) -> None:
    migrate(database_url, new_schema)
    newest = "SELECT version_num FROM {schema}.alembic_version"
    with admin.cursor() as c:
        c.execute(newest.format(schema=new_schema))
        ((known,),) = c.fetchall()
        set_to = f"UPDATE {new_schema}.alembic_version SET version_num = %s"
        c.execute(set_to, ["9999"])
        with pytest.raises(
            UnreadableLog,
            match=f"'{new_schema}' are those of migration 9999, .* up to {known}. Start that",
        ):
            migrate(database_url, new_schema)
        c.execute(newest.format(schema=new_schema))
        assert c.fetchone() == ("9999",)
        c.execute(set_to, [known])
    migrate(database_url, new_schema)  # The control.


def test_no_log_is_put_among_the_tables_of_something_else(
    admin: connection, database_url: str, new_schema: str
) -> None:
    with admin.cursor() as c:
        c.execute(f"CREATE SCHEMA {new_schema}; CREATE TABLE {new_schema}.positions ()")
        with pytest.raises(SchemaTaken, match=f"'{new_schema}' is not a book's: it holds 'posit"):
            migrate(database_url, new_schema)
        c.execute(f"DROP TABLE {new_schema}.positions")
        migrate(database_url, new_schema)  # The control: an administrator may have made it empty.
        c.execute(f"SELECT size FROM {new_schema}.head")
        assert c.fetchone() == (0,)


def test_a_migration_that_fails_leaves_no_schema(plain_user_url: str, new_schema: str) -> None:
    with pytest.raises(ServiceRoleUnavailable, match=r"GRANT partsledger_service TO plain_"):
        migrate(plain_user_url, new_schema)
    assert not _has_schema(plain_user_url, new_schema)


def test_a_plain_user_can_migrate_once_it_has_been_granted_the_role(
    admin: connection, plain_user_url: str, new_schema: str
) -> None:
    with admin.cursor() as c:
        c.execute(f"GRANT partsledger_service TO {parse_dsn(plain_user_url)['user']}")
    migrate(plain_user_url, new_schema)
    assert _has_schema(plain_user_url, new_schema)
    migrate(plain_user_url, new_schema)
    with (
        closing(Datastore(plain_user_url, new_schema)) as datastore,
        closing(ApplicationRecorder(datastore)) as log,
    ):
        assert log.claim_epoch() == 1


def test_a_user_who_cannot_let_the_service_create_schemas_is_told_so(
    admin: connection, plain_user_url: str, new_schema: str
) -> None:
    dsn = parse_dsn(plain_user_url)
    with admin.cursor() as c:
        c.execute(f"GRANT partsledger_service TO {dsn['user']}")
        c.execute(f"REVOKE GRANT OPTION FOR CREATE ON DATABASE {dsn['dbname']} FROM {dsn['user']}")
    with pytest.raises(ServiceRoleUnavailable, match="may not create schemas"):
        migrate(plain_user_url, new_schema)


def test_a_user_who_may_not_create_schemas_is_told_so(
    admin: connection, plain_user_url: str, new_schema: str
) -> None:
    dsn = parse_dsn(plain_user_url)
    with admin.cursor() as c:
        c.execute(f"REVOKE CREATE ON DATABASE {dsn['dbname']} FROM {dsn['user']}")
    with pytest.raises(DatabaseRefuses, match="permission denied for database"):
        migrate(plain_user_url, new_schema)


def test_a_server_that_is_not_there_is_an_operational_error() -> None:
    with pytest.raises(OperationalError):
        migrate("host=/nonexistent", "book_nowhere")


@pytest.fixture
def admin(database_url: str) -> Iterator[connection]:
    with closing(psycopg2.connect(database_url)) as opened:
        opened.autocommit = True
        yield opened


@pytest.fixture
def new_schema(book: str) -> str:
    """A schema that is not there yet, beside one that is."""
    return f"{book}_new"


@pytest.fixture
def plain_user_url(admin: connection, database_url: str, book: str) -> Iterator[str]:
    """A user who may create schemas, but no roles; the service role exists already.

    Its database is its own, so that taking privileges away disturbs no test that runs beside it.
    """
    user, database = (f"plain_{part}_{uuid4().hex[:8]}" for part in ("user", "database"))
    with admin.cursor() as c:
        c.execute(f"CREATE ROLE {user} LOGIN")
        c.execute(f"CREATE DATABASE {database} ENCODING 'UTF8' TEMPLATE template0")
        try:
            c.execute(f"GRANT CREATE ON DATABASE {database} TO {user} WITH GRANT OPTION")
            yield make_dsn(**{**parse_dsn(database_url), "user": user, "dbname": database})
        finally:
            c.execute(f"DROP DATABASE {database} WITH (FORCE)")
            c.execute(f"DROP ROLE {user}")


def _has_schema(database_url: str, schema: str) -> bool:
    with closing(psycopg2.connect(database_url)) as there, there.cursor() as c:
        c.execute("SELECT FROM pg_namespace WHERE nspname = %s", (schema,))
        return c.fetchone() is not None
