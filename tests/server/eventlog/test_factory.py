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
