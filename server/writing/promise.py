"""The outcome of something that another thread does: set once, waited for by any."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Promise(Generic[T]):
    """What a `Future` of the standard library does for whoever waits, and nothing else.

    Each command has one, and a Future takes seven times as long: it has a lock with a queue of
    those who wait, and states.
    """

    __slots__ = ("_callbacks", "_failure", "_kept", "_result", "_unkept")

    def __init__(self) -> None:
        self._kept = False
        self._result: T | None = None
        self._failure: BaseException | None = None
        self._callbacks: list[Callable[[], None]] = []
        self._unkept = Lock()  # Held until the promise is kept.
        self._unkept.acquire()

    def set_result(self, result: T) -> None:
        self._keep(result, None)

    def set_exception(self, failure: BaseException) -> None:
        self._keep(None, failure)

    def done(self) -> bool:
        return self._kept

    def then(self, callback: Callable[[], None]) -> None:
        """Calls back once the promise is kept, in the thread that keeps it; at once if it is."""
        self._callbacks.append(callback)
        if self._kept:
            self._call_back()

    def result(self, timeout: float = -1) -> T:
        """What was set, or raises it. Raises TimeoutError when so many seconds have passed."""
        failure = self.exception(timeout)
        if failure is not None:
            raise failure
        return cast(T, self._result)

    def exception(self, timeout: float = -1) -> BaseException | None:
        """What `result` would raise, or None."""
        if not self._kept:
            if not self._unkept.acquire(timeout=timeout):
                raise TimeoutError
            self._unkept.release()  # For the next one who waits.
        return self._failure

    def _keep(self, result: T | None, failure: BaseException | None) -> None:
        assert not self._kept, "a promise is kept once"
        self._result, self._failure = result, failure
        self._kept = True
        self._unkept.release()
        self._call_back()

    def _call_back(self) -> None:
        """Takes each one off before it is called, so that two threads do not call it twice."""
        while self._callbacks:
            try:
                callback = self._callbacks.pop()
            except IndexError:  # The other thread has taken the last one.
                return
            callback()
