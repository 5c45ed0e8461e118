"""Follows the log: a thread that keeps the views of a book at its end.

It is woken when something is appended (`wake`), and looks by itself every `poll_seconds` in case
nobody told it. Unless somebody waits for it, it lets a moment pass between two steps: what is
appended meanwhile costs hardly more to fold than the first of it. A lost database is waited for;
nothing is lost or counted twice meanwhile, because rows and position commit together.
"""

import logging
import threading
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import Final, NamedTuple, Self

import psycopg2
from eventsourcing.persistence import PersistenceError

from projections.engine.errors import EntryStops, FollowerStopped, ViewsBehind, ViewsMissing
from projections.engine.folding import Step, log_size, prepare, step
from projections.engine.prepared import BY_INDEX
from projections.engine.schemas import Connect, schemas, share_views, standing
from projections.engine.view import View, Views

STEP_FACTS: Final = 50_000

_BREATH: Final = 0.05  # Seconds between two steps that nobody waits for.
_FIRST_DELAY: Final = 0.1  # Seconds before the first retry; doubled at each further one.
_LONGEST_DELAY: Final = 5.0

# The database went away, or is not what it should be: worth another try.
_RETRIED: Final = (psycopg2.Error, PersistenceError, OSError, ViewsMissing, EntryStops)

# What a crash takes from the views is folded again, so nobody waits for their disk; only the log
# is the truth. And what a step reads is always a range of positions.
AS_FOLLOWER: Final = f"SET LOCAL synchronous_commit = off; {BY_INDEX}"

_log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    """Who is called back at a position: of several at the same, the one who came first."""

    position: int
    number: int
    callback: Callable[[], None]


class Follower:
    """Keeps the views of the book in schema `book` up to date between `start` and `stop`."""

    def __init__(
        self,
        connect: Connect,
        book: str,
        views: Views,
        *,
        step_facts: int = STEP_FACTS,
        poll_seconds: float = 1.0,
    ) -> None:
        self._connect = connect
        self._book = book
        self._at = schemas(book)
        self._views = views
        self._step_facts = step_facts
        self._poll_seconds = poll_seconds
        self._woken = threading.Event()
        self._waited_for = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # Of who waits, and for what.
        self._waiting: list[_Waiting] = []  # A heap.
        self._numbers = count()
        self._position = 0
        self._lag = 0
        self._following = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._follow, name=f"follower of {book}")

    def start(self) -> tuple[View, ...]:
        """Makes the views where there are none, and begins to follow those that are there.

        Returns the others, which have to be built (see builder.py).
        """
        with self._connect() as connection, connection.cursor() as c:
            outdated = prepare(c, self._book, self._views)
            self._position = standing(c, self._at, self._views).reached
            self._lag = log_size(c, self._at) - self._position
        self._following = True
        self._thread.start()
        return outdated

    def stop(self) -> None:
        """Ends the thread after the step it is at. May be called twice."""
        self._stopping.set()
        self._waited_for.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wake(self) -> None:
        """Something was appended. Never blocks; any thread may call it."""
        self._woken.set()

    def position(self) -> int:
        """Where the views stand. Readers may already see more, never less."""
        return self._position

    def lag(self) -> int:
        """How many facts the log had that the views had not, when the follower last looked."""
        return self._lag

    def size(self) -> int:
        """How long the log was when the follower last looked."""
        return self._position + self._lag

    @property
    def failure(self) -> BaseException | None:
        """What went wrong at the last attempt, until one succeeds."""
        return self._failure

    def wait_for(self, position: int, timeout: float) -> int:
        """Waits until the views include a position; returns where they stand.

        Raises `ViewsBehind` after `timeout` seconds, and `FollowerStopped` if nobody follows.
        """
        moved = threading.Event()
        self.when(position, moved.set)
        moved.wait(timeout)
        return self.require(position)

    def when(self, position: int, callback: Callable[[], None], *, hurry: bool = True) -> None:
        """Calls back once the views include a position, or when nobody follows any more; at once if
        that is so already. It is called in whatever thread, and must not block.

        The follower hurries, unless that is not needed: then it takes a breath between two steps.
        """
        with self._lock:
            waits = self._following and self._position < position
            if waits:
                heappush(self._waiting, _Waiting(position, next(self._numbers), callback))
        if not waits:
            callback()
        elif hurry:
            self._waited_for.set()
            self.wake()

    def require(self, position: int) -> int:
        """Where the views stand. Raises as `wait_for` does where they do not include a position."""
        if self._position >= position:
            return self._position
        if not self._following:
            raise FollowerStopped(f"nothing follows {self._book}") from self._failure
        if isinstance(self._failure, EntryStops):
            raise self._failure
        raise ViewsBehind(position, self._position)

    def _follow(self) -> None:
        delay = _FIRST_DELAY
        try:
            while not self._stopping.is_set():
                self._woken.clear()
                self._waited_for.clear()
                try:
                    done = self._step()
                except _RETRIED as error:
                    self._failure = error
                    _log.warning("views of %s: trying again in %s s: %s", self._book, delay, error)
                    self._stopping.wait(delay)
                    delay = min(2 * delay, _LONGEST_DELAY)
                else:
                    delay = _FIRST_DELAY
                    self._arrived(done)
        except Exception as error:  # A bug, not weather: whoever waits is told.
            self._failure = error
            _log.exception("views of %s are no longer followed", self._book)
        finally:
            with self._lock:
                self._following = False
                waiting, self._waiting = self._waiting, []
            for each in waiting:
                each.callback()

    def _step(self) -> Step:
        with self._connect() as connection, connection.cursor() as c:
            stand, size = share_views(c, self._at, self._views, AS_FOLLOWER), log_size(c, self._at)
            if not stand.there or stand.reached >= size:  # Nothing is locked for nothing.
                return Step(stand.reached if stand.there else size, size)
            return step(c, self._at, self._views, self._step_facts, prepared=True)

    def _arrived(self, done: Step) -> None:
        if self._failure is not None:
            _log.warning("views of %s are followed again, at %s", self._book, done.reached)
        self._failure = None
        arrived = []
        with self._lock:
            self._position = done.reached
            self._lag = max(0, done.size - done.reached)
            while self._waiting and self._waiting[0].position <= done.reached:
                arrived.append(heappop(self._waiting))
        for each in arrived:
            each.callback()
        if done.caught_up:
            self._waited_for.wait(_BREATH)
            self._woken.wait(self._poll_seconds)
