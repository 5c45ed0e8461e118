"""ViewService: how far the views have got, and building them again from the log."""

import threading
from collections.abc import Collection, Iterator
from queue import Empty, SimpleQueue
from typing import Final

import grpc

from domain.errors import InvalidValue
from partsledger.v1 import view_service_pb2 as pb
from partsledger.v1.view_service_pb2_grpc import ViewServiceServicer
from projections.engine.rebuild import Rebuild, rebuild
from projections.engine.status import view_status
from projections.views import VIEWS
from server.api.conversions import names
from server.api.reads import Reads
from server.api.servicer import Servicer
from server.writing.submission import LogUnavailable

_LOOK_AGAIN: Final = 0.5  # Seconds between two looks whether the caller is still there.


class ViewServicer(Servicer, ViewServiceServicer):
    def GetViewStatus(
        self, request: pb.GetViewStatusRequest, context: grpc.ServicerContext
    ) -> pb.GetViewStatusResponse:
        self._reads.require_book(names.book(request.parent))
        with self._reads.views(context, min_position=0) as now:
            statuses = view_status(now, VIEWS, request.with_fingerprints)
        head = self._reads.log.head().size
        return pb.GetViewStatusResponse(
            position=now.position,
            head_position=head,
            lag=head - now.position,
            views=[
                pb.View(
                    view=status.name,
                    position=status.position,
                    row_count=status.rows or 0,
                    fingerprint=status.fingerprint or "",
                    building=not status.built,
                )
                for status in statuses
            ],
        )

    def RebuildViews(
        self, request: pb.RebuildViewsRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.RebuildViewsResponse]:
        self._reads.require_book(names.book(request.parent))
        rebuilding = _Rebuilding(self._reads, _names(request) or None)
        context.add_callback(rebuilding.cut_off.set)
        thread = threading.Thread(target=rebuilding.run, name="rebuild")
        thread.start()
        try:
            yield from rebuilding.told()
        finally:
            rebuilding.cut_off.set()
            thread.join()


class _CutOff(Exception):  # noqa: N818 - Named after what happened.
    """Nobody waits for the rebuild any more."""


class _Rebuilding:
    """One rebuild in a thread of its own, so that a slow caller does not hold its transaction."""

    def __init__(self, reads: Reads, names: Collection[str] | None) -> None:
        self.cut_off = threading.Event()
        self._names = names
        self._reads = reads
        self._told: SimpleQueue[pb.RebuildProgress | Rebuild | Exception] = SimpleQueue()

    def run(self) -> None:
        try:
            connect, book = self._reads.connect, self._reads.schema
            self._told.put(rebuild(connect, book, VIEWS, self._names, self._advance))
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
                yield pb.RebuildViewsResponse(result=_result(news))
                return
            yield pb.RebuildViewsResponse(progress=news)

    def _advance(self, done: int, total: int) -> None:
        if self.cut_off.is_set():
            raise _CutOff
        self._told.put(pb.RebuildProgress(done=done, total=total))


def _names(request: pb.RebuildViewsRequest) -> frozenset[str]:
    """The views that a request names; none for all."""
    known = sorted(view.name for view in VIEWS)
    for index, name in enumerate(request.views):
        if name not in known:
            raise InvalidValue(f"views[{index}]", name, f"must be one of {', '.join(known)}")
    return frozenset(request.views)


def _result(found: Rebuild) -> pb.RebuildResult:
    views = [
        pb.RebuiltView(
            view=view.name,
            row_count=view.rows,
            live_fingerprint=view.live or "",
            rebuilt_fingerprint=view.rebuilt,
            same=view.same,
        )
        for view in sorted(found.views, key=lambda view: view.name)
    ]
    return pb.RebuildResult(position=found.position, same=found.same, views=views)
