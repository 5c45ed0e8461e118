"""A stream that waits costs no thread: reads and writes go on beside thousands of them."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from partsledger.v1 import entry_service_pb2, import_service_pb2
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from partsledger.v1.import_service_pb2_grpc import ImportServiceStub
from server.app import App
from tests.server.api.reading.front_desk import FrontDesk

# Of each kind. `make chaos` takes more.
IDLE: Final = int(os.environ.get("PARTSLEDGER_IDLE", "300"))
CHANNELS: Final = 10
PATIENCE: Final = 60


class Idle:
    """Subscriptions to what does not happen, import streams without commands, health watches."""

    def __init__(self, address: str, book: str) -> None:
        self._channels = [
            grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
            for _ in range(CHANNELS)
        ]
        self._book = book
        self._never = asyncio.Event()
        self._calls: list[Any] = []

    async def open(self, count: int) -> None:
        """So many of each kind; returns when each subscription and watch was answered once."""
        answered = []
        for number in range(count):
            channel = self._channels[number % CHANNELS]
            wanted = entry_service_pb2.EntryFilter(stream_prefix=f"sales/NONE-{number % 50}")
            request = entry_service_pb2.SubscribeEntriesRequest(
                parent=f"books/{self._book}", filter=wanted
            )
            subscribed = EntryServiceStub(channel).SubscribeEntries(request)
            health: Any = health_pb2_grpc.HealthStub(channel)  # Its types do not have it.
            watched = health.Watch(health_pb2.HealthCheckRequest())
            imported = ImportServiceStub(channel).Import(self._nothing())
            self._calls += [subscribed, watched, imported]
            answered += [subscribed.read(), watched.read()]
        await asyncio.wait_for(asyncio.gather(*answered), PATIENCE)

    async def _nothing(self) -> AsyncIterator[import_service_pb2.ImportRequest]:
        await self._never.wait()
        yield import_service_pb2.ImportRequest()

    @property
    def ended(self) -> int:
        return sum(call.done() for call in self._calls)

    async def close(self) -> None:
        for call in self._calls:
            call.cancel()
        for channel in self._channels:
            await channel.close()


async def beside_them(app: App, desk: FrontDesk, count: int) -> int:
    """How many threads the process has more while so many of each kind are open."""
    idle = Idle(app.address, app.reads.book.name)
    before = threading.active_count()
    try:
        await idle.open(count)
        more = threading.active_count() - before
        await asyncio.to_thread(desk.trade)
        position = (await asyncio.to_thread(desk.call, "View.GetViewStatus")).head_position
        seen = await asyncio.to_thread(
            desk.call, "Ageing.GetInventoryAgeing", min_position=position
        )
        assert seen.as_of_position >= position
        assert idle.ended == 0, "all of them are still open"
    finally:
        await idle.close()
    return more


@pytest.mark.timeout(300)
def test_reads_and_writes_go_on_beside_thousands_that_wait(app: App, desk: FrontDesk) -> None:
    desk.open_for_business()
    assert asyncio.run(beside_them(app, desk, IDLE)) < 40, "no more than reads take"


def test_a_thread_of_a_stream_would_be_counted() -> None:
    """The control."""
    over = threading.Event()
    before = threading.active_count()
    threads = [threading.Thread(target=over.wait) for _ in range(50)]
    for thread in threads:
        thread.start()
    more = threading.active_count() - before
    over.set()
    for thread in threads:
        thread.join()
    assert more == 50
