"""A migrated book, and recorders that are closed after each test."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Protocol

import psycopg2
import pytest
from psycopg2.extensions import connection

from domain.storing import RecordedEvent
from server.eventlog import short_append
from server.eventlog.migrations import migrate
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.requests import GR_1


@pytest.fixture
def book(database_url: str, schema: str) -> str:
    """The name of a schema with an empty log."""
    migrate(database_url, schema)
    return schema


@pytest.fixture
def datastore(database_url: str, book: str) -> Iterator[Datastore]:
    with closing(Datastore(database_url, book)) as opened:
        yield opened


@pytest.fixture
def log(datastore: Datastore) -> Iterator[ApplicationRecorder]:
    with closing(ApplicationRecorder(datastore)) as recorder:
        yield recorder


@pytest.fixture(params=["short", "copied"])
def way(request: pytest.FixtureRequest) -> str:
    """Each way an append can take: what a test needs holds on both."""
    if request.param == "copied":
        request.getfixturevalue("copied")
    return str(request.param)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a short append is copied."""
    monkeypatch.setattr(short_append, "LONGEST", -1)


@pytest.fixture
def owner(database_url: str, book: str) -> Iterator[connection]:
    """A superuser in the book's schema, in autocommit: what the service must not be."""
    with closing(psycopg2.connect(database_url)) as opened:
        opened.autocommit = True
        with opened.cursor() as c:
            c.execute("SELECT set_config('search_path', %s, false)", (book,))
        yield opened


class MakeFact(Protocol):
    """Makes a fact with vivid defaults."""

    def __call__(
        self,
        stream: str = "stock/W01/P-100",
        version: int = 1,
        state: bytes = b'{"quantity":"5"}',
        *,
        topic: str = "partsledger:StockItem.Received",
        recorded_at: datetime = datetime(2025, 3, 14, 9, 30, tzinfo=UTC),
        actor: str = "li.na",
        principal: str = "",
        request_id: str = GR_1,
    ) -> RecordedEvent: ...


@pytest.fixture
def fact() -> MakeFact:
    def make(
        stream: str = "stock/W01/P-100",
        version: int = 1,
        state: bytes = b'{"quantity":"5"}',
        *,
        topic: str = "partsledger:StockItem.Received",
        recorded_at: datetime = datetime(2025, 3, 14, 9, 30, tzinfo=UTC),
        actor: str = "li.na",
        principal: str = "",
        request_id: str = GR_1,
    ) -> RecordedEvent:
        asked = recorded_at, actor, principal, request_id
        return RecordedEvent(stream, version, topic, state, *asked)

    return make
