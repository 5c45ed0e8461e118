"""A real server for a history: a real socket, a real PostgreSQL, and a clock that stands still."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import grpc
import pytest

from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving
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
def serve(database_url: str, book: str) -> Serve:
    """The product as it is, but for the day: histories are of a year that has passed."""

    @contextmanager
    def serve(name: str) -> Iterator[FrontDesk]:
        name = f"{book}_{name}"  # Dropped with the book it is named after.
        with (
            serving(database_url, name, lambda: NOON_IN_SHANGHAI) as app,
            grpc.insecure_channel(app.address) as channel,
        ):
            yield FrontDesk(channel, name)

    return serve
