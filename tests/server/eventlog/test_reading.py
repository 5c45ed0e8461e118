"""What is read of the log is what was asked for: both ends of a range, one stream and no other."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking

from domain.storing import RecordedEvent
from server.eventlog.answers import NewAnswer
from server.eventlog.factory import Factory
from server.eventlog.recorders import AggregateRecorder, ApplicationRecorder
from server.eventlog.tracking import ProcessRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.conftest import MakeFact
from tests.server.eventlog.requests import R_1, R_2, R_3

ISSUED = "partsledger:StockItem.Issued"
RECEIVED = "partsledger:StockItem.Received"


@pytest.fixture
def written(log: ApplicationRecorder, fact: MakeFact) -> ApplicationRecorder:
    """Five entries; those of `stock/a` are at 1, 3 and 5, and the third of them is an issue."""
    log.append(
        [
            fact("stock/a", 1),
            fact("stock/ab", 1),
            fact("stock/a", 2),
            fact("accounts/D01", 1),
            fact("stock/a", 3, topic=ISSUED),
        ]
    )
    return log


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"after": 1, "through": 3}, [2, 3]),
        ({"after": 0, "through": 0}, []),
        ({"after": 4, "through": 4}, []),
        ({"after": 4, "through": 5}, [5]),
        ({"after": 0, "limit": 2}, [1, 2]),
        ({"after": 0, "stream_prefix": "stock/a"}, [1, 2, 3, 5]),
        ({"after": 0, "stream_prefix": "accounts/"}, [4]),
        ({"after": 2, "stream_prefix": "stock/", "through": 4}, [3]),
        ({"after": 0, "topics": [ISSUED, "none"]}, [5]),
        ({"after": 0, "topics": [RECEIVED], "stream_prefix": "stock/ab"}, [2]),
    ],
)
def test_entries_are_those_of_the_range_and_the_streams(
    written: ApplicationRecorder, asked: dict[str, Any], found: list[int]
) -> None:
    entries = written.entries.read(**({"limit": 10} | asked))

    assert [entry.position for entry in entries] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"start": None}, [1, 2, 3, 4, 5]),
        ({"start": 2}, [2, 3, 4, 5]),
        ({"start": 2, "inclusive_of_start": False}, [3, 4, 5]),
        ({"start": 2, "stop": 4}, [2, 3, 4]),
        ({"start": None, "stop": 1}, [1]),
        ({"start": 1, "limit": 2}, [1, 2]),
        ({"start": 1, "topics": [ISSUED]}, [5]),
        ({"start": 6}, []),
    ],
)
def test_notifications_are_those_of_the_range(
    written: ApplicationRecorder, asked: dict[str, Any], found: list[int]
) -> None:
    notifications = written.select_notifications(**({"limit": 10} | asked))

    assert [notification.id for notification in notifications] == found


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        ({}, [1, 2, 3]),
        ({"gt": 1}, [2, 3]),
        ({"gt": 3}, []),
        ({"lte": 2}, [1, 2]),
        ({"lte": 0}, []),
        ({"gt": 1, "lte": 2}, [2]),
        ({"desc": True}, [3, 2, 1]),
        ({"desc": True, "limit": 1}, [3]),
        ({"limit": 2}, [1, 2]),
    ],
)
def test_versions_of_a_stream_are_those_asked_for_of_facts_and_of_snapshots(
    written: ApplicationRecorder, datastore: Datastore, asked: dict[str, Any], versions: list[int]
) -> None:
    snapshots = AggregateRecorder(datastore)
    snapshots.insert_events([StoredEvent("stock/a", version, "t", b"{}") for version in (1, 2, 3)])
    snapshots.insert_events([StoredEvent("stock/ab", 9, "t", b"{}")])

    for recorder in (written, snapshots):
        events: Sequence[StoredEvent] = recorder.select_events("stock/a", **asked)
        assert [event.originator_version for event in events] == versions
        assert {event.originator_id for event in events} <= {"stock/a"}


@pytest.mark.parametrize("read", ["load_streams", "read_streams"])
def test_streams_begin_with_their_last_snapshot_and_go_on_in_order(
    written: ApplicationRecorder, datastore: Datastore, read: str
) -> None:
    snapshots = AggregateRecorder(datastore)
    snapshots.insert_events([StoredEvent("stock/a", version, "t", b"{}") for version in (1, 2)])
    streams = ["stock/ab", "stock/none", "stock/a", "accounts/D01"]
    found = getattr(written, read)(streams)

    assert {
        stream: [(event.originator_version, type(event)) for event in events]
        for stream, events in found.items()
    } == {
        "stock/a": [(2, StoredEvent), (3, RecordedEvent)],
        "stock/ab": [(1, RecordedEvent)],
        "accounts/D01": [(1, RecordedEvent)],
    }


def test_an_answer_is_found_by_its_request(log: ApplicationRecorder, fact: MakeFact) -> None:
    log.append(
        [fact("stock/a", 1), fact("stock/a", 2)],
        [
            NewAnswer(R_1, b"f", b"first", 0, 1),
            NewAnswer(R_2, b"f", b"second", 1, 1),
        ],
    )
    found = log.look_up([R_2, R_3], []).answers
    first, second = log.entries.read(0, 10)

    assert found.keys() == {R_2}
    receipt = found[R_2].receipt
    assert receipt.leaf_hashes == (second.leaf_hash,) != (first.leaf_hash,)
    assert receipt.recorded_at == second.recorded_at
    assert (receipt.first_position, receipt.last_position) == (2, 2)


def test_a_book_remembers_how_far_it_read_another_and_never_less(datastore: Datastore) -> None:
    with closing(ProcessRecorder(datastore)) as recorder:
        recorder.insert_tracking(Tracking("other", 5))
        recorder.insert_tracking(Tracking("third", 1))
        for position in (4, 5):
            with pytest.raises(IntegrityError):
                recorder.insert_tracking(Tracking("other", position))
        assert recorder.max_tracking_id("other") == 5
        recorder.insert_tracking(Tracking("other", 6))

        assert recorder.max_tracking_id("other") == 6
        assert recorder.max_tracking_id("third") == 1
        assert recorder.max_tracking_id("none") is None


def test_what_a_book_recorded_of_another_stands_with_its_facts(
    datastore: Datastore, fact: MakeFact
) -> None:
    with closing(ProcessRecorder(datastore)) as recorder:
        both = [fact("stock/a", 1), fact("stock/a", 2)]
        assert recorder.insert_events(both, tracking=Tracking("other", 5)) == [1, 2]
        with pytest.raises(IntegrityError):
            recorder.insert_events([fact("stock/a", 3)], tracking=Tracking("other", 5))

        assert recorder.head().size == 2
        assert recorder.insert_events([fact("stock/a", 3)]) == [3]
        assert recorder.insert_events([]) == []


def test_a_factory_that_is_told_nothing_more_has_these_settings() -> None:
    needed = {"DATABASE_URL": "host=/nonexistent", "SCHEMA": "book_a"}
    with Factory(needed) as factory:
        assert settings(factory) == (5, 10, 5, 5, "text")
    told = {
        "POSTGRES_POOL_SIZE": "1", "POSTGRES_MAX_OVERFLOW": "2", "POSTGRES_CONNECT_TIMEOUT": "3",
        "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "4", "ORIGINATOR_ID_TYPE": "uuid",
    }  # fmt: skip
    with Factory(needed | told) as factory:
        assert settings(factory) == (1, 2, 3, 4, "uuid")


def settings(factory: Factory) -> tuple[object, ...]:
    datastore = factory.datastore
    pool = datastore._pool
    return (
        pool.size(), pool._max_overflow, datastore._connect_timeout,
        datastore.idle_in_transaction_timeout, datastore.originator_id_type,
    )  # fmt: skip


@pytest.mark.parametrize(("says", "migrated"), [("", True), ("yes", True), ("no", False)])
def test_a_factory_makes_the_tables_unless_it_is_told_not_to(
    database_url: str, schema: str, says: str, migrated: bool
) -> None:
    env = {"DATABASE_URL": database_url, "SCHEMA": schema, "CREATE_TABLE": says}
    for make in ("aggregate_recorder", "application_recorder", "tracking_recorder"):
        with Factory(env) as factory:
            getattr(factory, make)()
            with factory.datastore.connect("test", as_service=False) as opened:
                c = opened.cursor()
                c.execute("SELECT to_regnamespace(%s) IS NOT NULL", (schema,))
                assert c.fetchone() == (migrated,)
                c.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            opened.close()
