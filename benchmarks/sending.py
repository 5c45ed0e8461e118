"""Ways to send commands: the import stream, many callers at once, one caller after another."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass

from benchmarks.workload import BOOK, document_of
from partsledger.v1.import_service_pb2 import ImportAnswer
from server.api.registry import SERVICES
from server.cli.channel import ACTOR_METADATA, connected
from server.cli.import_stream import ImportStream
from server.erp.folder import Ordered

CALLER: Final = "bench"
_PACE: Final = 50  # Commands between two looks at the clock.
_READY_SECONDS: Final = 30


class Sent(NamedTuple):
    """How sending went; latencies, in seconds, only where calls were single."""

    commands: int
    refused: int
    seconds: float
    latencies: tuple[float, ...] = ()

    @property
    def rate(self) -> float:
        return self.commands / self.seconds


class Proof(NamedTuple):
    """What a caller proves itself with at a protected server."""

    credentials: grpc.ChannelCredentials
    token: str


class Method(NamedTuple):
    """A unary method as a caller needs it."""

    path: str
    answer: type[Any]


def stream(address: str, commands: Sequence[Ordered], rate: float = 0.0) -> Sent:
    """Sends all on one import stream, as `partsledger import` does.

    With a rate, sends no more than that many commands a second, a few at a time.
    """
    refused = 0

    def heard(command: Ordered, answer: ImportAnswer, again: bool) -> None:
        nonlocal refused
        refused += answer.HasField("error")

    with connected(address, BOOK, CALLER) as connection:
        sending = ImportStream(connection, False, heard)
        started = time.perf_counter()
        try:
            for number, command in enumerate(commands, 1):
                sending.send(command)
                if rate and number % _PACE == 0:
                    sending.drain()
                    time.sleep(max(0.0, number / rate - (time.perf_counter() - started)))
            sending.finish()
            return Sent(len(commands), refused, time.perf_counter() - started)
        finally:
            sending.close()


def one_by_one(address: str, commands: Sequence[Ordered], proof: Proof | None = None) -> Sent:
    """One caller, one command at a time."""
    latencies, refused = [], 0
    calls: dict[str, Any] = {}
    plain = grpc.insecure_channel
    with plain(address) if proof is None else _secure(grpc, address, proof) as channel:
        grpc.channel_ready_future(channel).result(_READY_SECONDS)
        started = time.perf_counter()
        for command in commands:
            request = _request(command)
            path, answer = _method(request)
            if path not in calls:
                send = type(request).SerializeToString
                calls[path] = channel.unary_unary(path, send, answer.FromString)
            before = time.perf_counter()
            try:
                calls[path](request, metadata=_metadata(command, proof))
            except grpc.RpcError:
                refused += 1
            latencies.append(time.perf_counter() - before)
        return Sent(len(commands), refused, time.perf_counter() - started, tuple(latencies))


def at_once(
    address: str, commands: Sequence[Ordered], callers: int, proof: Proof | None = None
) -> Sent:
    """So many callers, each with one unary call under way; a document's commands keep order."""
    return asyncio.run(_Callers(commands, proof).call(address, callers))


class _Callers:
    def __init__(self, commands: Sequence[Ordered], proof: Proof | None) -> None:
        self._proof = proof
        self._waiting = deque(commands)
        self._done: dict[str, asyncio.Event] = {}  # Of each document, its latest command.
        self._latencies: list[float] = []
        self._refused = 0

    async def call(self, address: str, callers: int) -> Sent:
        count = len(self._waiting)
        proof, plain = self._proof, grpc.aio.insecure_channel
        opened = plain(address) if proof is None else _secure(grpc.aio, address, proof)
        async with opened as channel:
            await channel.channel_ready()
            started = time.perf_counter()
            await asyncio.gather(*(self._caller(channel) for _ in range(callers)))
            seconds = time.perf_counter() - started
        return Sent(count, self._refused, seconds, tuple(self._latencies))

    async def _caller(self, channel: grpc.aio.Channel) -> None:
        while self._waiting:
            command = self._waiting.popleft()
            document, done = document_of(command), asyncio.Event()
            earlier, self._done[document] = self._done.get(document), done
            if earlier is not None:
                await earlier.wait()
            request = _request(command)
            path, answer = _method(request)
            call = channel.unary_unary(path, type(request).SerializeToString, answer.FromString)
            before = time.perf_counter()
            try:
                await call(request, metadata=_metadata(command, self._proof))
            except grpc.RpcError:
                self._refused += 1
            self._latencies.append(time.perf_counter() - before)
            done.set()


@cache
def methods() -> dict[str, Method]:
    """The unary method that takes a request, by the full name of the request."""
    pool = descriptor_pool.Default()
    return {
        method.input_type.full_name: Method(
            f"/{service}/{method.name}", GetMessageClass(method.output_type)
        )
        for service in SERVICES
        for method in pool.FindServiceByName(service).methods
        if not (method.client_streaming or method.server_streaming)
    }


def _request(command: Ordered) -> Any:
    return getattr(command.command, str(command.command.WhichOneof("command")))


def _method(request: Any) -> Method:
    return methods()[request.DESCRIPTOR.full_name]


def _metadata(command: Ordered, proof: Proof | None) -> tuple[tuple[str, str | bytes], ...]:
    actor = (ACTOR_METADATA, (command.command.actor or CALLER).encode())
    return (actor,) if proof is None else (actor, ("authorization", f"Bearer {proof.token}"))


def _secure(of: Any, address: str, proof: Proof) -> Any:
    """A channel of `grpc` or of `grpc.aio`, to an address on this machine."""
    name = address.rpartition(":")
    return of.secure_channel(f"localhost:{name[2]}", proof.credentials)
