"""What is read of a book before midnight and what is read after it are the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import grpc
from google.protobuf import json_format

from server.app import running
from server.settings import Settings
from tests.chaos.ending import MONTH_ENDS, TODAY
from tests.chaos.readings import Readings, differences, readings
from tests.conftest import new_book
from tests.server.api.reading.front_desk import FrontDesk

# In Shanghai, where the book is kept.
BEFORE_MIDNIGHT = datetime(2025, 12, 1, 15, 59, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2025, 12, 1, 16, 1, tzinfo=UTC)
MIDSUMMER = date(2025, 7, 31)


class Clock:
    """The server's; it stands where it is put."""

    def __init__(self) -> None:
        self.moment = BEFORE_MIDNIGHT

    def now(self) -> datetime:
        return self.moment


@contextmanager
def trading(database_url: str, clock: Clock) -> Iterator[FrontDesk]:
    with new_book(database_url) as book:
        settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=book)
        with (
            running(settings, now=clock.now) as app,
            grpc.insecure_channel(app.address) as channel,
        ):
            desk = FrontDesk(channel, book)
            desk.open_for_business()
            desk.trade()
            yield desk


def read(desk: FrontDesk, today: date = TODAY) -> Readings:
    return readings(desk._channel, desk.book, MONTH_ENDS, today)


def open_items(desk: FrontDesk) -> list[dict[str, object]]:
    """As whoever asks for no day gets them."""
    pages = desk.pages("Statement.ListOpenItems", parent=desk.name("dealers/-"))
    return [json_format.MessageToDict(page) for page in pages]


def test_readings_on_both_sides_of_midnight_are_the_same(database_url: str) -> None:
    clock = Clock()
    with trading(database_url, clock) as desk:
        before, asked_before = read(desk), open_items(desk)
        clock.moment = AFTER_MIDNIGHT
        after, asked_after = read(desk), open_items(desk)

        assert differences(before, after) == []
        # The controls: midnight has passed, and who asks for no day sees it; another day, or a
        # sale more, is seen in what is read.
        assert (asked_before[0]["asOfDate"], asked_after[0]["asOfDate"]) == (
            {"year": 2025, "month": 12, "day": 1}, {"year": 2025, "month": 12, "day": 2},
        )  # fmt: skip
        assert asked_before[0]["openItems"] != asked_after[0]["openItems"]
        assert differences(after, read(desk, MIDSUMMER)) == ["Statement.ListOpenItems"]
        desk.sell("S-3", "2025-08-15", "P-1", 1)
        assert "Statement.ListOpenItems" in differences(after, read(desk))
