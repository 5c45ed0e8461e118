"""Building views again, for a caller who is told how far it is."""

import threading
from collections.abc import Collection, Iterator
from queue import Empty, SimpleQueue
from typing import Final

from partsledger.v1 import view_service_pb2 as pb
from projections.engine.rebuild import Rebuild, rebuild
from projections.views import VIEWS
from server.api.conversions.views import result_message
from server.api.reads import Reads
from server.writing.submission import LogUnavailable

_LOOK_AGAIN: Final = 0.5  # Seconds between two checks whether the caller is still there.


class _CutOff(Exception):  # noqa: N818 - Named after what happened.
    """Nobody waits for the rebuild any more."""


class Rebuilding:
    """One rebuild in a thread of its own, so that a slow caller does not hold its transaction."""

    def __init__(self, reads: Reads, names: Collection[str] | None, accept: bool) -> None:
        self.cut_off = threading.Event()
        self._names = names
        self._accept_difference = accept
        self._reads = reads
        self._told: SimpleQueue[pb.RebuildProgress | Rebuild | Exception] = SimpleQueue()

    def run(self) -> None:
        try:
            connect, book = self._reads.connect, self._reads.schema
            found = rebuild(
                connect, book, VIEWS, self._names, self._advance,
                accept_difference=self._accept_difference,
            )  # fmt: skip
            self._told.put(found)
        except Exception as error:
            self._told.put(error)

    def told(self) -> Iterator[pb.RebuildViewsResponse]:
        """Progress, then the result; or the error that it ended with."""
        while not self.cut_off.is_set():
            if self._reads.closing.is_set():
                raise LogUnavailable("the server is stopping: the views are as they were")
            try:
                news = self._told.get(timeout=_LOOK_AGAIN)
            except Empty:
                continue
            if isinstance(news, Exception):
                raise news
            if isinstance(news, Rebuild):
                yield pb.RebuildViewsResponse(result=result_message(news))
                return
            yield pb.RebuildViewsResponse(progress=news)

    def _advance(self, done: int, total: int) -> None:
        if self.cut_off.is_set():
            raise _CutOff
        self._told.put(pb.RebuildProgress(done=done, total=total))
