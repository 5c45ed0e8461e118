"""Builds the recorders of a book from an application's environment."""

from typing import Any, TypeVar, cast

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool

from server.eventlog.migrations import migrate
from server.eventlog.recorders import AggregateRecorder, ApplicationRecorder
from server.eventlog.tracking import ProcessRecorder, TrackingRecorder
from server.postgres.pool import Datastore, OriginatorIdType

_TTracking = TypeVar("_TTracking", bound=TrackingRecorder)
_TWriting = TypeVar("_TWriting", bound=ApplicationRecorder)
_TRecorder = TypeVar("_TRecorder", bound=ApplicationRecorder | TrackingRecorder)


class Factory(InfrastructureFactory[TrackingRecorder]):
    """The factory that the library finds by `PERSISTENCE_MODULE=server.eventlog`.

    `DATABASE_URL` is anything libpq understands and `SCHEMA` the book's schema. With a
    `SERVER_MARK`, no server but the one started with it is used. Unless `CREATE_TABLE` says no, the
    schema is migrated first.
    """

    DATABASE_URL = "DATABASE_URL"
    SERVER_MARK = "SERVER_MARK"
    SCHEMA = "SCHEMA"
    ORIGINATOR_ID_TYPE = "ORIGINATOR_ID_TYPE"
    CREATE_TABLE = "CREATE_TABLE"
    POOL_SIZE = "POSTGRES_POOL_SIZE"
    MAX_OVERFLOW = "POSTGRES_MAX_OVERFLOW"
    CONNECT_TIMEOUT = "POSTGRES_CONNECT_TIMEOUT"
    IDLE_IN_TRANSACTION_TIMEOUT = "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        id_type = self.env.get(self.ORIGINATOR_ID_TYPE) or "text"
        if id_type not in ("text", "uuid"):
            raise OSError(f"{self.ORIGINATOR_ID_TYPE} must be 'text' or 'uuid', not {id_type!r}")
        self.datastore = Datastore(
            self._required(self.DATABASE_URL),
            self._required(self.SCHEMA),
            mark=self.env.get(self.SERVER_MARK) or None,
            originator_id_type=cast(OriginatorIdType, id_type),
            pool_size=self._number(self.POOL_SIZE, 5),
            max_overflow=self._number(self.MAX_OVERFLOW, 10),
            connect_timeout=self._number(self.CONNECT_TIMEOUT, 5),
            idle_in_transaction_timeout=self._number(self.IDLE_IN_TRANSACTION_TIMEOUT, 5),
        )
        self._writing: list[ApplicationRecorder] = []
        self._migrated = False

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        self._migrate_once()
        return AggregateRecorder(self.datastore)

    def application_recorder(self) -> ApplicationRecorder:
        return self._writing_recorder(ApplicationRecorder, self.APPLICATION_RECORDER_TOPIC)

    def process_recorder(self) -> ProcessRecorder:
        return self._writing_recorder(ProcessRecorder, self.PROCESS_RECORDER_TOPIC)

    def tracking_recorder(
        self, tracking_recorder_class: type[_TTracking] | None = None
    ) -> _TTracking:
        self._migrate_once()
        named = self._class(TrackingRecorder, self.TRACKING_RECORDER_TOPIC)
        return (tracking_recorder_class or cast(type[_TTracking], named))(self.datastore)

    def close(self) -> None:
        for recorder in self._writing:
            recorder.close()
        self.datastore.close()

    def __exit__(self, *args: Any) -> None:
        self.close()
        super().__exit__(*args)

    def _writing_recorder(self, default: type[_TWriting], topic_key: str) -> _TWriting:
        self._migrate_once()
        recorder = self._class(default, topic_key)(self.datastore)
        self._writing.append(recorder)
        return recorder

    def _class(self, default: type[_TRecorder], topic_key: str) -> type[_TRecorder]:
        topic = self.env.get(topic_key)
        chosen = resolve_topic(topic) if topic else default
        if not issubclass(chosen, default):
            raise OSError(f"{topic_key} must name a subclass of {default.__name__}: {topic!r}")
        return cast(type[_TRecorder], chosen)

    def _migrate_once(self) -> None:
        if not self._migrated and strtobool(self.env.get(self.CREATE_TABLE) or "yes"):
            migrate(self.datastore.dsn, self.datastore.schema, self.datastore.mark)
            self._migrated = True

    def _required(self, key: str) -> str:
        value = self.env.get(key)
        if not value:
            raise OSError(f"{key} is not set for {self.env.name or 'the event log'}")
        return value

    def _number(self, key: str, default: int) -> int:
        value = self.env.get(key)
        try:
            return int(value) if value else default
        except ValueError:
            raise OSError(f"{key} must be a whole number, not {value!r}") from None
