"""A real server on a real socket, over a book of its own in a real PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import grpc
import pytest

from server.app import App, running, utc_now
from server.settings import Settings
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.writing.office import Office, opened


@contextmanager
def serving(
    database_url: str,
    book: str,
    now: Callable[[], datetime] = utc_now,
    listen: str = "127.0.0.1:0",
) -> Iterator[App]:
    settings = Settings.read(database_url=database_url, listen=listen, book=book)
    with running(settings, now) as started:
        yield started


def size(app: App) -> int:
    """How many entries the log has."""
    return app.reads.log.head().size


@pytest.fixture
def app(database_url: str, book: str) -> Iterator[App]:
    with serving(database_url, book) as started:
        yield started


@pytest.fixture
def channel(app: App) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(app.address) as channel:
        yield channel


@pytest.fixture
def desk(channel: grpc.Channel, book: str) -> FrontDesk:
    return FrontDesk(channel, book)


@pytest.fixture
def office(database_url: str, schema: str) -> Iterator[Office]:
    with opened(database_url, schema) as office:
        yield office
