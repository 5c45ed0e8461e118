"""A read does not outlive its caller's patience: the database gives it up, too."""

import time
from typing import Any, NamedTuple

import grpc
import pytest

from server.api.errors import to_status
from server.app import App
from server.postgres.errors import TookTooLong


class Waiting(NamedTuple):
    """The context of a call that waits for so many seconds."""

    seconds: float | None

    def time_remaining(self) -> float | None:
        return self.seconds


def asked(app: App, context: Any, seconds: float) -> None:
    """A question that takes so long."""
    with app.reads.views(context, 0) as now:
        now.cursor.execute("SELECT pg_sleep(%s)", (seconds,))


def test_a_query_ends_with_the_deadline_of_its_caller(app: App) -> None:
    began = time.monotonic()
    with pytest.raises(TookTooLong) as refused:
        asked(app, Waiting(0.3), 30)

    assert time.monotonic() - began < 15
    status = to_status(refused.value)
    assert status.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]


def test_the_next_question_on_the_same_connection_has_its_own_time(app: App) -> None:
    for _ in range(3):
        with pytest.raises(TookTooLong):
            asked(app, Waiting(0.05), 30)
        asked(app, Waiting(None), 0.3)
        asked(app, Waiting(20.0), 0.3)


def test_a_deadline_that_is_over_is_no_question_without_one(app: App) -> None:
    """PostgreSQL takes a limit of 0 for none."""
    with pytest.raises(TookTooLong):
        asked(app, Waiting(0.0001), 30)
