"""The event sourcing library's own test cases, run against our persistence module."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from eventsourcing.persistence import (
    AggregateRecorder as LibraryAggregateRecorder,
)
from eventsourcing.persistence import (
    ApplicationRecorder as LibraryApplicationRecorder,
)
from eventsourcing.persistence import (
    ProcessRecorder as LibraryProcessRecorder,
)
from eventsourcing.persistence import (
    TrackingRecorder as LibraryTrackingRecorder,
)
from eventsourcing.tests import application as library_application
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment

from server.eventlog.factory import Factory
from server.eventlog.migrations import migrate
from server.eventlog.recorders import AggregateRecorder, ApplicationRecorder
from server.eventlog.tracking import ProcessRecorder, TrackingRecorder
from server.postgres.pool import Datastore


class OnABook:
    """Gives the library's cases a fresh book; they name streams by UUID."""

    @pytest.fixture(autouse=True)
    def _book(self, database_url: str, schema: str) -> Iterator[None]:
        self.environment = {
            "PERSISTENCE_MODULE": "server.eventlog",
            "DATABASE_URL": database_url,
            "SCHEMA": schema,
            "ORIGINATOR_ID_TYPE": "uuid",
        }
        with ExitStack() as self.afterwards:
            yield

    def datastore(self) -> Datastore:
        url, schema = self.environment["DATABASE_URL"], self.environment["SCHEMA"]
        migrate(url, schema)
        datastore = Datastore(url, schema, originator_id_type="uuid")
        self.afterwards.callback(datastore.close)
        return datastore


class TestAggregateRecorder(OnABook, library.AggregateRecorderTestCase):
    def create_recorder(self) -> LibraryAggregateRecorder:
        return AggregateRecorder(self.datastore())


class TestApplicationRecorder(
    OnABook, library.ApplicationRecorderTestCase[LibraryApplicationRecorder]
):
    def create_recorder(self) -> LibraryApplicationRecorder:
        recorder = ApplicationRecorder(self.datastore())
        self.afterwards.callback(recorder.close)
        return recorder

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnABook, library.TrackingRecorderTestCase):
    def create_recorder(self) -> LibraryTrackingRecorder:
        return TrackingRecorder(self.datastore())


class TestProcessRecorder(OnABook, library.ProcessRecorderTestCase):
    def create_recorder(self) -> LibraryProcessRecorder:
        recorder = ProcessRecorder(self.datastore())
        self.afterwards.callback(recorder.close)
        return recorder


class TestNonInterleavingNotificationIds(OnABook, library.NonInterleavingNotificationIDsBaseCase):
    insert_num = 500

    def create_recorder(self) -> LibraryApplicationRecorder:
        recorder = ApplicationRecorder(self.datastore())
        self.afterwards.callback(recorder.close)
        return recorder


class OwnTrackingRecorder(TrackingRecorder):
    """A subclass, as a projection would bring one."""


class TestInfrastructureFactory(OnABook, library.InfrastructureFactoryTestCase[Factory]):
    def setUp(self) -> None:
        self.env = Environment("TestCase", self.environment)
        super().setUp()

    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[LibraryAggregateRecorder]:
        return AggregateRecorder

    def expected_application_recorder_class(self) -> type[LibraryApplicationRecorder]:
        return ApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[LibraryTrackingRecorder]:
        return TrackingRecorder

    def tracking_recorder_subclass(self) -> type[LibraryTrackingRecorder]:
        return OwnTrackingRecorder

    def expected_process_recorder_class(self) -> type[LibraryProcessRecorder]:
        return ProcessRecorder


class InTheEnvironment(OnABook):
    """The library's applications read their settings from the process environment."""

    @pytest.fixture(autouse=True)
    def _variables(self, _book: None, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)


class TestExampleApplication(InTheEnvironment, library_application.ExampleApplicationTestCase):
    expected_factory_topic = "server.eventlog.factory:Factory"


# One of its cases provokes this warning, to see that it is given.
@pytest.mark.filterwarnings("always:'log' is deprecated:DeprecationWarning")
class TestApplication(InTheEnvironment, library_application.ApplicationTestCase):
    pass
