"""The import stream on a real socket: in order, resumable, and the same as call by call."""

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from partsledger.v1 import import_service_pb2 as pb
from projections.engine.reading import reading
from projections.engine.status import view_status
from projections.views import VIEWS
from server.api.callers import Caller
from server.api.closing import Closing
from server.api.command_stream import CommandStream
from server.app import App
from tests.server.api.import_desk import (
    business,
    called,
    commands,
    imported,
    importing,
    many_parts,
    messages,
)
from tests.server.conftest import serving, size

PATIENCE = 20


def reason(status: Status) -> str:
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)


def ended(call: Any) -> tuple[grpc.StatusCode, str]:
    """How a stream ends that does not end well: its code and reason."""
    with pytest.raises(grpc.RpcError) as error:
        for _ in call:
            pass
    broken: Any = error.value
    status = rpc_status.from_call(broken)
    assert status is not None
    return broken.code(), reason(status)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def kept() -> list[CommandStream]:
    """The import streams for which the server keeps anything."""
    gc.collect()  # A call and its stream know each other.
    return [each for each in gc.get_objects() if isinstance(each, CommandStream)]


@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_every_command_is_answered_in_order(
    app: App, channel: grpc.Channel, book: str, batch: int
) -> None:
    answers = imported(channel, commands(many_parts(book, 1_500)), batch)

    assert [answer.sequence for answer in answers] == list(range(1, 1_501))
    assert [answer.name for answer in answers] == [
        f"books/{book}/parts/P-{n}" for n in range(1_500)
    ]
    assert [answer.receipt.first_position for answer in answers] == list(range(2, 1_502))
    assert not any(answer.repeated or answer.HasField("error") for answer in answers)
    assert size(app) == 1_501


def test_a_refused_command_in_the_middle_is_told_why_and_the_rest_goes_on(
    app: App, channel: grpc.Channel, book: str
) -> None:
    steps = many_parts(book, 6)
    sent = commands([*steps[:3], steps[0], *steps[3:]])
    sent[1].create_part.part_id = "no number at all%"
    sent[4].ClearField("command")
    sent[5].create_part.parent = "books/other"

    answers = imported(channel, sent, batch=7)

    assert [reason(a.error) if a.HasField("error") else "" for a in answers] == [
        "", "INVALID_VALUE", "", "ALREADY_EXISTS", "INVALID_VALUE", "BOOK_UNKNOWN", "",
    ]  # fmt: skip
    assert [answer.sequence for answer in answers] == list(range(1, 8))
    assert size(app) == 4


def test_more_than_a_thousand_in_a_message_end_the_stream_and_are_not_recorded(
    app: App, channel: grpc.Channel, book: str
) -> None:
    sent = commands(many_parts(book, 1_002))
    requests = [pb.ImportRequest(commands=sent[:1]), pb.ImportRequest(commands=sent[1:])]

    assert ended(importing(channel, iter(requests))) == (
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_VALUE",
    )  # fmt: skip
    assert size(app) == 2
    assert len(imported(channel, sent[1:], batch=1_000)) == 1_001  # The control: in two it is fine.


def test_bytes_that_are_no_message_end_the_stream_after_what_came_before(
    app: App, channel: grpc.Channel, book: str
) -> None:
    good = pb.ImportRequest(commands=commands(many_parts(book, 3))).SerializeToString()
    raw: Any = channel.stream_stream("/partsledger.v1.ImportService/Import")

    assert ended(raw(iter([good, b"\xff\xff"]), timeout=PATIENCE)) == (
        grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE",
    )  # fmt: skip
    assert size(app) == 4


def test_a_dry_run_records_nothing_yet_later_commands_see_earlier_ones(
    app: App, channel: grpc.Channel, book: str
) -> None:
    sent = commands(business(book))
    before = size(app)

    answers = imported(channel, [*sent, sent[0]], dry_run=True)

    refused = [answer.sequence for answer in answers if answer.HasField("error")]
    assert size(app) == before
    assert len(answers) == len(sent) + 1
    assert refused == [30, 31, 32]  # The stock is gone by then, because the sales before took it.
    assert answers[-1].repeated
    assert not any(answer.HasField("receipt") for answer in answers)
    real = imported(channel, sent)
    assert [answer.sequence for answer in real if answer.HasField("error")] == refused
    assert size(app) > before  # The control: the same for real is recorded.


def test_a_stream_that_began_for_real_does_not_become_a_dry_run(
    app: App, channel: grpc.Channel, book: str
) -> None:
    sent = commands(many_parts(book, 2))
    requests = [
        pb.ImportRequest(commands=sent[:1]), pb.ImportRequest(commands=sent[1:], dry_run=True)
    ]  # fmt: skip

    assert ended(importing(channel, iter(requests)))[1] == "INVALID_VALUE"
    assert size(app) == 2


def test_a_repeated_import_is_recognised_command_by_command(
    app: App, channel: grpc.Channel, book: str
) -> None:
    sent = commands(business(book))
    first = imported(channel, sent)
    head = size(app)

    second = imported(channel, sent, batch=3)

    assert size(app) == head
    for once, twice in zip(first, second, strict=True):
        assert twice.repeated is not once.HasField("error")
        assert (twice.name, twice.receipt) == (once.name, once.receipt)
        assert twice.error == once.error  # It has recorded nothing, so it is decided again.


def test_a_changed_command_under_its_old_request_id_is_refused(
    app: App, channel: grpc.Channel, book: str
) -> None:
    sent = commands(many_parts(book, 3))
    imported(channel, sent)
    sent[1].create_part.part.description = "another"

    answers = imported(channel, sent)

    assert [reason(a.error) if a.HasField("error") else "" for a in answers] == [
        "", "REQUEST_ID_REUSED", "",
    ]  # fmt: skip


def test_a_broken_stream_is_resumed_by_sending_again(
    app: App, channel: grpc.Channel, book: str
) -> None:
    sent = commands(many_parts(book, 2_000))
    call = importing(channel, messages(sent, batch=100))
    answered = len(next(call).answers)
    call.cancel()
    assert eventually(lambda: not kept())

    answers = imported(channel, sent)

    assert len(answers) == 2_000
    assert all(answer.repeated for answer in answers[:answered])
    assert not any(answer.HasField("error") for answer in answers)
    assert size(app) == 2_001


def test_nothing_is_kept_for_a_caller_who_disappears(
    app: App, channel: grpc.Channel, book: str
) -> None:
    """Some wait for their next command, some for their answers; all of them just go."""
    never: SimpleQueue[pb.ImportRequest] = SimpleQueue()
    calls = []
    for number in range(10):
        steps = [(n, a, f | {"part_id": f"{f['part_id']}-{number}"}) for n, a, f in
                 many_parts(book, 300)]  # fmt: skip
        sent = commands(steps)
        for command in sent:
            command.create_part.request_id = str(uuid4())
        idle = iter([pb.ImportRequest(commands=sent)]) if number % 2 else iter(())
        calls.append(importing(channel, _and_then(idle, never)))
    assert eventually(lambda: len(kept()) == 10)  # The control: they are seen while they live.

    for call in calls:
        call.cancel()

    assert eventually(lambda: not kept())
    later = commands(many_parts(book, 1))
    later[0].create_part.request_id = str(uuid4())
    assert len(imported(channel, later)) == 1


def _and_then(
    first: Iterator[pb.ImportRequest], rest: SimpleQueue[pb.ImportRequest]
) -> Iterator[pb.ImportRequest]:
    yield from first
    while True:
        yield rest.get()


def test_a_server_that_stops_answers_what_it_has_read_and_ends_the_stream(
    database_url: str, book: str
) -> None:
    never: SimpleQueue[pb.ImportRequest] = SimpleQueue()
    sent = iter([pb.ImportRequest(commands=commands(many_parts(book, 500)))])
    answered = 0
    with serving(database_url, book) as app:
        channel = grpc.insecure_channel(app.address)
        call = importing(channel, _and_then(sent, never))
        answered += len(next(call).answers)
        asked_to_stop = time.monotonic()
    code = None
    try:
        for response in call:
            answered += len(response.answers)
    except grpc.RpcError as error:
        broken: Any = error
        code = broken.code()
    channel.close()

    assert time.monotonic() - asked_to_stop < 10  # It does not wait for a caller who has time.
    assert answered == 500
    assert code is grpc.StatusCode.UNAVAILABLE


def _fingerprints(app: App) -> dict[str, str | None]:
    """Of the views that do not show when something was recorded."""
    timeless = {view.name for view in VIEWS if "recorded_at" not in view.table}
    app.follower.wait_for(size(app), PATIENCE)
    with reading(app.reads.connect, app.reads.schema, VIEWS) as now:
        return {s.name: s.fingerprint for s in view_status(now, VIEWS, True) if s.name in timeless}


def _facts(app: App) -> list[tuple[str, int, str, bytes]]:
    """What the log says happened, but not when: that differs from run to run."""
    events = app.reads.log.select_notifications(start=2, limit=10_000)
    return [(str(e.originator_id), e.originator_version, e.topic, e.state) for e in events]


def test_call_by_call_in_batches_or_one_by_one_it_is_the_same_history(
    database_url: str, app: App, channel: grpc.Channel, book: str
) -> None:
    assert called(channel, commands(business(book))) == 3
    by_calls = _facts(app), _fingerprints(app)

    for batch in (1, 1_000):
        other = f"{book}_{batch}"
        with (
            serving(database_url, other) as second,
            grpc.insecure_channel(second.address) as channel,
        ):
            imported(channel, commands(business(other)), batch)
            assert (_facts(second), _fingerprints(second)) == by_calls


def test_another_history_has_other_fingerprints(app: App, channel: grpc.Channel, book: str) -> None:
    """Control: the comparison above can fail."""
    sent = commands(business(book))
    imported(channel, sent[:-5])
    before = _fingerprints(app)

    imported(channel, sent[-5:])

    assert _fingerprints(app) != before


class SlowDryRun:
    """One that takes its time to begin, as when its ledger is opened."""

    def __init__(self) -> None:
        self.begins, self.goes_on, self.left = (threading.Event() for _ in range(3))

    def __enter__(self) -> None:
        self.begins.set()
        self.goes_on.wait(PATIENCE)

    def __exit__(self, *_: object) -> None:
        self.left.set()


def test_a_dry_run_is_ended_although_its_caller_left_before_it_had_begun() -> None:
    slow = SlowDryRun()
    commands: Any = SimpleNamespace(dry_run=lambda: slow)
    resources: Any = None

    async def requests() -> AsyncIterator[pb.ImportRequest]:
        yield pb.ImportRequest(dry_run=True)

    async def left_early() -> None:
        stream = CommandStream(commands, resources, Caller("ann")).run(requests(), Closing())
        answering = asyncio.ensure_future(anext(stream))
        assert await asyncio.to_thread(slow.begins.wait, PATIENCE)
        answering.cancel()
        await asyncio.wait([answering])
        assert not slow.left.is_set(), "the control: it has not begun yet"
        slow.goes_on.set()
        assert await asyncio.to_thread(slow.left.wait, PATIENCE)

    asyncio.run(left_early())
