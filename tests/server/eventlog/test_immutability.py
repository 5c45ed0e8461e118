"""The log's tables only grow: the service's role may add to them, a trigger stops everyone else."""

from collections.abc import Callable
from contextlib import closing

import psycopg2
import pytest
from eventsourcing.persistence import NotSupportedError, StoredEvent
from psycopg2.extensions import connection

from domain.storing import RecordedEvent
from server.eventlog.answers import NewAnswer
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.errors import DatabaseRefuses, library_errors
from server.postgres.pool import Datastore
from tests.server.eventlog.requests import R_1

MakeFact = Callable[..., RecordedEvent]

CHANGES = [
    "UPDATE entries SET state = '{}'",
    "DELETE FROM entries",
    "TRUNCATE entries",
    "UPDATE topics SET name = ''",
    "DELETE FROM topics",
    "TRUNCATE topics",
    "UPDATE answers SET response = ''",
    "DELETE FROM answers",
    "TRUNCATE answers",
    "UPDATE snapshots SET state = '{}'",
    "DELETE FROM snapshots",
    "TRUNCATE snapshots",
    "INSERT INTO entries SELECT * FROM entries ON CONFLICT (position) DO UPDATE SET state = '{}'",
]


@pytest.fixture(autouse=True)
def _one_of_each(log: ApplicationRecorder, fact: MakeFact) -> None:
    answer = NewAnswer(R_1, b"f", b"r", 0, 1)
    log.append([fact()], [answer], [StoredEvent("stock/W01/P-100", 1, "t", b'{"a":1}')])


@pytest.mark.parametrize("change", CHANGES)
def test_the_service_may_not_change_the_log(datastore: Datastore, change: str) -> None:
    with datastore.transaction() as c:
        c.execute("SELECT set_config('search_path', %s, true)", (datastore.schema,))
        with pytest.raises(DatabaseRefuses, match="permission denied"), library_errors():
            c.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO head VALUES (true, 0, 0)",
        "DELETE FROM head",
        "TRUNCATE head",
        "DROP TABLE entries",
        "ALTER TABLE entries DISABLE TRIGGER only_grows",
        "DROP TRIGGER only_grows ON entries",
        "DELETE FROM tracking",
        "CREATE TABLE mine ()",
        "UPDATE alembic_version SET version_num = ''",
    ],
)
def test_the_service_may_not_take_the_fences_down(datastore: Datastore, change: str) -> None:
    refused = pytest.raises(DatabaseRefuses, match=r"permission denied|must be owner")
    with datastore.transaction() as c:
        c.execute("SELECT set_config('search_path', %s, true)", (datastore.schema,))
        with refused, library_errors():
            c.execute(change)


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_superuser_is_stopped_by_the_trigger(
    owner: connection, change: str, replica: bool
) -> None:
    with owner.cursor() as c:
        if replica:  # The usual way round triggers.
            c.execute("SET session_replication_role = replica")
        only = f"(?m){change.split()[0]} on .*: the log only grows$"
        if "ON CONFLICT" in change:
            only = only.replace("INSERT", "UPDATE")
        with pytest.raises(NotSupportedError, match=only) as refused, library_errors():
            c.execute(change)
        assert isinstance(refused.value.__cause__, psycopg2.Error)
        hint = "Correct a fact by recording another one."
        assert refused.value.__cause__.diag.message_hint == hint


@pytest.mark.parametrize("change", CHANGES[:-1])
def test_without_the_trigger_a_superuser_can(owner: connection, change: str) -> None:
    """Control: the tables would allow it."""
    with owner.cursor() as c:
        for table in ("topics", "entries", "answers", "snapshots"):
            c.execute(f"ALTER TABLE {table} DISABLE TRIGGER only_grows")
        c.execute(change)


def test_the_service_cannot_drop_the_schema(datastore: Datastore) -> None:
    with (
        pytest.raises(DatabaseRefuses, match="must be owner of schema"),
        datastore.transaction() as c,
    ):
        c.execute(f"DROP SCHEMA {datastore.schema} CASCADE")


def test_the_service_may_create_schemas_for_views(datastore: Datastore, database_url: str) -> None:
    views = f"{datastore.schema}_views"
    with datastore.transaction() as c:
        c.execute(f"CREATE SCHEMA {views}")
        c.execute(f"CREATE TABLE {views}.ageing (position bigint)")
    with closing(psycopg2.connect(database_url)) as opened, opened.cursor() as c:
        c.execute("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = %s", (views,))
        assert c.fetchone() == ("partsledger_service",)
