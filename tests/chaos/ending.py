"""What a run has come to, in what is the same in every book."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from examples.sizes import last_day
from projections.views import VIEWS
from server.cli.channel import Connection
from server.erp.folder import Ordered
from tests.chaos.ledger_checks import entries_of
from tests.chaos.mixed_trade import SIZE, id_of
from tests.chaos.readings import Readings, readings
from tests.chaos.told import Told
from tests.server.api.reading.front_desk import FrontDesk

MONTH_ENDS: Final = [last_day(months) for months in range(1, SIZE.months + 1)]
TODAY: Final = last_day(SIZE.months + 1)  # By then all of the trade has happened.


class Fact(NamedTuple):
    stream: str
    version: int
    topic: str
    state: bytes
    actor: str
    command: int  # Its number among all that were sent.


class Ending(NamedTuple):
    history: list[Fact]  # In the order of the log.
    refused: dict[int, str]  # The reason, by the number of the command.
    fingerprints: dict[str, str]  # Of the views that do not show when something was recorded.
    readings: Readings


def ending(connection: Connection, commands: Sequence[Ordered], told: Told) -> Ending:
    channel, book = connection.channel, connection.book.removeprefix("books/")
    numbers = {id_of(command): number for number, command in enumerate(commands)}
    _, *entries = entries_of(channel, book)  # The first one opens the book.
    history = [
        Fact(e.stream, e.version, e.topic, e.state, e.actor, numbers[e.request_id]) for e in entries
    ]
    refused = {numbers[request_id]: reason for request_id, reason in told.refused.items()}
    read = readings(channel, book, MONTH_ENDS, TODAY)
    return Ending(history, refused, _fingerprints(FrontDesk(channel, book)), read)


def _fingerprints(desk: FrontDesk) -> dict[str, str]:
    """The views have followed the log when this is asked."""
    timeless = {view.name for view in VIEWS if "recorded_at" not in view.table}
    status = desk.call("View.GetViewStatus", with_fingerprints=True)
    assert status.lag == 0
    return {view.view: view.fingerprint for view in status.views if view.view in timeless}
