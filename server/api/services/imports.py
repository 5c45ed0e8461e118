"""ImportService: many commands on one stream, each answered, in order."""

import threading
from collections.abc import Iterator

import grpc

from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.import_service_pb2_grpc import ImportServiceServicer
from server.api.callers import caller_of
from server.api.command_stream import CommandStream
from server.api.servicer import Servicer


class ImportServicer(Servicer, ImportServiceServicer):
    """The thread of the call answers; a second one reads ahead and submits."""

    def Import(
        self, requests: Iterator[pb.ImportRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.ImportResponse]:
        caller, closing = caller_of(context), self._reads.closing
        stream = CommandStream(self._commands, self._resources, caller, closing)
        context.add_callback(stream.left.set)
        reader = threading.Thread(target=stream.read, args=(requests,), name="import")
        reader.start()  # It ends with the call, as `requests` does.
        try:
            yield from stream.answers()
        finally:
            stream.left.set()
