"""What the service role lacks is said at the start, with the statements that give it back."""

import psycopg2
import pytest
from psycopg2.extensions import connection, cursor, make_dsn, parse_dsn
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

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


def test_what_is_missing_is_said_in_order(database_url: str, book: str, owner: connection) -> None:
    with owner.cursor() as c:
        c.execute(f"REVOKE ALL ON tracking, answers FROM {SERVICE}")
    told = refused(database_url, book)
    answers, tracking = told.index(f'INSERT, SELECT ON "{book}".answers'), told.index("tracking")
    assert answers < tracking
    assert f'GRANT INSERT, SELECT, UPDATE ON "{book}".tracking' in told


def test_a_book_is_not_told_by_the_tables_of_another(
    database_url: str, book: str, owner: connection
) -> None:
    """Another one lacks rights, and has the table that is gone here."""
    migrate(database_url, f"{book}_other")
    with owner.cursor() as c:
        c.execute(f"REVOKE INSERT ON {book}_other.answers FROM {SERVICE}")
        migrate(database_url, book)
        for table in ("topics", "answers"):
            c.execute(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
    assert f"the table {book}.answers is gone" in refused(database_url, book)


@pytest.mark.parametrize("kind", ["views", "shadow"])
@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("TABLE {}.t (view text)", True),
        ("TABLE {}.t (position bigint) PARTITION BY RANGE (position)", True),
        ("SEQUENCE {}.t", False),  # Whoever owns that: it is no view of ours.
    ],
)
def test_it_is_tables_of_views_that_have_to_be_the_roles_own(
    database_url: str, book: str, owner: connection, kind: str, made: str, told: bool
) -> None:
    schema = f"{kind}_of_{book}"
    with owner.cursor() as c:
        c.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {SERVICE}")
        c.execute(f"CREATE {made.format(schema)}")
    if told:
        assert f"the views in {schema} belong to postgres" in refused(database_url, book)
    else:
        migrate(database_url, book)


def test_of_several_owners_and_schemas_the_first_is_named(
    database_url: str, book: str, owner: connection
) -> None:
    name = f"alone_{book}"
    with owner.cursor() as c:
        c.execute(f"CREATE ROLE {name}")
        try:
            for kind in ("views", "shadow"):
                c.execute(f"CREATE SCHEMA {kind}_of_{book} AUTHORIZATION {name}")
                c.execute(f"CREATE TABLE {kind}_of_{book}.t ()")
            told = refused(database_url, book)
        finally:
            for kind in ("views", "shadow"):
                c.execute(f"DROP SCHEMA IF EXISTS {kind}_of_{book} CASCADE")
            c.execute(f"DROP ROLE {name}")
    assert f"the views in shadow_of_{book} belong to {name}" in told


@pytest.mark.parametrize(
    ("version", "how", "granted"),
    [
        (150_004, "MEMBER", "GRANT r TO u"),
        (159_999, "MEMBER", "GRANT r TO u"),
        (160_000, "SET", "GRANT r TO u WITH SET TRUE"),
        (180_001, "SET", "GRANT r TO u WITH SET TRUE"),
    ],
)
def test_since_postgresql_16_a_member_has_to_be_allowed_to_take_the_role_on(
    version: int, how: str, granted: str
) -> None:
    assert grants.to_take_on(version, "GRANT r TO u") == (how, granted)


def test_whoever_may_not_take_the_role_on_is_told_what_gives_it(
    database_url: str, book: str, owner: connection
) -> None:
    user = f"plain_{book}"
    plain = make_dsn(**{**parse_dsn(database_url), "user": user})
    engine = create_engine(
        "postgresql+psycopg2://", creator=lambda: psycopg2.connect(plain), poolclass=NullPool
    )
    told = f"{user} may not act as the role {SERVICE}. An administrator runs: GRANT {SERVICE} TO"
    with owner.cursor() as c:
        c.execute(f"CREATE ROLE {user} LOGIN")
        try:
            with engine.connect() as opened, pytest.raises(ServiceRoleUnavailable, match=told):
                grants.require_grants(opened, book)
        finally:
            c.execute(f"DROP ROLE {user}")
