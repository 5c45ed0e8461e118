"""What the service role lacks is said at the start, with the statements that give it back."""

import pytest
from psycopg2.extensions import connection, cursor

from server.eventlog import grants
from server.eventlog.errors import GrantsMissing, ServiceRoleUnavailable
from server.eventlog.grants import NEEDED
from server.eventlog.migrations import migrate

SERVICE = "partsledger_service"


def refused(database_url: str, book: str) -> str:
    with pytest.raises((GrantsMissing, ServiceRoleUnavailable)) as refusal:
        migrate(database_url, book)
    told = str(refusal.value)
    assert "\n" not in told
    return told


def follow(c: cursor, told: str) -> None:
    """Does what the message says."""
    c.execute(told.partition("An administrator runs: ")[2])


@pytest.mark.parametrize(
    ("table", "right"), [(table, right) for table, rights in NEEDED.items() for right in rights]
)
def test_each_right_that_was_revoked_is_named_and_given_back_by_what_is_said(
    database_url: str, book: str, owner: connection, table: str, right: str
) -> None:
    with owner.cursor() as c:
        c.execute(f"REVOKE {right} ON {table} FROM {SERVICE}")
        told = refused(database_url, book)
        assert f'GRANT {right} ON "{book}".{table} TO {SERVICE}' in told
        follow(c, told)
    migrate(database_url, book)  # The control: with it, the log is as it should be.


def test_a_database_that_was_restored_without_grants_says_all_of_them_at_once(
    database_url: str, book: str, owner: connection
) -> None:
    with owner.cursor() as c:
        c.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {book} FROM {SERVICE}")
        c.execute(f"REVOKE ALL ON SCHEMA {book} FROM {SERVICE}")
        told = refused(database_url, book)
        assert told.count("GRANT ") == len(NEEDED) + 1
        follow(c, told)
    migrate(database_url, book)


def test_views_that_were_restored_without_their_owner_are_named(
    database_url: str, book: str, owner: connection
) -> None:
    views = f"views_of_{book}"
    with owner.cursor() as c:
        c.execute(f"CREATE SCHEMA {views} AUTHORIZATION {SERVICE}")
        migrate(database_url, book)  # The control.
        c.execute(f"CREATE TABLE {views}.positions (view text)")
        told = refused(database_url, book)
        assert f"the views in {views} belong to postgres" in told
        c.execute(f"DROP SCHEMA {views} CASCADE")
    migrate(database_url, book)


def test_a_table_that_is_gone_is_named(database_url: str, book: str, owner: connection) -> None:
    with owner.cursor() as c:
        c.execute("ALTER TABLE answers RENAME TO elsewhere")
        assert f"the table {book}.answers is gone" in refused(database_url, book)


def test_a_role_that_was_not_restored_is_named(
    database_url: str, book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role itself is that of all databases of the server, so another name is looked for."""
    monkeypatch.setattr(grants, "SERVICE_ROLE", "partsledger_of_nobody")
    told = refused(database_url, book)
    assert "CREATE ROLE partsledger_of_nobody NOLOGIN; GRANT partsledger_of_nobody TO" in told
