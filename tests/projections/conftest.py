"""A migrated book of its own for each test, with its views made and nothing in them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.ledger import Ledger
from projections.engine.schemas import Connect
from server.eventlog.migrations import migrate
from tests.projections.bookkeeping import Bookkeeper, service_connections


@pytest.fixture
def connect(database_url: str) -> Connect:
    return service_connections(database_url)


@contextmanager
def opened_book(database_url: str, schema: str) -> Iterator[Bookkeeper]:
    migrate(database_url, schema)
    with Ledger(
        env={
            "PERSISTENCE_MODULE": "server.eventlog",
            "DATABASE_URL": database_url,
            "SCHEMA": schema,
        }
    ) as ledger:
        yield Bookkeeper(ledger, service_connections(database_url), schema)


@pytest.fixture
def bookkeeper(database_url: str, schema: str) -> Iterator[Bookkeeper]:
    with opened_book(database_url, schema) as bookkeeper:
        yield bookkeeper
