"""A server that is told to stop answers or refuses every call, and ends within five seconds."""

import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final
from uuid import uuid4

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from partsledger.v1 import import_service_pb2 as pb
from tests.server.api.import_desk import commands, importing, many_parts
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.cli.test_serve import serving

LONGEST: Final = 5.0
STREAMS: Final = 10
A_STREAM: Final = 5_000


def frozen_postgres(server: int) -> list[psutil.Process]:
    """All processes of the server's private PostgreSQL, stopped where they are."""
    found = psutil.Process(server).children(recursive=True)
    processes = [each for each in found if "postgres" in each.name()]
    for each in processes:
        each.send_signal(signal.SIGSTOP)
    return processes


def test_it_ends_while_the_database_is_frozen_and_somebody_watches_its_health() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        serving("--data-dir", str(Path(folder) / "data")) as (process, address),
        grpc.insecure_channel(address) as channel,
        ThreadPoolExecutor(2) as callers,
    ):
        desk = FrontDesk(channel, "main")
        desk.add_part("P-1")
        health: Any = health_pb2_grpc.HealthStub(channel)
        watching = health.Watch(health_pb2.HealthCheckRequest())
        assert next(watching).status == health_pb2.HealthCheckResponse.SERVING
        frozen = frozen_postgres(process.pid)
        try:
            assert len(frozen) > 3, "the control: they are there"
            writing = callers.submit(desk.add_part, "P-2")
            reading = callers.submit(desk.call, "View.GetViewStatus")
            time.sleep(0.5)
            assert not writing.done()
            assert not reading.done()

            told = time.monotonic()
            process.send_signal(signal.SIGTERM)
            for call in (writing, reading):
                refused = call.exception(LONGEST)
                assert isinstance(refused, Refused)
                assert (refused.code, refused.reason) == (
                    grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE",
                )  # fmt: skip
            assert process.wait(LONGEST) == 2
            assert time.monotonic() - told < LONGEST
            with pytest.raises(grpc.RpcError) as ended:
                list(watching)
            assert Refused(ended.value).code is grpc.StatusCode.UNAVAILABLE
        finally:
            for each in frozen:
                os.kill(each.pid, signal.SIGKILL)


def test_it_ends_while_fifty_thousand_commands_are_queued(database_url: str) -> None:
    """Each is answered, or its stream is told that the server stops; what is answered is there."""
    book = f"cli_{uuid4().hex[:12]}"
    options = ("--database-url", database_url, "--book", book)
    with (
        serving(*options) as (process, address),
        grpc.insecure_channel(address) as channel,
        ThreadPoolExecutor(STREAMS) as callers,
    ):
        begun: SimpleQueue[int] = SimpleQueue()
        ends = [callers.submit(_sent, channel, book, number, begun) for number in range(STREAMS)]
        for _ in ends:
            begun.get(timeout=30)
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        codes = Counter(end.result(30)[1] for end in ends)
        assert process.wait(LONGEST) == 0
        assert time.monotonic() - told < LONGEST
        answered = sum(end.result()[0] for end in ends)

    assert codes == {grpc.StatusCode.UNAVAILABLE: STREAMS}
    assert 0 < answered < STREAMS * A_STREAM, "the control: it was told in the middle"
    with serving(*options) as (_, address), grpc.insecure_channel(address) as channel:
        status = FrontDesk(channel, book).call("View.GetViewStatus")
        assert status.head_position - 1 >= answered, "each is one entry, after that of the book"


def _sent(
    channel: grpc.Channel, book: str, number: int, begun: SimpleQueue[int]
) -> tuple[int, grpc.StatusCode]:
    """Sends commands and waits; how many were answered, and how the stream ended."""
    steps = [
        (name, actor, fields | {"part_id": f"{fields['part_id']}-{number}"})
        for name, actor, fields in many_parts(book, A_STREAM)
    ]
    sent = commands(steps)
    for command in sent:
        command.create_part.request_id = str(uuid4())
    answered = 0
    call = importing(channel, _messages(sent))
    try:
        for response in call:
            if not answered:
                begun.put(number)
            answered += len(response.answers)
    except grpc.RpcError as error:
        broken: Any = error
        assert rpc_status.from_call(broken) is not None, f"{broken.code()}: {broken.details()}"
        return answered, broken.code()
    raise AssertionError("it ended as if everything had been sent")


def _messages(sent: list[pb.ImportCommand]) -> Iterator[pb.ImportRequest]:
    """All commands, and then no end."""
    for first in range(0, len(sent), 1_000):
        yield pb.ImportRequest(commands=sent[first : first + 1_000])
    never: SimpleQueue[None] = SimpleQueue()
    never.get()
