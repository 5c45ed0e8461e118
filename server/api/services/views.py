"""ViewService: how far the views have got, and building them again from the log."""

from collections.abc import AsyncIterator
from typing import Any

import grpc

from partsledger.v1 import view_service_pb2 as pb
from partsledger.v1.view_service_pb2_grpc import ViewServiceServicer
from projections.engine.errors import EntryStops
from projections.engine.status import view_status
from projections.views import VIEWS
from server.access.roles import MAKER, Role, roles
from server.api.conversions import names
from server.api.conversions.views import view_message, view_names
from server.api.permissions import Permission
from server.api.rebuilding import Rebuilding
from server.api.servicer import Servicer


class ViewServicer(Servicer, ViewServiceServicer):
    OWN = {
        "GetViewStatus": Permission(MAKER | roles(Role.OPERATOR)),
        "RebuildViews": Permission(roles(Role.OPERATOR)),
    }

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
            lag=max(0, head - now.position),
            views=map(view_message, statuses),
            stopped=_told(self._reads.follower.failure),
        )

    async def RebuildViews(
        self, request: pb.RebuildViewsRequest, context: Any
    ) -> AsyncIterator[pb.RebuildViewsResponse]:
        self._reads.require_book(names.book(request.parent))
        named = view_names(request) or None
        rebuilding = Rebuilding(self._reads, named, request.accept_difference)
        async for news in rebuilding.told():
            yield news


def _told(failure: BaseException | None) -> str:
    """Why the views do not go on. What the database says of itself is for the server's log."""
    if failure is None:
        return ""
    if isinstance(failure, EntryStops):
        return str(failure)
    return "they met an error, which the server's log has; it tries again"
