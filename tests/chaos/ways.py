"""Three ways to send the same commands. Each returns when all are answered, whoever is killed.

They keep the order of what touches the same things, and repeat what was not answered under the
same request ids. So they end with the same facts, whichever of them is taken.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from random import Random
from typing import Any, Final

import grpc
from google.protobuf.message_factory import GetMessageClass
from grpc_status import rpc_status

from partsledger.v1.import_service_pb2 import ImportAnswer
from partsledger.v1.types_pb2 import Receipt
from server.cli.channel import ACTOR_METADATA, Connection
from server.cli.failure import error_info, is_unavailable
from server.cli.import_stream import ImportStream
from server.erp.folder import Ordered
from tests.chaos.mixed_trade import BATCHES, Call, batched_calls, id_of, request_of, single_calls
from tests.chaos.told import Told
from tests.server.api.methods import METHODS, path

CALLERS: Final = 8
PATIENCE_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 0.05
_LONGEST_RUSH: Final = 120  # Commands on the stream before its answers are waited for.
_METHODS: Final = {method.input_type.full_name: method for method in METHODS.values()}

Way = Callable[[Connection, Sequence[Ordered], Told], None]


def singly(connection: Connection, commands: Sequence[Ordered], told: Told) -> None:
    """Several callers, a call for each command."""
    _call(connection, single_calls(commands), told)


def in_batches(connection: Connection, commands: Sequence[Ordered], told: Told) -> None:
    """Several callers, batches where there are any, and the other steps between them."""
    _call(connection, batched_calls(commands), told)


def on_the_stream(connection: Connection, commands: Sequence[Ordered], told: Told) -> None:
    """As `partsledger import` does, which waits now and then for all its answers."""

    def heard(command: Ordered, answer: ImportAnswer, again: bool) -> None:
        if again:
            told.sending([id_of(command)])
        if answer.HasField("error"):
            told.refusal(id_of(command), _reason(answer.error))
        else:
            told.receipt(id_of(command), answer.receipt)

    random = Random(len(commands))
    stream = ImportStream(connection, False, heard)
    try:
        rush = 0
        for command in commands:
            told.sending([id_of(command)])
            stream.send(command)
            rush -= 1
            if rush < 0:
                stream.drain()
                rush = random.randrange(_LONGEST_RUSH)
        stream.drain()
    finally:
        stream.close()


WAYS: Final[tuple[Way, ...]] = (singly, in_batches, on_the_stream)


def send(connection: Connection, commands: Sequence[Ordered]) -> list[Receipt]:
    """One call: a command by itself, or several as a batch. A receipt each, in their order."""
    requests = [request_of(command) for command in commands]
    sent = requests[0] if len(requests) == 1 else _batch(connection.book, requests)
    method = _METHODS[sent.DESCRIPTOR.full_name]
    call: Any = connection.channel.unary_unary(
        path(method), type(sent).SerializeToString, GetMessageClass(method.output_type).FromString
    )
    actor = commands[0].command.actor  # Of base data nobody is named.
    metadata = [(ACTOR_METADATA, actor.encode())] if actor else []
    answer = call(sent, timeout=PATIENCE_SECONDS, metadata=metadata)
    return [answer.receipt] if len(requests) == 1 else list(answer.receipts)


def _batch(book: str, requests: Sequence[Any]) -> Any:
    is_priced = "SetPrice" in requests[0].DESCRIPTOR.name
    parent = f"{book}/priceLists/-" if is_priced else book
    return BATCHES[requests[0].DESCRIPTOR.full_name](parent=parent, requests=requests)


def _call(connection: Connection, calls: Sequence[Call], told: Told) -> None:
    """Sends each call when the earlier ones that touch the same things are answered."""
    latest: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(CALLERS) as callers:
        for call in calls:
            earlier = {latest[thing] for thing in call.touches if thing in latest}
            answered = callers.submit(_call_in_turn, connection, call, earlier, told)
            latest.update(dict.fromkeys(call.touches, answered))
        for answered in latest.values():
            answered.result()


def _call_in_turn(
    connection: Connection, call: Call, earlier: set[Future[None]], told: Told
) -> None:
    for answered in wait(earlier).done:
        answered.result()  # What depends on a call that failed is not sent.
    _until_answered(connection, call.commands, told)


def _until_answered(connection: Connection, commands: Sequence[Ordered], told: Told) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        told.sending([id_of(command) for command in commands])
        try:
            receipts = send(connection, commands)
        except grpc.RpcError as error:
            if not is_unavailable(error):
                _take_refusal(connection, commands, error, told)
                return
            assert time.monotonic() < deadline, "the server has not come back"
            time.sleep(_PAUSE_SECONDS)
        else:
            for command, receipt in zip(commands, receipts, strict=True):
                told.receipt(id_of(command), receipt)
            return


def _take_refusal(
    connection: Connection, commands: Sequence[Ordered], error: Any, told: Told
) -> None:
    """A batch is refused for one command of it: the others are wanted all the same."""
    if len(commands) > 1:
        for command in commands:
            _until_answered(connection, [command], told)
    else:
        told.refusal(id_of(commands[0]), _reason(rpc_status.from_call(error)))


def _reason(status: Any) -> str:
    info = error_info(status)
    assert info is not None, status
    return str(info.reason)
