"""The same log gives the same views on every PostgreSQL, to the last fingerprint.

`make oldest` compares the oldest one that is supported with the one that comes along; otherwise
both are of the same kind.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from projections.engine.fingerprint import fingerprint
from projections.engine.schemas import schemas
from projections.views import VIEWS
from server.postgres.embedded import EmbeddedPostgres
from tests.conftest import new_schema
from tests.projections.conftest import opened_book
from tests.projections.engine.old_books import LAST, OldBook, derive

Fingerprints = dict[str, tuple[int, str]]


@pytest.fixture
def private_url() -> Iterator[str]:
    """The PostgreSQL that comes along, whatever the others are tested on."""
    with (
        tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory,
        EmbeddedPostgres(Path(directory)) as postgres,
    ):
        yield postgres.url


def fingerprints(database_url: str, seed: int) -> Fingerprints:
    with (
        new_schema(database_url) as schema,
        opened_book(database_url, schema) as bookkeeper,
        bookkeeper.connect() as opened,
        opened.cursor() as c,
    ):
        at = schemas(schema)
        OldBook(Random(seed)).write(c, at)
        derive(c, at, LAST // 2)
        return {view.name: fingerprint(c, at, view, LAST) for view in VIEWS}


def test_views_of_the_same_lines_are_the_same_on_every_server(
    database_url: str, private_url: str
) -> None:
    here = fingerprints(database_url, 1)

    assert here == fingerprints(private_url, 1)
    assert sum(rows > 0 for rows, _ in here.values()) > 10
    assert here != fingerprints(private_url, 2)  # The control: other lines show.
