"""The queue before the writer: how much it holds, what is one group, and how it ends."""

import pytest

from server.writing import queue
from server.writing.queue import CommandQueue
from server.writing.submission import Batch, LogUnavailable, QueueFull, Submission
from tests.server.writing.office import asked, part


def command(number: int, lane: str = "") -> Submission:
    submission = asked(part(f"P-{number}"), request_id=f"r-{number}")
    submission.lane = lane
    return submission


def batch(*numbers: int) -> Batch:
    return Batch([command(number) for number in numbers])


def taken(waiting: CommandQueue) -> list[list[list[str]]]:
    """Every group until the queue ends: of each submission the requests in it."""
    return [
        [[each.request_id for each in submission.commands] for submission in group]
        for group in waiting.groups()
    ]


def flat(groups: list[list[list[str]]]) -> list[list[str]]:
    """Of each group the requests."""
    return [[each for submission in group for each in submission] for group in groups]


def test_it_holds_as_many_commands_as_it_may_and_not_one_more() -> None:
    waiting = CommandQueue(3)
    waiting.put(command(1))
    waiting.put(batch(2, 3))
    assert waiting.waiting == 3

    with pytest.raises(QueueFull, match="3 commands wait already"):
        waiting.put(command(4))
    with pytest.raises(QueueFull):
        waiting.put(batch(4, 5))
    assert waiting.waiting == 3


def test_a_batch_that_is_longer_than_the_queue_is_taken_when_nothing_waits() -> None:
    waiting = CommandQueue(1)
    waiting.put(batch(1, 2))
    with pytest.raises(QueueFull):
        waiting.put(command(3))
    waiting.finish()

    assert taken(waiting) == [[["r-1", "r-2"]]]
    assert waiting.waiting == 0


def test_what_was_taken_makes_room() -> None:
    waiting = CommandQueue(2)
    waiting.put(command(1))
    waiting.put(command(2))
    next(waiting.groups())
    assert waiting.waiting == 0

    waiting.put(batch(3, 4))


@pytest.mark.parametrize(
    ("most", "groups"),
    [
        (1, [["r-1"], ["r-2", "r-3"], ["r-4"], ["r-5"]]),
        (2, [["r-1", "r-2", "r-3"], ["r-4", "r-5"]]),
        (3, [["r-1", "r-2", "r-3"], ["r-4", "r-5"]]),
        (4, [["r-1", "r-2", "r-3", "r-4"], ["r-5"]]),
        (5, [["r-1", "r-2", "r-3", "r-4", "r-5"]]),
    ],
)
def test_a_group_is_full_with_its_last_batch(
    most: int, groups: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MAX_GROUP", most)
    waiting = CommandQueue(10)
    for submission in (command(1), batch(2, 3), command(4), command(5)):
        waiting.put(submission)
    waiting.finish()

    assert flat(taken(waiting)) == groups


def test_what_comes_after_the_end_is_in_no_group() -> None:
    waiting = CommandQueue(10)
    waiting.put(command(1))
    waiting.finish()
    waiting.put(command(2))

    assert taken(waiting) == [[["r-1"]]]
    assert waiting.waiting == 1


def test_closed_between_two_groups_it_gives_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_GROUP", 1)
    waiting = CommandQueue(10)
    first, second = command(1), batch(2, 3)
    waiting.put(first)
    waiting.put(second)
    groups = waiting.groups()
    assert next(groups) == [first]
    waiting.close(LogUnavailable("the first reason"))
    waiting.close(LogUnavailable("another"))

    assert list(groups) == []
    with pytest.raises(LogUnavailable, match="the first reason"):
        waiting.put(command(4))
    waiting.refuse_rest()
    assert isinstance(second.outcome.exception(0), LogUnavailable)
    assert str(second.outcome.exception(0)) == "the first reason"
    assert not first.outcome.done()


def test_closed_while_it_is_empty_it_lets_nobody_wait() -> None:
    waiting = CommandQueue(10)
    waiting.close(LogUnavailable("over"))

    assert list(waiting.groups()) == []
    assert str(waiting.closed) == "over"


def test_a_group_is_of_five_hundred_commands_and_of_a_hundred_where_others_wait() -> None:
    assert (queue.MAX_GROUP, queue.SHARED_GROUP) == (500, 100)
    assert queue.TURN == 16  # Of a hundred, six callers get a turn.


@pytest.mark.parametrize(("seconds", "size"), [(1_000.0, 3), (0.0, 5)])
def test_groups_stay_short_as_long_as_another_caller_was_just_at_work(
    seconds: float, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MAX_GROUP", 5)
    monkeypatch.setattr(queue, "SHARED_GROUP", 3)
    monkeypatch.setattr(queue, "_AT_WORK", seconds)
    waiting = CommandQueue(100)
    groups = waiting.groups()
    for number, lane in enumerate(("bulk", "ann", "bulk"), 1):
        waiting.put(command(number, lane))
        assert len(next(groups)) == 1
    for number in range(4, 20):
        waiting.put(command(number, "bulk"))
    assert len(next(groups)) == size


def test_a_single_call_does_not_wait_for_all_of_anothers_bulk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "SHARED_GROUP", 4)
    monkeypatch.setattr(queue, "TURN", 2)
    monkeypatch.setattr(queue, "_AT_WORK", 0.0)
    waiting = CommandQueue(100)
    for number in range(1, 8):
        waiting.put(command(number, "bulk"))
    waiting.put(command(8, "ann"))
    waiting.put(command(9, "bob"))
    waiting.finish()

    assert flat(taken(waiting)) == [
        ["r-1", "r-2", "r-8", "r-9"], ["r-3", "r-4", "r-5", "r-6", "r-7"],
    ]  # fmt: skip


def test_in_one_lane_it_would_wait_for_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(queue, "MAX_GROUP", 4)
    waiting = CommandQueue(100)
    for number in range(1, 9):
        waiting.put(command(number, "bulk"))
    waiting.finish()

    assert flat(taken(waiting)) == [
        ["r-1", "r-2", "r-3", "r-4"], ["r-5", "r-6", "r-7", "r-8"],
    ]  # fmt: skip


def test_whoever_fills_the_queue_leaves_others_their_share() -> None:
    waiting = CommandQueue(4)
    for number in range(1, 5):
        waiting.put(command(number, "bulk"))
    with pytest.raises(QueueFull):
        waiting.put(command(5, "bulk"))

    waiting.put(command(6, "ann"))
    waiting.put(command(7, "ann"))
    with pytest.raises(QueueFull, match="6 commands wait already"):
        waiting.put(command(8, "ann"))
    waiting.put(command(9, "bob"))  # Of three, each may have one.
    with pytest.raises(QueueFull):
        waiting.put(command(10, "bob"))


def test_the_lane_that_was_not_served_in_full_is_next_to_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "SHARED_GROUP", 3)
    monkeypatch.setattr(queue, "TURN", 1)
    waiting = CommandQueue(100)
    for number, lane in enumerate("aabbc", 1):
        waiting.put(command(number, lane))
    waiting.finish()

    assert flat(taken(waiting)) == [["r-1", "r-3", "r-5"], ["r-2", "r-4"]]
