"""A real server on a real socket, over a book of its own in a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import grpc
import psycopg2
import pytest
from psycopg2 import sql

from server.app import App, running
from server.settings import Settings
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.writing.office import Office, opened


@contextmanager
def new_book(database_url: str) -> Iterator[str]:
    """A name no other test uses; its schemas are dropped afterwards."""
    name = f"t{uuid4().hex[:12]}"
    yield name
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SET lock_timeout = '10s'")
        query = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
        cursor.execute(query, [f"book_{name}"])
        for (found,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(found)))


@contextmanager
def serving(database_url: str, book: str) -> Iterator[App]:
    settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=book)
    with running(settings) as started:
        yield started


@pytest.fixture
def book(database_url: str) -> Iterator[str]:
    with new_book(database_url) as name:
        yield name


@pytest.fixture
def app(database_url: str, book: str) -> Iterator[App]:
    with serving(database_url, book) as started:
        yield started


@pytest.fixture
def desk(app: App, book: str) -> Iterator[FrontDesk]:
    with grpc.insecure_channel(app.address) as channel:
        yield FrontDesk(channel, book)


@pytest.fixture
def office(database_url: str, schema: str) -> Iterator[Office]:
    with opened(database_url, schema) as office:
        yield office
