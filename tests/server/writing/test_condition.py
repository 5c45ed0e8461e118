"""What is known to be wrong with a log: each fault once, by position, and not too much said."""

import logging

import pytest

from server.eventlog.inspection import Fault
from server.writing.condition import LogCondition, LogDamaged


def faults(*positions: int) -> list[Fault]:
    return [Fault(position, "it is missing") for position in positions]


def test_a_log_is_sound_until_something_is_found(caplog: pytest.LogCaptureFixture) -> None:
    condition = LogCondition()
    condition.found([])

    condition.require_sound()
    assert condition.faults == ()
    assert condition.damage() is None
    assert caplog.messages == []


def test_what_was_found_is_kept_by_position_and_refuses_with_the_first() -> None:
    condition = LogCondition()
    condition.found(faults(7, 9))
    condition.found(faults(8, 3, 7))

    assert condition.faults == tuple(faults(3, 7, 8, 9))
    with pytest.raises(LogDamaged) as damaged:
        condition.require_sound()
    assert damaged.value.facts == {"position": "3", "fault": "it is missing"}
    assert damaged.value.reason == "LOG_DAMAGED"


def test_what_is_known_is_not_said_again(caplog: pytest.LogCaptureFixture) -> None:
    condition = LogCondition()
    condition.found(faults(2, 1))
    assert caplog.messages == [
        "the log was altered, entry 1: it is missing",
        "the log was altered, entry 2: it is missing",
        "nothing is recorded: restore the log, and start the server again",
    ]
    condition.found(faults(2))
    assert len(caplog.messages) == 3
    condition.found(faults(2, 3))
    assert caplog.messages[3] == "the log was altered, entry 3: it is missing"


@pytest.mark.parametrize(("found", "more"), [(20, []), (21, [1]), (25, [5])])
def test_of_many_faults_twenty_are_said_and_how_many_more_there_are(
    found: int, more: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        LogCondition().found(faults(*range(1, found + 1)))

    *said, last = caplog.messages
    assert last.startswith("nothing is recorded")
    assert len([each for each in said if "entry" in each]) == 20
    assert said[20:] == [f"and {n} more: `partsledger status` lists them" for n in more]
