"""Whatever reaches the server, the answer is a status with one ErrorInfo and nothing recorded."""

import logging
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from partsledger.v1 import error_reason_pb2, part_service_pb2
from server.access.rates import Rates
from server.api.admission import Admission
from server.api.callers import as_told
from server.api.event_loop import EventLoop
from server.api.interceptors import ErrorInterceptor
from server.api.reads import NotThereYet
from server.app import App
from tests.server.api.methods import METHODS, path
from tests.server.api.reading.front_desk import FrontDesk, Refused

CREATE_PART = "/partsledger.v1.PartService/CreatePart"
REASONS = {
    name.removeprefix("ERROR_REASON_")
    for name in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
}
FLOOD = 5_000
TIMEOUT = 20


def send(channel: grpc.Channel, to: str, raw: bytes) -> grpc.RpcError | None:
    """Sends bytes as they are; the error they end in, or None. A stream is read to its end."""
    try:
        # A stream of one message is the same on the wire as one message.
        call: Any = channel.unary_stream(to)
        for _ in call(raw, timeout=TIMEOUT):
            pass
    except grpc.RpcError as error:
        return error
    return None


def reason_of(error: grpc.RpcError) -> str:
    """The reason in the one ErrorInfo that every error has."""
    call: Any = error
    status = rpc_status.from_call(call)
    assert status is not None, f"{call.code()} without a status: {call.details()}"
    infos = [detail for detail in status.details if detail.Is(ErrorInfo.DESCRIPTOR)]
    assert len(infos) == 1
    info = ErrorInfo()
    infos[0].Unpack(info)
    assert info.domain == "partsledger"
    assert info.reason in REASONS
    return str(info.reason)


def part_request(book: str, **fields: Any) -> part_service_pb2.CreatePartRequest:
    part = part_service_pb2.Part(description="valve", part_class=part_service_pb2.PART_CLASS_WEAR)
    known = {"parent": f"books/{book}", "part_id": "P-1", "request_id": str(uuid4()), "part": part}
    return part_service_pb2.CreatePartRequest(**{**known, **fields})


@pytest.mark.parametrize(
    ("spoilt", "code", "reason"),
    [
        (lambda raw: b"\xff" + raw, grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE"),
        (lambda raw: raw[:-1], grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE"),
        (
            lambda raw: raw.replace(b"valve", b"v\xffl\xc0e"),
            grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE",
        ),
        (
            lambda raw: raw + b"\x00" * (4 * 1024 * 1024),
            grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
        ),
        (lambda raw: b"", grpc.StatusCode.INVALID_ARGUMENT, "INVALID_VALUE"),
    ],
    ids=["no message", "cut off", "not UTF-8", "too large", "empty"],
)  # fmt: skip
def test_bytes_that_are_no_request_are_refused_with_a_reason(
    app: App,
    channel: grpc.Channel,
    book: str,
    spoilt: Callable[[bytes], bytes],
    code: grpc.StatusCode,
    reason: str,
) -> None:
    raw = part_request(book).SerializeToString()
    head = app.reads.log.head()

    error: Any = send(channel, CREATE_PART, spoilt(raw))

    assert (error.code(), reason_of(error)) == (code, reason)
    assert app.reads.log.head() == head
    assert send(channel, CREATE_PART, raw) is None  # The control: unspoilt it is taken.
    assert app.reads.log.head().size == head.size + 1


def test_an_unknown_method_is_named(channel: grpc.Channel) -> None:
    for unknown in ("/partsledger.v1.PartService/DeletePart", "/nobody.Knows/Me"):
        error: Any = send(channel, unknown, b"")
        assert (error.code(), reason_of(error)) == (
            grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN",
        )  # fmt: skip


def test_a_value_that_is_long_or_chinese_still_fits_the_status(desk: FrontDesk) -> None:
    with pytest.raises(Refused) as refusal:
        desk.call("Part.CreatePart", part_id="泵" * 5_000)
    assert refusal.value.reason == "INVALID_VALUE"
    assert refusal.value.facts["field"] == "part_id"


@contextmanager
def defective_server(behaviour: Callable[[Any, Any], Any]) -> Iterator[grpc.Channel]:
    """A server behind our interceptor whose one servicer is broken."""

    async def at_once(request: Any, context: Any) -> Any:
        return behaviour(request, context)

    async def streamed(request: Any, context: Any) -> AsyncIterator[Any]:
        yield behaviour(request, context)

    handlers: dict[str, Any] = {
        "Unary": grpc.unary_unary_rpc_method_handler(behaviour),
        "OnTheLoop": grpc.unary_unary_rpc_method_handler(at_once),
        "Stream": grpc.unary_stream_rpc_method_handler(streamed),
    }

    async def started() -> tuple[grpc.aio.Server, int]:
        calls = ErrorInterceptor(1_000, never_reached, Admission(as_told, {}, Rates(1_000_000)))
        server = grpc.aio.server(interceptors=[calls])
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("Broken", handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    loop = EventLoop()
    server, port = loop.run(started())
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        loop.run(server.stop(None))
        loop.close()


async def never_reached(views: NotThereYet) -> None:
    raise views


@pytest.mark.parametrize("method", ["Unary", "OnTheLoop", "Stream"])
def test_a_defect_says_that_it_is_one_and_nothing_of_the_inside(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    def defect(request: Any, context: Any) -> Any:
        raise KeyError("password=hunter2")

    with caplog.at_level(logging.INFO), defective_server(defect) as channel:
        error: Any = send(channel, f"/Broken/{method}", b"x")

    assert (error.code(), reason_of(error)) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    told = error.details() + str(rpc_status.from_call(error))
    assert "hunter2" not in told
    assert "KeyError" not in told
    assert "defect" in caplog.messages  # Whoever runs the server reads it with its traceback.
    assert any(record.exc_info for record in caplog.records)


def test_one_call_too_many_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.api.interceptors.MOST_CALLS", 1)
    entered, over = threading.Event(), threading.Event()

    def held(request: Any, context: Any) -> bytes:
        entered.set()
        over.wait(TIMEOUT)
        return b"done"

    with defective_server(held) as channel, ThreadPoolExecutor(1) as others:
        first = others.submit(send, channel, "/Broken/Unary", b"x")
        assert entered.wait(TIMEOUT)
        error: Any = send(channel, "/Broken/Unary", b"x")
        assert (error.code(), reason_of(error)) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL",
        )  # fmt: skip
        assert "RetryInfo" in str(rpc_status.from_call(error))
        over.set()
        assert first.result(TIMEOUT) is None
        assert send(channel, "/Broken/Unary", b"x") is None  # The control: now there is room.


def test_nothing_is_printed_unless_somebody_wants_a_log(
    desk: FrontDesk, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused):
        desk.call("Part.GetPart", name=desk.name("parts/NONE"))
    with defective_server(lambda request, context: 1 // 0) as channel:
        assert send(channel, "/Broken/Unary", b"x") is not None

    printed = capfd.readouterr()
    # The C core may tell of a channel that some test closed; those lines name its source files.
    assert [line for line in printed.err.splitlines() if ".cc:" not in line] == []
    assert printed.out == ""


STRINGS: Sequence[str] = (
    "", "books/{book}", "books/{book}/parts/P-1", "books/{book}/dealers/D-1/statements/2026-13",
    "books/other/parts/P-1", "books/{book}/parts/../..", "-1", "9" * 40, "\0", "泵" * 200, "0.1e9",
)  # fmt: skip
NUMBERS = (0, 1, -1, 7, 31, 2_026, 2**31 - 1, -(2**31))
LARGE = (*NUMBERS, 2**63 - 1, -(2**63))


def scribbled(chance: random.Random, kind: Any, book: str, depth: int = 0) -> Message:
    """A message with random fields. Its request_id is never one, so nothing may be recorded."""
    message: Message = message_factory.GetMessageClass(kind)()
    for field in kind.fields:
        if chance.random() < 0.3:
            continue
        count = chance.choice((0, 1, 3)) if field.is_repeated else 1
        for _ in range(count):
            if field.message_type is not None:
                if depth < 4 and not field.message_type.GetOptions().map_entry:
                    value = scribbled(chance, field.message_type, book, depth + 1)
                    place = getattr(message, field.name)
                    (place.add() if field.is_repeated else place).CopyFrom(value)
            elif field.is_repeated:
                getattr(message, field.name).append(_value(chance, field, book))
            else:
                setattr(message, field.name, _value(chance, field, book))
    return message


def _value(chance: random.Random, field: FieldDescriptor, book: str) -> Any:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = chance.choice(STRINGS).format(book=book)
        return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return chance.choice((0, 1, 2, 99))
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if field.cpp_type == FieldDescriptor.CPPTYPE_INT64:
        return chance.choice(LARGE)
    return chance.choice(NUMBERS)


def test_a_flood_of_nonsense_changes_nothing_and_is_never_an_internal_error(
    app: App, channel: grpc.Channel, book: str
) -> None:
    """Half of it is random bytes, half messages of the right kind with wild values in them."""
    chance = random.Random(20_260_901)
    # Both answer an endless or a long stream to what happens to be in order.
    known = [m for m in METHODS.values() if m.name not in ("SubscribeEntries", "RebuildViews")]
    head = app.reads.log.head()

    def nonsense(number: int) -> tuple[str, bytes]:
        method = chance.choice(known)
        if number % 2:
            return path(method), chance.randbytes(chance.randrange(64))
        return path(method), scribbled(chance, method.input_type, book).SerializeToString()

    requests = [nonsense(number) for number in range(FLOOD)]
    with ThreadPoolExecutor(8) as callers:
        ends = list(callers.map(lambda request: _ended(channel, *request), requests))

    seen = Counter(ends)
    assert {code for code, _ in seen} <= {
        "OK", "INVALID_ARGUMENT", "NOT_FOUND", "UNAVAILABLE", "FAILED_PRECONDITION",
    }, seen  # fmt: skip
    assert {reason for code, reason in seen if code == "UNAVAILABLE"} <= {"VIEWS_BEHIND"}
    assert app.reads.log.head() == head
    assert seen["INVALID_ARGUMENT", "MALFORMED_MESSAGE"] > 1_000
    assert seen["INVALID_ARGUMENT", "INVALID_VALUE"] > 1_000


def _ended(channel: grpc.Channel, to: str, raw: bytes) -> tuple[str, str]:
    error: Any = send(channel, to, raw)
    return ("OK", "") if error is None else (error.code().name, reason_of(error))


def test_the_check_of_the_flood_knows_an_error_without_a_reason(channel: grpc.Channel) -> None:
    """Control: a status that is not ours does not pass."""
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as bare:
            error = send(bare, CREATE_PART, b"")
            assert error is not None
            with pytest.raises(AssertionError, match="without a status"):
                reason_of(error)
    finally:
        server.stop(None).wait()
