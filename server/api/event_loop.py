"""The event loop of the API, in a thread of its own, and how other threads bring it news.

Whatever waits for something — a caller for a commit, a subscriber for an entry, a reader for a
position — waits on the loop and takes no thread. What blocks, such as a query, runs on one of a few
threads beside it.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")

BLOCKING_THREADS: Final = 32  # Queries that run at the same time.


class EventLoop:
    """Runs from when it is made until `close`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._blocking = ThreadPoolExecutor(BLOCKING_THREADS, thread_name_prefix="call")
        self.loop.set_default_executor(self._blocking)
        self._thread = threading.Thread(target=self._run, name="api")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it on the loop, and waits for its end. For other threads than the loop's."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        """Ends the thread, and what still runs on the loop."""
        self.run(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self._blocking.shutdown(wait=False, cancel_futures=True)

    async def _cancel_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Runs what blocks on one of the threads beside the loop, as part of the same call."""
    return await asyncio.to_thread(work, *arguments)


class Arrivals:
    """Wakes those on the loop who wait for what other threads do: many of them at once.

    To wake the loop costs more than to tell one more of those who wait on it, and a commit answers
    hundreds.
    """

    def __init__(self) -> None:
        self._arrived: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = False

    async def of(self, begin: Callable[[Callable[[], None]], None], seconds: float | None) -> None:
        """Waits until what `begin` is given was called, in whatever thread.

        Raises TimeoutError after so many seconds.
        """
        self._loop = asyncio.get_running_loop()
        awaited = self._loop.create_future()
        timer = None if seconds is None else self._loop.call_later(seconds, _expire, awaited)
        begin(lambda: self._tell(awaited))
        try:
            await awaited
        finally:
            if timer is not None:
                timer.cancel()

    def _tell(self, awaited: "asyncio.Future[None]") -> None:
        self._arrived.append(awaited)
        if not self._woken:
            self._woken = True
            assert self._loop is not None
            with suppress(RuntimeError):  # It is closed: nobody waits any more.
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        """What arrives from here on wakes the loop again."""
        self._woken = False
        while self._arrived:
            awaited = self._arrived.popleft()
            if not awaited.done():
                awaited.set_result(None)


def _expire(awaited: "asyncio.Future[None]") -> None:
    if not awaited.done():
        awaited.set_exception(TimeoutError())
