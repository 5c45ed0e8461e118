"""ImportService: many commands on one stream, each answered, in order."""

from collections.abc import AsyncIterator
from typing import Any

from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.import_service_pb2_grpc import ImportServiceServicer
from server.api.callers import caller_of
from server.api.command_stream import CommandStream
from server.api.servicer import Servicer


class ImportServicer(Servicer, ImportServiceServicer):
    async def Import(
        self, requests: AsyncIterator[pb.ImportRequest], context: Any
    ) -> AsyncIterator[pb.ImportResponse]:
        caller, closing = caller_of(context), self._reads.closing
        stream = CommandStream(self._commands, self._resources, caller)
        async for response in stream.run(requests, closing):
            yield response
