"""Whoever asks the log hears of a failure in the words of the library."""

from contextlib import closing

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError

from server.eventlog.recorders import ApplicationRecorder
from server.postgres.errors import DatabaseRefuses
from server.postgres.pool import Datastore


def test_a_schema_that_was_never_migrated_is_for_an_operator_to_put_right(
    database_url: str, book: str
) -> None:
    with (
        closing(Datastore(database_url, f"{book}_other")) as datastore,
        closing(ApplicationRecorder(datastore)) as log,
    ):
        with pytest.raises(DatabaseRefuses, match="does not exist"):
            log.head()
        with pytest.raises(DatabaseRefuses, match="does not exist"):
            log.claim_epoch()


def test_waiting_too_long_for_a_pooled_connection_is_an_operational_error(
    database_url: str, book: str
) -> None:
    with (
        closing(
            Datastore(database_url, book, pool_size=1, max_overflow=0, pool_timeout=0.1)
        ) as datastore,
        datastore.cursor(),
        pytest.raises(OperationalError),
        datastore.cursor(),
    ):
        pass


def test_a_transaction_commits_whole_or_not_at_all(datastore: Datastore) -> None:
    insert = datastore.sql("INSERT INTO {schema}.tracking VALUES (%s, 1)")
    with datastore.transaction() as c:
        c.execute(insert, ("kept",))
    with pytest.raises(IntegrityError), datastore.transaction() as c:
        c.executemany(insert, [("lost",), ("kept",)])
    with datastore.cursor() as c:
        c.execute(datastore.sql("SELECT application FROM {schema}.tracking"))
        assert c.fetchall() == [("kept",)]
