"""One real PostgreSQL for the whole run, a schema of its own for each test that asks."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from psycopg2 import sql

from server.postgres.embedded import EmbeddedPostgres

settings.register_profile(
    "dev", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# Names a PostgreSQL that runs already, for whoever runs pytest again and again (tests/mutants).
TEST_DATABASE_URL: Final = "PARTSLEDGER_TEST_DATABASE_URL"

# A shell that runs this in the background has Ctrl-C ignored, by all that is started here, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The product's own embedded server, with the product's own settings.

    Where `PARTSLEDGER_TEST_DATABASE_URL` names a running one, that; its user must be a superuser.
    """
    if running := os.environ.get(TEST_DATABASE_URL):
        yield running
        return
    # Not tmp_path_factory: each new pytest run closes the parent of all its directories to
    # other users, and as root PostgreSQL is another user.
    with (
        tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory,
        EmbeddedPostgres(Path(directory)) as postgres,
    ):
        yield postgres.url


@contextmanager
def new_schema(database_url: str) -> Iterator[str]:
    """A name no other test uses. Afterwards every schema is dropped whose name begins with it, and
    those of their views."""
    name = f"book_t{uuid4().hex[:12]}"
    yield name
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SET lock_timeout = '10s'")  # A forgotten transaction fails its own test.
        ours = f"^((views|shadow)_of_)?{name}"
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ %s", [ours])
        for (found,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(found)))


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """Beside the one of the URL: so that two books may have the same name."""
    name = f"beside_{uuid4().hex[:12]}"
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def new_book(database_url: str) -> Iterator[str]:
    """The name of a book whose schemas are dropped afterwards, and of books it is a prefix of."""
    with new_schema(database_url) as schema:
        yield schema.removeprefix("book_")


@pytest.fixture
def book(database_url: str) -> Iterator[str]:
    with new_book(database_url) as name:
        yield name


@pytest.fixture
def schema(database_url: str) -> Iterator[str]:
    with new_schema(database_url) as name:
        yield name
