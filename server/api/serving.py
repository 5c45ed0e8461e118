"""The gRPC server of a book: bound to its address, answering calls, and telling its health."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from server.api import reflection
from server.api.addresses import CannotListen, bind_all
from server.api.admission import Admission
from server.api.call_metrics import CallMetrics
from server.api.closing import STOPPING
from server.api.commands import Commands
from server.api.event_loop import EventLoop
from server.api.interceptors import ErrorInterceptor
from server.api.reads import Reads
from server.api.registry import SERVICES, permissions, register
from server.api.security import Security
from server.postgres.data_directory import CannotStart

FINISHING_SECONDS: Final = 3.0  # For calls under way when the server is told to stop.
_ANSWERING_SECONDS: Final = 0.5  # For telling the others that they are not finished.
HARD_MESSAGE_LIMIT: Final = 64 * 1024 * 1024  # What grpc itself refuses, without a reason.
READ_HEALTH: Final = "partsledger.read"
WRITE_HEALTH: Final = "partsledger.write"

OPTIONS: Final = [
    ("grpc.so_reuseport", 0),  # Two servers on one port would share its callers.
    # So that what is kept for a caller who is gone without closing becomes free.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Callers may ask as often whether the server is there, also while they wait for nothing.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    # Thousands of streams may begin at once; grpc would cut some off without a reason.
    ("grpc.server.max_pending_requests", 20_000),
    ("grpc.server.max_pending_requests_hard_limit", 40_000),
    ("grpc.max_receive_message_length", HARD_MESSAGE_LIMIT),
    ("grpc.max_send_message_length", HARD_MESSAGE_LIMIT),
]


class GrpcServer:
    """Has its port from the beginning, and answers within `serving`."""

    def __init__(
        self, listen: str, max_message_bytes: int, reads: Reads, security: Security
    ) -> None:
        """Raises CannotStart if the address is not to be had."""
        self._reads = reads
        self._security = security
        admission = Admission(security.identify, permissions(), security.rates)
        self.metrics = CallMetrics()
        self._calls = ErrorInterceptor(max_message_bytes, reads.reached, admission, self.metrics)
        self._loop = EventLoop()
        try:
            port = self._loop.run(self._bound(listen))
        except CannotListen as error:
            self.close()
            raise CannotStart(f"cannot listen on {listen}: {error}") from None
        self.address = f"{listen.rpartition(':')[0]}:{port}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answers calls until the block is left; then those under way are finished first, as far as
        that is done within `FINISHING_SECONDS`. The others are told that the server stops."""
        self._loop.run(self._server.start())
        try:
            yield
        finally:
            self._loop.run(self._stopped())

    def close(self) -> None:
        """Gives the port back."""
        self._loop.run(self._server.stop(None))
        self._loop.close()

    def register(self, commands: Commands) -> None:
        """Adds every service, before calls are answered."""
        register(self._server, commands, self._reads)

    def report(self, *, reads: bool, writes: bool) -> None:
        """Tells whoever asks for its health what works."""
        self._loop.run(self._reported(reads, writes))

    async def _bound(self, listen: str) -> int:
        """A server needs its event loop from the moment it is made."""
        self._health: Any = health.aio.HealthServicer()
        self._server = grpc.aio.server(interceptors=[self._calls], options=OPTIONS)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable(self._server, (*SERVICES, health.SERVICE_NAME))
        credentials = self._security.credentials
        if credentials is None:
            return bind_all(listen, self._server.add_insecure_port)
        return bind_all(listen, lambda at: self._server.add_secure_port(at, credentials))

    async def _stopped(self) -> None:
        await self._health.enter_graceful_shutdown()
        self._reads.closing.begin()
        stopping = asyncio.create_task(self._server.stop(FINISHING_SECONDS + _ANSWERING_SECONDS))
        await asyncio.wait([stopping], timeout=FINISHING_SECONDS)
        self._calls.end(f"{STOPPING}: what became of this is not known")
        await stopping

    async def _reported(self, reads: bool, writes: bool) -> None:
        await self._set(READ_HEALTH, reads)
        await self._set(WRITE_HEALTH, writes)
        for service in ("", *SERVICES):
            await self._set(service, reads and writes)

    async def _set(self, service: str, works: bool) -> None:
        status = health_pb2.HealthCheckResponse
        await self._health.set(service, status.SERVING if works else status.NOT_SERVING)
