"""The gRPC server of a book: bound to its address, answering calls, and telling its health."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from server.api.commands import Commands
from server.api.interceptors import ErrorInterceptor
from server.api.reads import Reads
from server.api.registry import SERVICES, register
from server.postgres.data_directory import CannotStart

CALL_THREADS: Final = 96
SHUTDOWN_SECONDS: Final = 20.0
HARD_MESSAGE_LIMIT: Final = 64 * 1024 * 1024  # What grpc itself refuses, without a reason.
READ_HEALTH: Final = "partsledger.read"
WRITE_HEALTH: Final = "partsledger.write"

_OPTIONS: Final = [
    ("grpc.so_reuseport", 0),  # Two servers on one port would share its callers.
    # So that the thread of a caller who is gone without closing becomes free.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_receive_message_length", HARD_MESSAGE_LIMIT),
    ("grpc.max_send_message_length", HARD_MESSAGE_LIMIT),
]


class GrpcServer:
    """Has its port from the beginning, and answers within `serving`."""

    def __init__(self, listen: str, max_message_bytes: int) -> None:
        """Raises CannotStart if the address is not to be had."""
        self._health = health.HealthServicer()
        self._server = grpc.server(
            ThreadPoolExecutor(CALL_THREADS, thread_name_prefix="call"),
            interceptors=[ErrorInterceptor(max_message_bytes)],
            options=_OPTIONS,
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        try:
            port = self._server.add_insecure_port(listen)
        except RuntimeError as error:
            raise CannotStart(f"cannot listen on {listen}: {error}") from None
        self.address = f"{listen.rpartition(':')[0]}:{port}"

    @contextmanager
    def serving(self, reads: Reads) -> Iterator[None]:
        """Answers calls until the block is left; then calls under way are finished first."""
        self._server.start()
        try:
            yield
        finally:
            self._health.enter_graceful_shutdown()
            reads.closing.set()
            self._server.stop(SHUTDOWN_SECONDS).wait()

    def register(self, commands: Commands, reads: Reads) -> None:
        """Adds every service, before calls are answered."""
        register(self._server, commands, reads)

    def report(self, *, reads: bool, writes: bool) -> None:
        """Tells whoever asks for its health what works."""
        self._set(READ_HEALTH, reads)
        self._set(WRITE_HEALTH, writes)
        for service in ("", *SERVICES):
            self._set(service, reads and writes)

    def _set(self, service: str, works: bool) -> None:
        status = health_pb2.HealthCheckResponse
        self._health.set(service, status.SERVING if works else status.NOT_SERVING)
