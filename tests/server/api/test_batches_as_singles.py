"""Singly, in batches or on the import stream: the same requests are the same facts."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import grpc

from projections.engine.reading import reading
from projections.engine.status import view_status
from projections.views import VIEWS
from server.app import App
from server.cli.channel import Connection, connected
from server.erp.folder import Ordered
from tests.chaos.mixed_trade import BATCHES, batched_calls, request_of, trade_of
from tests.chaos.told import Told
from tests.chaos.ways import PATIENCE_SECONDS, on_the_stream
from tests.chaos.ways import send as send_call
from tests.conftest import new_database
from tests.server.api.batch_desk import MAKER, Kind, every_kind, part
from tests.server.api.import_desk import commands, imported
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving, size

PRICES: Final = "Price.BatchSetPrices"
BOOK: Final = "main"
NOW: Final = datetime(2025, 12, 31, tzinfo=UTC)

Send = Callable[[Connection, list[Ordered]], None]


def send_singly(_: grpc.Channel, desk: FrontDesk, kind: Kind) -> None:
    for request in kind.requests:
        desk.call(kind.single, **request)


def send_together(_: grpc.Channel, desk: FrontDesk, kind: Kind) -> None:
    parent = desk.name("priceLists/-") if kind.batch == PRICES else desk.parent
    desk.call(kind.batch, requests=kind.requests, parent=parent)


def send_on_the_stream(channel: grpc.Channel, desk: FrontDesk, kind: Kind) -> None:
    parent = {} if kind.batch == PRICES else {"parent": desk.parent}
    steps = [(kind.on_stream, "wang", {**parent, **request}) for request in kind.requests]
    answers = imported(channel, commands(steps))
    assert not [answer for answer in answers if answer.HasField("error")]


WAYS = (send_singly, send_together, send_on_the_stream)


class Recorded(NamedTuple):
    """A book's log without salts, and what its views hold."""

    facts: list[tuple[Any, ...]]
    fingerprints: dict[str, str | None]


def recorded(url: str, commands: list[Ordered], send: Send) -> Recorded:
    """What commands are in a new book, sent in order.

    The clock stands still, and the ledger counts microseconds instead: so what was recorded when
    depends on the order only.
    """
    with (
        new_database(url) as beside,
        serving(beside, BOOK, lambda: NOW) as app,
        connected(app.address, BOOK) as connection,
    ):
        send(connection, commands)
        entries = app.reads.log.entries.read(after=1, limit=10_000)  # The first opens the book.
        facts = [
            (e.position, e.stream, e.version, e.topic, e.state, e.recorded_at, e.actor,
             e.request_id)
            for e in entries
        ]  # fmt: skip
        app.follower.wait_for(size(app), PATIENCE_SECONDS)
        with reading(app.reads.connect, app.reads.schema, VIEWS) as now:
            return Recorded(facts, {s.name: s.fingerprint for s in view_status(now, VIEWS, True)})


def all_singly(connection: Connection, commands: list[Ordered]) -> None:
    for command in commands:
        send_call(connection, [command])


def all_together(connection: Connection, commands: list[Ordered]) -> None:
    """Those of a kind that follow each other in a batch."""
    calls = batched_calls(commands, look_back=1)
    batches = [call.commands for call in calls if len(call.commands) > 1]
    kinds = {request_of(batch[0]).DESCRIPTOR.full_name for batch in batches}
    assert kinds == BATCHES.keys()
    for call in calls:
        send_call(connection, call.commands)


def all_on_the_stream(connection: Connection, commands: list[Ordered]) -> None:
    told = Told()
    on_the_stream(connection, commands, told)
    assert told.refused == {}


def test_singly_together_or_on_the_stream_the_same_trade_is_the_same_facts_and_views(
    database_url: str,
) -> None:
    trade = trade_of(BOOK).valid
    singly = recorded(database_url, trade, all_singly)
    together = recorded(database_url, trade, all_together)
    on_stream = recorded(database_url, trade, all_on_the_stream)

    assert len(singly.facts) > 3_000
    assert singly.facts == together.facts == on_stream.facts
    assert singly.fingerprints.keys() == {view.name for view in VIEWS}
    assert singly.fingerprints == together.fingerprints == on_stream.fingerprints

    # The control: a payment of one unit more is seen by every view that shows it, and no other. Its
    # facts are the payment, the line of the account, and what it pays of an item that is younger.
    payments = [c.command.create_payment for c in trade if c.command.HasField("create_payment")]
    payments[-1].payment.amount.units += 1
    changed = recorded(database_url, trade, all_on_the_stream)
    assert sum(one != other for one, other in zip(singly.facts, changed.facts, strict=True)) == 3
    assert {v for v, was in singly.fingerprints.items() if changed.fingerprints[v] != was} == {
        "account_days", "account_months", "dealer_items", "journal_lines", "party_days",
        "party_months", "statement_months", "statement_rows",
    }  # fmt: skip


def test_a_request_is_known_again_by_whichever_way_it_comes(
    app: App, channel: grpc.Channel, desk: FrontDesk
) -> None:
    desk.open_for_business(MAKER)
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
