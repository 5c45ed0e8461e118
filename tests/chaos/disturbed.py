"""A run of the trade in which somebody is killed now and then."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, NamedTuple

import grpc

from partsledger.v1.sale_service_pb2 import ListSalesRequest
from partsledger.v1.sale_service_pb2_grpc import SaleServiceStub
from server.cli.channel import connected
from server.erp.folder import Ordered
from tests.chaos.killing import Killed, kill_as_planned, plan
from tests.chaos.ledger_checks import entries_of
from tests.chaos.mixed_trade import id_of, trade_of
from tests.chaos.processes import MortalServer, Victim
from tests.chaos.told import Told
from tests.chaos.ways import PATIENCE_SECONDS, Way, on_the_stream
from tests.server.api.reading.front_desk import Refused

PAUSES: Final = [0.2] * (5 * PATIENCE_SECONDS)


class Run(NamedTuple):
    """What was sent and told, who was killed meanwhile, and what else was heard."""

    commands: list[Ordered]
    told: Told
    killed: list[Killed]
    entries: list[Any]  # The log at the end.
    heard_by_a_reader: set[grpc.StatusCode]

    @property
    def acknowledged(self) -> list[Ordered]:
        """The commands that were recorded, in their order."""
        return [command for command in self.commands if id_of(command) in self.told.acknowledged]

    def interrupted(self) -> list["Interrupted"]:
        """By kill: what it left without an answer. A kill between two calls is not among them."""
        found = [
            Interrupted(kill.victim, kill.at, self.told.repeated_since(kill.under_way))
            for kill in self.killed
        ]
        return [interrupted for interrupted in found if interrupted.commands]

    @property
    def recorded_unheard(self) -> int:
        """How many of those had been recorded all the same: only their answer was lost."""
        recorded_at = {e.request_id: e.record_time.ToDatetime(UTC) for e in self.entries}
        return sum(
            request_id in recorded_at and recorded_at[request_id] < interrupted.at
            for interrupted in self.interrupted()
            for request_id in interrupted.commands
        )


class Interrupted(NamedTuple):
    """By whose death, and when; the ids of the requests that had to be sent again."""

    victim: Victim
    at: datetime
    commands: list[str]


def disturbed(
    server: MortalServer, book: str, way: Way, random: Random, victims: Sequence[Victim]
) -> Run:
    """The base data in peace, then the documents while victims are killed."""
    trade, told = trade_of(book), Told()
    stop = threading.Event()
    with (
        connected(server.address, book, pauses=PAUSES) as connection,
        ThreadPoolExecutor(2) as others,
    ):
        on_the_stream(connection, trade.base, told)
        planned = plan(random, victims, told.answered, len(trade.documents))
        reader = others.submit(looking_on, server.address, book, stop)
        sender = others.submit(way, connection, trade.documents, told)
        try:
            killed = kill_as_planned(server, told, planned, sender.done)
            sender.result()
        finally:
            stop.set()
        entries = entries_when_it_reads_again(connection.channel, book)
        return Run(trade.all, told, killed, entries, reader.result())


def entries_when_it_reads_again(channel: grpc.Channel, book: str) -> list[Any]:
    """Whoever was killed last may not be back yet, though all was answered before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        # A channel that met a dead server waits a while before it tries again.
        grpc.channel_ready_future(channel).result(PATIENCE_SECONDS)
        try:
            return entries_of(channel, book)
        except Refused as refused:
            if refused.code is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def looking_on(address: str, book: str, stop: threading.Event) -> set[grpc.StatusCode]:
    """Reads a list again and again until told to stop; what it hears that is not an answer."""
    codes: set[grpc.StatusCode] = set()
    with connected(address, book) as connection:
        stub = SaleServiceStub(connection.channel)
        while not stop.wait(0.05):
            try:
                stub.ListSales(ListSalesRequest(parent=connection.book, page_size=5), timeout=20)
            except grpc.RpcError as error:
                call: Any = error
                codes.add(call.code())
    return codes
