"""The queue of commands for the writer: bounded, taken in groups, refused when it is closed."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Final

from server.writing.submission import Batch, LogUnavailable, QueueFull, Submission

MAX_GROUP: Final = 1_000  # Commands; the last batch of a group may exceed it.


class CommandQueue:
    """Any thread may `put`; one thread takes the groups."""

    def __init__(self, max_waiting: int) -> None:
        self.waiting = 0  # Commands, those of batches included.
        self.closed: str | None = None  # Why further commands are refused; None while they are not.
        self._max_waiting = max_waiting
        self._submissions: SimpleQueue[Submission | Batch | None] = SimpleQueue()
        self._door = threading.Lock()  # So that nothing is queued while it is closed.

    def put(self, submission: Submission | Batch) -> None:
        """Raises QueueFull when too many wait, and LogUnavailable once the queue is closed."""
        with self._door:
            if self.closed is not None:
                raise LogUnavailable(self.closed)
            count = len(submission.commands)
            if self.waiting and self.waiting + count > self._max_waiting:
                raise QueueFull(f"{self.waiting} commands wait already")
            self.waiting += count
            self._submissions.put(submission)

    def groups(self) -> Iterator[list[Submission | Batch]]:
        """Everything that waits, as one group after another, until `finish` or `close`."""
        while (first := self._submissions.get()) is not None:
            group, count = [first], len(first.commands)
            last = False
            while count < MAX_GROUP and not self._submissions.empty():
                following = self._submissions.get()
                if following is None:
                    last = True
                    break
                group.append(following)
                count += len(following.commands)
            with self._door:
                self.waiting -= count
            yield group
            if last or self.closed is not None:
                return

    def finish(self) -> None:
        """What waits now is taken; after that the groups end."""
        self._submissions.put(None)

    def close(self, why: str) -> None:
        """Refuses further commands and ends the groups. The first reason given is the one told."""
        with self._door:
            self.closed = self.closed or why
        self._submissions.put(None)  # So that nobody waits for another group.

    def refuse_rest(self) -> None:
        """Refuses what was not taken. Called when the queue is closed."""
        while not self._submissions.empty():
            waiting = self._submissions.get()
            if waiting is not None:
                waiting.outcome.set_exception(LogUnavailable(self.closed))
