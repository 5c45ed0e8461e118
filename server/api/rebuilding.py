"""Building views again, for a caller who is told how far it is."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection

from partsledger.v1 import view_service_pb2 as pb
from projections.engine.rebuild import Rebuild, rebuild
from projections.engine.schemas import schemas
from projections.engine.unreadable import require_readable_log
from projections.views import VIEWS
from server.api.closing import STOPPING
from server.api.conversions.views import result_message
from server.api.event_loop import in_thread
from server.api.reads import Reads
from server.writing.submission import LogUnavailable


class _CutOff(Exception):  # noqa: N818 - Named after what happened.
    """Nobody waits for the rebuild any more."""


class Rebuilding:
    """One rebuild in a thread of its own, so that a slow caller does not hold its transaction."""

    def __init__(self, reads: Reads, names: Collection[str] | None, accept: bool) -> None:
        self._names = names
        self._accept_difference = accept
        self._reads = reads
        self._cut_off = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[pb.RebuildProgress | Rebuild | Exception] = asyncio.Queue()

    async def told(self) -> AsyncIterator[pb.RebuildViewsResponse]:
        """Progress, then the result; or the error that it ended with."""
        thread = threading.Thread(target=self._run, name="rebuild")
        thread.start()
        try:
            with self._reads.closing.telling(self._stop):
                while not isinstance(news := await self._told.get(), Rebuild):
                    if isinstance(news, Exception):
                        raise news
                    yield pb.RebuildViewsResponse(progress=news)
            yield pb.RebuildViewsResponse(result=result_message(news))
        finally:
            self._cut_off.set()
            await in_thread(thread.join)

    def _run(self) -> None:
        try:
            connect, book = self._reads.connect, self._reads.schema
            with connect() as opened, opened.cursor() as c:
                size = self._reads.log.head().size
                require_readable_log(c, schemas(book), size, self._go_on)
            found = rebuild(
                connect, book, VIEWS, self._names, self._advance,
                accept_difference=self._accept_difference,
            )  # fmt: skip
            self._tell(found)
        except Exception as error:
            self._tell(error)

    def _go_on(self) -> None:
        if self._cut_off.is_set():
            raise _CutOff

    def _advance(self, done: int, total: int) -> None:
        self._go_on()
        self._tell(pb.RebuildProgress(done=done, total=total))

    def _tell(self, news: pb.RebuildProgress | Rebuild | Exception) -> None:
        self._loop.call_soon_threadsafe(self._told.put_nowait, news)

    def _stop(self) -> None:
        self._told.put_nowait(LogUnavailable(f"{STOPPING}: the views are as they were"))
