"""One book for all tests here that only ask: a server of its own for each costs more than they."""

from collections.abc import Iterator

import grpc
import pytest

from tests.conftest import new_book
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving
from tests.server.writing.office import PATIENCE


@pytest.fixture(scope="session")
def standing(database_url: str) -> Iterator[FrontDesk]:
    """Ten P-1 at 6.00 of January, ten at 8.00 of June; three sold to D01 and one to D02 in July.

    Nobody may record anything: the log has to end where it ended at first.
    """
    with (
        new_book(database_url) as book,
        serving(database_url, book) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        desk = FrontDesk(channel, book)
        desk.open_for_business()
        desk.trade()
        head = app.reads.log.head()
        app.follower.wait_for(head.size, PATIENCE)  # Whoever asks for no position finds all of it.
        yield desk
        assert app.reads.log.head() == head, "a test that only asks has recorded something"
