"""The factory reads the environment, and says what is wrong with it."""

import pytest
from eventsourcing.persistence import InfrastructureFactory, StoredEvent

import server.eventlog
from server.eventlog.factory import Factory
from server.eventlog.tracking import TrackingRecorder


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"SCHEMA": ""}, "SCHEMA is not set"),
        ({"ORIGINATOR_ID_TYPE": "int"}, "must be 'text' or 'uuid', not 'int'"),
        ({"POSTGRES_POOL_SIZE": "many"}, "POSTGRES_POOL_SIZE must be a whole number"),
    ],
)
def test_a_wrong_environment_is_refused(changed: dict[str, str], complaint: str) -> None:
    with pytest.raises(OSError, match=complaint):
        Factory({"DATABASE_URL": "host=/nonexistent", "SCHEMA": "book_a"} | changed)


def test_the_module_has_one_factory_and_it_makes_a_recorder_that_works(
    database_url: str, schema: str
) -> None:
    factory: InfrastructureFactory[TrackingRecorder] = InfrastructureFactory.construct(
        {
            "PERSISTENCE_MODULE": server.eventlog.__name__,
            "DATABASE_URL": database_url,
            "SCHEMA": schema,
        }
    )
    with factory:
        recorder = factory.application_recorder()
        assert recorder.insert_events([StoredEvent("stock/a", 1, "t", b"{}")]) == [1]
        assert recorder.select_notifications(1, 1)[0].originator_id == "stock/a"


def test_a_recorder_of_another_kind_is_refused(database_url: str, book: str) -> None:
    with (
        Factory(
            {
                "DATABASE_URL": database_url,
                "SCHEMA": book,
                "APPLICATION_RECORDER_TOPIC": "server.eventlog.recorders:AggregateRecorder",
            }
        ) as factory,
        pytest.raises(OSError, match="must name a subclass of ApplicationRecorder"),
    ):
        factory.application_recorder()


NOWHERE = {"DATABASE_URL": "host=/nonexistent", "SCHEMA": "book_a"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, (5, 10, 5, 5, None, "text")),
        (
            {
                "POSTGRES_POOL_SIZE": "3", "POSTGRES_MAX_OVERFLOW": "1",
                "POSTGRES_CONNECT_TIMEOUT": "7", "SERVER_MARK": "m",
                "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "9",
                "ORIGINATOR_ID_TYPE": "uuid",
            },
            (3, 1, 7, 9, "m", "uuid"),
        ),
        ({"SERVER_MARK": "", "ORIGINATOR_ID_TYPE": "text"}, (5, 10, 5, 5, None, "text")),
    ],
)  # fmt: skip
def test_each_setting_is_read_under_its_name(
    said: dict[str, str], expected: tuple[object, ...]
) -> None:
    store = Factory(NOWHERE | said).datastore
    assert (store.dsn, store.schema) == ("host=/nonexistent", "book_a")
    assert (
        store._pool.size(), store._pool._max_overflow, store._connect_timeout,
        store.idle_in_transaction_timeout, store.mark, store.originator_id_type,
    ) == expected  # fmt: skip


@pytest.mark.parametrize(("said", "migrations"), [({}, 1), ({"CREATE_TABLE": "no"}, 0)])
def test_the_schema_is_migrated_once_unless_that_is_not_wanted(
    said: dict[str, str], migrations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated: list[tuple[object, ...]] = []
    monkeypatch.setattr("server.eventlog.factory.migrate", lambda *args: migrated.append(args))
    for make in ("aggregate_recorder", "application_recorder", "process_recorder"):
        factory = Factory(NOWHERE | {"SERVER_MARK": "m"} | said)
        for _ in range(2):
            getattr(factory, make)()
        factory.tracking_recorder()
        assert migrated == [("host=/nonexistent", "book_a", "m")] * migrations
        migrated.clear()
    Factory(NOWHERE | {"SERVER_MARK": "m"} | said).tracking_recorder()
    assert len(migrated) == migrations


class Ours(TrackingRecorder):
    pass


def test_a_tracking_recorder_is_of_the_class_that_is_asked_for_or_named() -> None:
    with Factory(NOWHERE | {"CREATE_TABLE": "no"}) as factory:
        assert type(factory.tracking_recorder()) is TrackingRecorder
        assert type(factory.tracking_recorder(Ours)) is Ours
