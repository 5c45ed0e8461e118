"""A book's schema is made in one transaction, on a server and database that can hold it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module
from uuid import uuid4

import psycopg2
import pytest
from eventsourcing.persistence import OperationalError
from psycopg2.extensions import connection, make_dsn, parse_dsn

from server.eventlog import migrations
from server.eventlog.errors import (
    GrantsMissing,
    LogExists,
    SchemaTaken,
    ServiceRoleUnavailable,
    UnreadableLog,
    UnsupportedEncoding,
    UnsupportedPostgres,
)
from server.eventlog.migrations import (
    knows_tables,
    migrate,
    new_log,
    require_supported,
    tables_of,
)
from server.eventlog.queries import Head
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.errors import DatabaseRefuses
from server.postgres.pool import Datastore
from tests.server.postgres.holding import eventually


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
    with pytest.raises(
        ServiceRoleUnavailable, match=r"may not create schemas, and views need their own\. Ask"
    ):
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


@pytest.mark.parametrize("make", ["migrate", "new_log"])
def test_logs_of_a_database_are_made_one_at_a_time(
    admin: connection, database_url: str, new_schema: str, make: str
) -> None:
    def made() -> None:
        if make == "migrate":
            migrate(database_url, new_schema)
        else:
            with new_log(database_url, new_schema, "0001"):
                pass

    def waits() -> bool:
        c.execute(
            "SELECT count(*) > 0 FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return bool(c.fetchone() == (True,))

    with admin.cursor() as c, ThreadPoolExecutor(1) as pool:
        c.execute("SELECT pg_advisory_lock(%s)", (migrations._ONE_MIGRATION_AT_A_TIME,))
        making = pool.submit(made)
        try:
            assert eventually(waits)
            assert not _has_schema(database_url, new_schema)
        finally:
            c.execute("SELECT pg_advisory_unlock_all()")
        making.result(60)
    assert _has_schema(database_url, new_schema)  # The control.


def test_a_new_log_has_the_tables_of_its_migration_to_be_filled(
    database_url: str, new_schema: str
) -> None:
    assert tables_of(database_url, new_schema) is None
    with new_log(database_url, new_schema, "0001") as opened, opened.cursor() as c:
        c.execute("UPDATE head SET size = 0, epoch = 7")
        assert not _has_schema(database_url, new_schema)
    assert tables_of(database_url, new_schema) == "0001"
    assert (knows_tables("0001"), knows_tables("9999")) == (True, False)
    with (
        closing(Datastore(database_url, new_schema)) as datastore,
        closing(ApplicationRecorder(datastore)) as log,
    ):
        assert log.head() == Head(size=0, epoch=7)


@pytest.mark.parametrize("taken", ["{}", "views_of_{}", "shadow_of_{}"])
def test_a_new_log_is_not_made_where_there_is_something(
    admin: connection, database_url: str, new_schema: str, taken: str
) -> None:
    name = taken.format(new_schema)
    with admin.cursor() as c:
        c.execute(f"CREATE SCHEMA {name}")
        with (
            pytest.raises(LogExists, match=name),
            new_log(database_url, new_schema, "0001"),
        ):
            pass
        c.execute(f"DROP SCHEMA {name}")


def test_a_new_log_that_the_service_cannot_use_is_not_made(
    database_url: str, new_schema: str
) -> None:
    with (
        pytest.raises(GrantsMissing, match="answers"),
        new_log(database_url, new_schema, "0001") as opened,
        opened.cursor() as c,
    ):
        c.execute("REVOKE INSERT ON answers FROM partsledger_service")
    assert not _has_schema(database_url, new_schema)


def test_of_the_tables_of_something_else_the_first_is_named(
    admin: connection, database_url: str, new_schema: str
) -> None:
    with admin.cursor() as c:
        c.execute(f"CREATE SCHEMA {new_schema}")
        for table in ("zebras", "apples"):
            c.execute(f"CREATE TABLE {new_schema}.{table} ()")
    with pytest.raises(SchemaTaken, match="it holds 'apples'"):
        migrate(database_url, new_schema)


def test_tables_without_a_head_are_no_log_and_one_without_a_form_is_not_read(
    admin: connection, database_url: str, book: str
) -> None:
    with admin.cursor() as c:
        c.execute(f"ALTER TABLE {book}.head DROP COLUMN form")
        with pytest.raises(UnreadableLog, match="form"):
            tables_of(database_url, book)
        c.execute(f"DROP TABLE {book}.head")
    assert tables_of(database_url, book) is None
    with pytest.raises(SchemaTaken):
        migrate(database_url, book)


def test_a_server_is_waited_for_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[object] = []

    def never(*_: object, connect_timeout: int) -> None:
        waited.append(connect_timeout)
        raise psycopg2.OperationalError("nobody there")

    monkeypatch.setattr(migrations, "connect", never)
    with pytest.raises(OperationalError, match="nobody there"):
        migrate("host=/nonexistent", "book_nowhere")
    assert waited == [10]


def test_the_role_of_the_service_is_made_where_there_is_none(
    admin: connection, new_schema: str
) -> None:
    """That of all databases of this server is there already, so another one is made."""
    role = f"service_{new_schema}"
    script = import_module(f"{migrations.__name__}.versions.0001_event_log")
    there = "SELECT FROM pg_roles WHERE rolname = %s"
    with admin.cursor() as c:
        c.execute(there, (role,))
        assert c.fetchone() is None
        for _ in range(2):
            c.execute(script.ROLE.replace("partsledger_service", role))
            c.execute(there, (role,))
            assert c.fetchone() is not None
        c.execute(f"DROP ROLE {role}")
