"""A real server for a history: a real socket, a real PostgreSQL, and a clock that stands still."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import grpc
import psycopg2
import pytest
from psycopg2 import sql

from server.app import running
from server.settings import Settings
from tests.server.api.reading.front_desk import FrontDesk
from tests.simulation.trade import TODAY

# Imported by the tests only, after this: what they assert is shown in full when it fails.
pytest.register_assert_rewrite(
    "tests.simulation.history",
    "tests.simulation.shown_over_the_api",
    "tests.simulation.proof_over_the_api",
)

NOON_IN_SHANGHAI = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)

# Opens a book by its name, a new one or one that was open before.
Serve = Callable[[str], AbstractContextManager[FrontDesk]]


@pytest.fixture
def prefix(database_url: str) -> Iterator[str]:
    """What the names of this test's books begin with; their schemas are dropped afterwards."""
    name = f"h{uuid4().hex[:12]}"
    yield name
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SET lock_timeout = '10s'")
        query = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
        cursor.execute(query, [f"book_{name}"])
        for (found,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(found)))


@pytest.fixture
def serve(database_url: str, prefix: str) -> Serve:
    """The product as it is, but for the day: histories are of a year that has passed."""

    @contextmanager
    def serve(book: str) -> Iterator[FrontDesk]:
        name = f"{prefix}_{book}"
        settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=name)
        with (
            running(settings, now=lambda: NOON_IN_SHANGHAI) as app,
            grpc.insecure_channel(app.address) as channel,
        ):
            yield FrontDesk(channel, name)

    return serve
