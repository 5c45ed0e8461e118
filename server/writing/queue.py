"""The queue of commands for the writer: bounded, fair, taken in groups, refused when it is closed.

Each caller has a lane, in which its commands keep their order. A group takes from all lanes in
turn, so a single call does not wait for all of somebody's bulk; and where the queue is full,
whoever has less than its share of it may still put more in.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Final

from server.writing.submission import Batch, LogUnavailable, QueueFull, Submission

MAX_GROUP: Final = 500  # Commands; the last batch of a group may exceed it.
SHARED_GROUP: Final = 100  # While several callers are at work: each waits for a whole group.
_AT_WORK: Final = 1.0  # Seconds since another caller's command came.
TURN: Final = 16  # Commands that a lane may give to a group before the next one's turn.


class _Lane:
    """What waits of one caller."""

    def __init__(self) -> None:
        self.submissions: deque[Submission | Batch] = deque()
        self.waiting = 0  # Commands, those of batches included.


class CommandQueue:
    """Any thread may `put`; one thread takes the groups."""

    def __init__(self, max_waiting: int) -> None:
        self.waiting = 0  # Commands, those of batches included.
        self.closed: LogUnavailable | None = None  # Why further commands are refused, if they are.
        self._max_waiting = max_waiting
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()  # The next one's turn first.
        self._latest: str | None = None  # Whose command came last,
        self._shared_until = 0.0  # and until when it is not the only one at work.
        self._finished = False
        self._late: list[Submission | Batch] = []  # What was put in after the last group.
        self._changed = threading.Condition(threading.Lock())

    def put(self, submission: Submission | Batch) -> None:
        """Raises QueueFull when too many wait, and LogUnavailable once the queue is closed."""
        count = len(submission.commands)
        with self._changed:
            if self.closed is not None:
                raise type(self.closed)(*self.closed.args)
            lane = self._lanes.get(submission.lane)
            self._require_room(count, 0 if lane is None else lane.waiting, lane is None)
            if submission.lane != self._latest:
                if self._latest is not None:
                    self._shared_until = time.monotonic() + _AT_WORK
                self._latest = submission.lane
            self.waiting += count
            if self._finished:
                self._late.append(submission)
                return
            if lane is None:
                lane = self._lanes[submission.lane] = _Lane()
            lane.submissions.append(submission)
            lane.waiting += count
            self._changed.notify()

    def groups(self) -> Iterator[list[Submission | Batch]]:
        """Everything that waits, as one group after another, until `finish` or `close`."""
        while True:
            with self._changed:
                while not self._lanes and not self._finished and self.closed is None:
                    self._changed.wait()
                if self.closed is not None or not self._lanes:
                    return
                group = self._take()
            yield group

    def finish(self) -> None:
        """What waits now is taken; after that the groups end."""
        with self._changed:
            self._finished = True
            self._changed.notify()

    def close(self, why: LogUnavailable) -> None:
        """Refuses further commands and ends the groups. The first reason given is the one told."""
        with self._changed:
            self.closed = self.closed or why
            self._changed.notify()  # So that nobody waits for another group.

    def refuse_rest(self) -> None:
        """Refuses what was not taken. Called when the queue is closed."""
        with self._changed:
            rest = [each for lane in self._lanes.values() for each in lane.submissions]
            rest += self._late
            self._lanes.clear()
            self._late.clear()
            why = self.closed or LogUnavailable()
        for submission in rest:
            submission.outcome.set_exception(type(why)(*why.args))

    def _require_room(self, count: int, of_caller: int, new: bool) -> None:
        if not self.waiting or self.waiting + count <= self._max_waiting:
            return
        share = self._max_waiting // (len(self._lanes) + new)
        if of_caller + count > share:
            raise QueueFull(f"{self.waiting} commands wait already")

    def _take(self) -> list[Submission | Batch]:
        group: list[Submission | Batch] = []
        count = 0
        shared = len(self._lanes) > 1 or time.monotonic() < self._shared_until
        most = SHARED_GROUP if shared else MAX_GROUP
        while self._lanes and count < most:
            name, lane = self._lanes.popitem(last=False)
            turn = min(most, count + TURN) if self._lanes else most
            while lane.submissions and count < turn:
                submission = lane.submissions.popleft()
                group.append(submission)
                taken = len(submission.commands)
                lane.waiting -= taken
                count += taken
            if lane.submissions:
                self._lanes[name] = lane  # Behind all others.
        self.waiting -= count
        return group
