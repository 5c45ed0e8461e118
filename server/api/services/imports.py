"""ImportService: many commands on one stream, each answered, in order."""

from collections.abc import AsyncIterator
from typing import Any

from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.import_service_pb2_grpc import ImportServiceServicer
from server.access.roles import MAKER, Role, roles
from server.api import own
from server.api.callers import calling
from server.api.command_stream import CommandStream
from server.api.permissions import Permission
from server.api.servicer import Servicer


class ImportServicer(Servicer, ImportServiceServicer):
    # Each command is decided by its own permission.
    OWN = {"Import": Permission(MAKER - roles(Role.AUDITOR) | roles(Role.DEALER), own.everything)}

    async def Import(
        self, requests: AsyncIterator[pb.ImportRequest], context: Any
    ) -> AsyncIterator[pb.ImportResponse]:
        stream = CommandStream(self._commands, self._resources, calling())
        async for response in stream.run(requests, self._reads.closing):
            yield response
