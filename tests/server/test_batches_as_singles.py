"""Singly, in batches or on the import stream: the same requests are the same facts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from partsledger.v1 import import_service_pb2
from server.app import App, running
from server.settings import Settings
from tests.server.batch_desk import Kind, every_kind, open_for_business, part
from tests.server.import_desk import imported
from tests.server.reading.front_desk import FrontDesk

PRICES = "Price.BatchSetPrices"


@pytest.fixture
def channel(app: App) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(app.address) as channel:
        yield channel


def size(app: App) -> int:
    return app.reads.log.head().size


def facts(app: App, after: int) -> list[tuple[Any, ...]]:
    """All of an entry but when it was recorded, and its salt."""
    return [
        (e.position, e.stream, e.version, e.topic, e.state, e.actor, e.request_id)
        for e in app.reads.log.read_entries(after=after, limit=10_000)
    ]


@contextmanager
def another_book(database_url: str, name: str) -> Iterator[tuple[App, grpc.Channel, FrontDesk]]:
    """Open for business."""
    settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=name)
    with running(settings) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, name)
        open_for_business(desk)
        yield app, channel, desk


def send_singly(_: grpc.Channel, desk: FrontDesk, kind: Kind) -> None:
    for request in kind.requests:
        desk.call(kind.single, **request)


def send_together(_: grpc.Channel, desk: FrontDesk, kind: Kind) -> None:
    parent = desk.name("priceLists/-") if kind.batch == PRICES else desk.parent
    desk.call(kind.batch, requests=kind.requests, parent=parent)


def send_on_the_stream(channel: grpc.Channel, desk: FrontDesk, kind: Kind) -> None:
    parent = {} if kind.batch == PRICES else {"parent": desk.parent}
    commands = []
    for request in kind.requests:
        command = import_service_pb2.ImportCommand(actor="wang")
        json_format.ParseDict({kind.on_stream: {**parent, **request}}, command)
        commands.append(command)
    assert not [answer for answer in imported(channel, commands) if answer.HasField("error")]


WAYS = (send_singly, send_together, send_on_the_stream)


def test_singly_together_or_on_the_stream_the_same_requests_are_the_same_facts(
    database_url: str, book: str
) -> None:
    recorded = []
    for send in WAYS:
        with another_book(database_url, f"{book}_{send.__name__}") as (app, channel, desk):
            opened_at = size(app)
            for kind in every_kind(desk):
                send(channel, desk, kind)
            recorded.append(facts(app, after=opened_at))
            send(channel, desk, every_kind(desk)[0]._replace(requests=[part("A-9")]))
            assert facts(app, after=opened_at) != recorded[0]  # Control: one more is seen.

    assert len(recorded[0]) > 30
    assert recorded[0] == recorded[1] == recorded[2]


def test_a_request_is_known_again_by_whichever_way_it_comes(
    app: App, channel: grpc.Channel, desk: FrontDesk
) -> None:
    open_for_business(desk)
    kinds = every_kind(desk)
    for kind in kinds:
        send_together(channel, desk, kind)
    before = size(app)

    for send in WAYS:
        for kind in kinds:
            send(channel, desk, kind)
    assert size(app) == before

    for number, way in enumerate(WAYS):  # Control: what is new is recorded.
        way(channel, desk, kinds[0]._replace(requests=[part(f"A-{number}")]))
    assert size(app) == before + len(WAYS)
