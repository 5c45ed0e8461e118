"""The client package against a real server: types, refusals, repeats, and who calls."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import grpc
import pytest

from partsledger import client
from partsledger.client import Caller, NotFound, Refused, Retries, aio, connect
from partsledger.client.errors import refusal
from partsledger.v1 import entry_service_pb2, import_service_pb2, part_service_pb2
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from partsledger.v1.import_service_pb2_grpc import ImportServiceStub
from partsledger.v1.part_service_pb2_grpc import PartServiceStub
from server.access.roles import Role
from server.app import App
from tests.server.api.access.protected import Signer, protected
from tests.server.conftest import serving

pb = part_service_pb2
PART = pb.Part(description="泵", part_class=pb.PART_CLASS_WEAR, serviceable=True)


def create(book: str, number: str, **more: Any) -> pb.CreatePartRequest:
    return pb.CreatePartRequest(parent=f"books/{book}", part_id=number, part=PART, **more)


def test_a_call_is_answered_and_recorded_by_name(app: App, book: str) -> None:
    with connect(app.address, Caller(actor="王芳")) as channel:
        answered = PartServiceStub(channel).CreatePart(create(book, "P-1"))

    assert answered.part.name == f"books/{book}/parts/P-1"
    [entry] = app.reads.log.entries.read(0, 10, stream_prefix="parts/P-1")
    assert entry.actor == "王芳"
    assert UUID(entry.request_id).version == 4


def test_each_request_of_a_batch_gets_an_id_and_one_that_has_one_keeps_it(
    app: App, book: str
) -> None:
    own = "6c2b7a1f-0000-4000-8000-000000000001"
    batch = pb.BatchCreatePartsRequest(
        parent=f"books/{book}",
        requests=[create(book, "P-1"), create(book, "P-2"), create(book, "P-3", request_id=own)],
    )
    with connect(app.address) as channel:
        PartServiceStub(channel).BatchCreateParts(batch)

    ids = [e.request_id for e in app.reads.log.entries.read(0, 10, stream_prefix="parts/")]
    assert len(set(ids)) == 3
    assert ids[2] == own


def test_a_refusal_is_an_exception_with_all_it_says(app: App, book: str) -> None:
    with connect(app.address) as channel:
        parts = PartServiceStub(channel)
        with pytest.raises(NotFound, match="no Part P-9") as missing:
            parts.GetPart(pb.GetPartRequest(name=f"books/{book}/parts/P-9"))
        with pytest.raises(client.InvalidArgument) as bad:
            parts.CreatePart(create(book, " "))

    assert (missing.value.reason, missing.value.code) == ("NOT_FOUND", grpc.StatusCode.NOT_FOUND)
    assert missing.value.metadata == {"kind": "Part", "key": "P-9"}
    assert "must not begin or end with a blank" in bad.value.fields["part_id"]
    assert isinstance(bad.value, Refused)


def for_long(call: Callable[[], Any]) -> None:
    """Again and again: on a machine that is busy, two calls may be a second apart."""
    for _ in range(100):
        call()


def test_who_comes_back_is_told_when(database_url: str, book: str, signer: Signer) -> None:
    with (
        protected(database_url, book, signer, max_calls_per_second=1) as app,
        connect(app.address, Caller(signer.token("ann", Role.AUDITOR))) as channel,
    ):
        parts, request = PartServiceStub(channel), pb.ListPartsRequest(parent=f"books/{book}")
        with pytest.raises(client.ResourceExhausted) as refused:
            for_long(lambda: parts.ListParts(request))

    assert refused.value.reason == "CALLED_TOO_OFTEN"
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= 1


def test_streams_say_who_calls_and_raise_refusals(
    database_url: str, book: str, signer: Signer
) -> None:
    asked = entry_service_pb2.SubscribeEntriesRequest(parent=f"books/{book}")
    with protected(database_url, book, signer) as app:
        with connect(app.address, Caller(signer.token("ann", Role.AUDITOR))) as channel:
            stream = EntryServiceStub(channel).SubscribeEntries(asked)
            assert next(stream).entry.position == 1
            stream.cancel()
        with connect(app.address) as channel:
            stream = EntryServiceStub(channel).SubscribeEntries(asked)
            with pytest.raises(client.Unauthenticated, match="a token is needed"):
                next(stream)
        token = signer.token("erp", Role.ERP, speaks_for=["*"])
        with connect(app.address, Caller(token)) as channel:
            message = import_service_pb2.ImportRequest()
            message.commands.add(actor="zhao").create_part.CopyFrom(
                create(book, "P-1", request_id="6c2b7a1f-0000-4000-8000-000000000002")
            )
            [response] = ImportServiceStub(channel).Import(iter([message]))
            assert response.answers[0].name.endswith("/parts/P-1")


def started_late(
    database_url: str, book: str, address: str, seconds: float, until: threading.Event
) -> threading.Thread:
    """A server that comes to an address after some seconds, and stays until it is told."""

    def run() -> None:
        time.sleep(seconds)
        with serving(database_url, book, listen=address):
            until.wait(60)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("retries", [Retries(), None], ids=["repeats", "does not"])
def test_a_call_outlasts_a_server_that_comes_back(
    database_url: str, book: str, retries: Retries | None
) -> None:
    """Control: without repeats the same call is refused at once."""
    with serving(database_url, book) as first:
        address = first.address
    done = threading.Event()
    patient = retries and retries._replace(first_pause=1.0)
    server = started_late(database_url, book, address, 1.0, done)
    try:
        with connect(address, retries=patient) as channel:
            stub = PartServiceStub(channel)
            if retries is None:
                with pytest.raises(client.Unavailable):
                    stub.CreatePart(create(book, "P-1"))
            else:
                assert stub.CreatePart(create(book, "P-1")).part.name.endswith("P-1")
    finally:
        done.set()
        server.join()


def test_a_call_without_a_deadline_has_one(app: App, book: str) -> None:
    """Of no time at all here, so that it is noticed."""
    with connect(app.address, Caller(seconds=0.000_001)) as channel:
        with pytest.raises(client.DeadlineExceeded):
            PartServiceStub(channel).CreatePart(create(book, "P-1"))

        PartServiceStub(channel).CreatePart(create(book, "P-2"), timeout=20)  # Control.


def test_asyncio_has_the_same(app: App, book: str) -> None:
    async def work() -> None:
        async with aio.connect(app.address, Caller(actor="ann")) as channel:
            parts: Any = PartServiceStub(channel)
            answered = await parts.CreatePart(create(book, "P-1"))
            assert answered.part.name.endswith("/P-1")
            with pytest.raises(client.AlreadyExists):
                await parts.CreatePart(create(book, "P-1"))
            entries: Any = EntryServiceStub(channel)
            asked = entry_service_pb2.SubscribeEntriesRequest(parent=f"books/{book}")
            stream = entries.SubscribeEntries(asked)
            assert (await stream.read()).entry.position == 1
            stream.cancel()

    asyncio.run(work())
    [entry] = app.reads.log.entries.read(0, 10, stream_prefix="parts/P-1")
    assert entry.actor == "ann"


def test_asyncio_says_of_a_stream_what_it_is(app: App) -> None:
    async def work() -> Refused:
        async with aio.connect(app.address) as channel:
            entries: Any = EntryServiceStub(channel)
            asked = entry_service_pb2.SubscribeEntriesRequest(parent="books/another")
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await entries.SubscribeEntries(asked).read()
            return refusal(error.value)

    refused = asyncio.run(work())
    assert (type(refused), refused.reason) == (NotFound, "BOOK_UNKNOWN")


def test_tls_is_all_or_nothing() -> None:
    with (
        pytest.raises(ValueError, match="needs tls_ca"),
        connect("x:1", key=b"k", certificate=b"c"),
    ):
        pass


@pytest.mark.parametrize("name", client.__all__)
def test_all_that_is_named_is_there(name: str) -> None:
    found: Callable[..., Any] = getattr(client, name)
    assert found.__doc__ or issubclass(found, Refused)  # type: ignore[arg-type]
