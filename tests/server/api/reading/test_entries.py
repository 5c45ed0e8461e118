"""The log over the wire: entries as recorded, pages without gaps, streams that follow."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import grpc
import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import make_url

from server.api.services import entries as service
from server.app import App
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.conftest import serving


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    desk.open_for_business()
    desk.buy("B-1", "2025-06-01", "P-1", 10, 6)
    return desk


def positions(desk: FrontDesk, **fields: Any) -> list[int]:
    pages = desk.pages("Entry.ListEntries", **fields)
    return [entry.position for page in pages for entry in page.entries]


def test_an_entry_shows_the_recorded_bytes_and_what_they_say(app: App, shop: FrontDesk) -> None:
    sold = shop.sell("S-1", "2025-07-01", "P-1", 2)
    listed = shop.call(
        "Entry.ListEntries",
        from_position=sold.receipt.first_position, filter={"stream_prefix": "stock/"},
    )  # fmt: skip
    [entry] = listed.entries

    [recorded] = app.reads.log.entries.read(entry.position - 1, 1)
    assert entry.state == recorded.state
    assert entry.leaf_hash == recorded.leaf_hash
    assert json.loads(entry.state)["effective_on"] == "2025-07-01"
    assert (entry.stream, entry.version) == ("stock/W01/P-1", 3)
    assert entry.topic == "partsledger:StockItem.Issued"
    assert (entry.actor, entry.document) == ("wang", "INV-S-1")
    assert entry.effective_on == entry.occurred_on
    assert entry.effective_on.year == 2025
    [moved] = entry.movements
    assert moved.from_place == shop.name("places/W01")
    assert moved.to_place == shop.name("places/@sold")
    assert [
        (layer.quantity, layer.value.units, layer.receipt, layer.supplier) for layer in moved.layers
    ] == [(2, 12, "purchases/B-1", "S01")]
    assert sorted((p.account, p.amount.units) for p in entry.postings) == [
        ("1405", -12), ("6401", 12)
    ]  # fmt: skip
    assert shop.call("Entry.GetEntry", name=entry.name).entry == entry


def test_accounts_are_chained_and_other_streams_are_not(shop: FrontDesk) -> None:
    shop.sell("S-1", "2025-07-01", "P-1", 2)
    chain = shop.call("Entry.ListEntries", filter={"stream_prefix": "accounts/D01"}).entries
    others = shop.call("Entry.ListEntries", filter={"stream_prefix": "stock/"}).entries

    assert [entry.previous_hash for entry in chain] == [b"", *(e.leaf_hash for e in chain[:-1])]
    assert len(chain) == 2
    assert {entry.previous_hash for entry in others} == {b""}


def test_pages_of_entries_have_no_gap_and_end_where_they_began(shop: FrontDesk) -> None:
    end = shop.call("View.GetViewStatus").head_position
    seen = []
    for page in shop.pages("Entry.ListEntries", page_size=4):
        assert page.as_of_position == end
        seen += [entry.position for entry in page.entries]
        shop.add_part(f"P-{len(seen)}00")

    assert seen == list(range(1, end + 1))
    assert len(positions(shop)) > end  # The control: there was more to see.


def test_filters_let_through_what_they_say(shop: FrontDesk) -> None:
    topics = [e.topic for e in shop.call("Entry.ListEntries").entries]
    wanted = "partsledger:Part.Registered"
    expected = [at for at, topic in enumerate(topics, 1) if topic == wanted]

    assert len(expected) == 2
    assert positions(shop, filter={"topics": [wanted]}, page_size=1) == expected
    assert positions(shop, filter={"topics": [wanted]}, from_position=expected[1]) == expected[1:]
    assert positions(shop, filter={"stream_prefix": "parts/P-1"}) == expected[:1]
    assert positions(shop, filter={"topics": ["partsledger:No.Such"]}) == []
    assert positions(shop, as_of_position=3) == [1, 2, 3]


def test_a_filter_that_lets_nothing_through_gets_on_in_bounded_steps(
    shop: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_LIST_WINDOW", 5)
    end = shop.call("View.GetViewStatus").head_position

    pages = list(shop.pages("Entry.ListEntries", filter={"stream_prefix": "sales/"}))

    assert [len(page.entries) for page in pages] == [0] * -(-end // 5)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"from_position": -1}, "from_position"),
        ({"as_of_position": 10_000}, "as_of_position"),
        ({"min_position": 10_000}, "min_position"),
        ({"filter": {"stream_prefix": "a\x00b"}}, "filter.stream_prefix"),
        ({"filter": {"topics": [""]}}, "filter.topics[0]"),
        ({"filter": {"topics": ["x"] * 101}}, "filter.topics"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    standing: FrontDesk, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        standing.call("Entry.ListEntries", **fields)

    assert (refusal.value.reason, refusal.value.facts["field"]) == ("INVALID_VALUE", field)


def until_caught_up(events: Iterator[Any]) -> list[int]:
    """The positions sent before the heartbeat that says there are no more."""
    seen = []
    for event in events:
        if event.HasField("entry"):
            seen.append(event.entry.position)
        elif event.heartbeat.passed_position == event.heartbeat.head_position:
            return seen
    raise AssertionError("the stream ended by itself")


def test_a_subscription_sends_what_is_there_and_then_what_comes(shop: FrontDesk) -> None:
    end = shop.call("View.GetViewStatus").head_position
    events = shop.stream("Entry.SubscribeEntries")
    assert until_caught_up(events) == list(range(1, end + 1))

    receipt = shop.sell("S-1", "2025-07-01", "P-1", 1).receipt
    started = time.monotonic()
    assert until_caught_up(events) == list(range(end + 1, receipt.last_position + 1))
    assert time.monotonic() - started < 0.5  # It was told, and did not have to look again.
    events.cancel()


def test_a_subscription_resumes_after_the_last_entry_dealt_with(shop: FrontDesk) -> None:
    first = shop.stream("Entry.SubscribeEntries")
    seen = [next(first).entry.position for _ in range(5)]
    first.cancel()
    shop.add_part("P-3")

    resumed = shop.stream("Entry.SubscribeEntries", from_position=seen[-1] + 1)
    seen += until_caught_up(resumed)
    resumed.cancel()

    assert seen == list(range(1, shop.call("View.GetViewStatus").head_position + 1))


def test_a_filtered_subscription_still_says_how_far_it_is(shop: FrontDesk) -> None:
    events = shop.stream("Entry.SubscribeEntries", filter={"stream_prefix": "sales/"})
    assert until_caught_up(events) == []

    shop.add_part("P-3")
    assert until_caught_up(events) == []
    sold = shop.sell("S-1", "2025-07-01", "P-1", 1).receipt
    [position] = until_caught_up(events)
    assert sold.first_position <= position <= sold.last_position
    events.cancel()


def test_heartbeats_come_although_nothing_does(
    shop: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "HEARTBEAT_SECONDS", 0.2)
    events = shop.stream("Entry.SubscribeEntries", filter={"stream_prefix": "sales/"})

    beats = [next(events).heartbeat for _ in range(3)]
    events.cancel()

    head = shop.call("View.GetViewStatus").head_position
    assert {(b.head_position, b.passed_position) for b in beats} == {(head, head)}


def test_a_subscription_cannot_begin_after_the_next_position(shop: FrontDesk) -> None:
    head = shop.call("View.GetViewStatus").head_position
    at_the_end = shop.stream("Entry.SubscribeEntries", from_position=head + 1)
    assert next(at_the_end).heartbeat.head_position == head  # The control.
    at_the_end.cancel()

    with pytest.raises(grpc.RpcError) as refusal:
        next(shop.stream("Entry.SubscribeEntries", from_position=head + 2))
    assert Refused(refusal.value).facts["field"] == "from_position"


def test_one_subscription_too_many_is_told_when_to_come_back(
    shop: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_SUBSCRIBED", 5)
    running = [shop.stream("Entry.SubscribeEntries") for _ in range(5)]
    for events in running:
        until_caught_up(events)

    with pytest.raises(grpc.RpcError) as refused:
        next(shop.stream("Entry.SubscribeEntries"))
    refusal = Refused(refused.value)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    assert "RetryInfo" in refusal.details

    running.pop().cancel()
    deadline = time.monotonic() + 10
    while True:  # A caller that has left frees its place within a second or so.
        try:
            until_caught_up(shop.stream("Entry.SubscribeEntries"))
            break
        except grpc.RpcError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    for events in running:
        events.cancel()


@pytest.fixture
def cut_off(database_url: str, book: str) -> Iterator[Callable[[bool], None]]:
    """Lets the role named as the book into the database, or throws it out and keeps it out."""
    role = sql.Identifier(book)
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as c:
        connection.autocommit = True
        c.execute(sql.SQL("CREATE ROLE {} SUPERUSER LOGIN").format(role))

        def cut(out: bool) -> None:
            may = sql.SQL("NOLOGIN" if out else "LOGIN")
            c.execute(sql.SQL("ALTER ROLE {} {}").format(role, may))
            if out:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"
                c.execute(query, [book])

        yield cut
        c.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))
        c.execute(sql.SQL("DROP ROLE {}").format(role))


def test_a_lost_database_ends_the_subscription_and_the_caller_resumes(
    database_url: str, book: str, cut_off: Callable[[bool], None]
) -> None:
    url = make_url(database_url).set(username=book).render_as_string(hide_password=False)
    with serving(url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        desk.add_part("P-1")
        events = desk.stream("Entry.SubscribeEntries")
        seen = until_caught_up(events)

        cut_off(True)
        with pytest.raises(grpc.RpcError) as lost:
            until_caught_up(events)
        refusal = Refused(lost.value)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE")

        cut_off(False)
        resumed = desk.stream("Entry.SubscribeEntries", from_position=seen[-1])
        assert until_caught_up(resumed) == seen[-1:]
        resumed.cancel()


def test_a_server_that_stops_lets_its_subscribers_go(database_url: str, book: str) -> None:
    with ExitStack() as running:
        app = running.enter_context(serving(database_url, book))
        with grpc.insecure_channel(app.address) as channel:
            events = FrontDesk(channel, book).stream("Entry.SubscribeEntries")
            until_caught_up(events)
            stopping = threading.Timer(0.2, running.close)
            stopping.start()

            started = time.monotonic()
            with pytest.raises(grpc.RpcError) as ended:
                next(events)
            assert Refused(ended.value).reason == "LOG_UNAVAILABLE"
            assert time.monotonic() - started < 2, "long before anything is cut off"
            stopping.join()


def test_entries_are_of_just_one_stream_however_it_is_named(shop: FrontDesk) -> None:
    shop.add_part("P-11")
    everything = [e for page in shop.pages("Entry.ListEntries") for e in page.entries]
    wanted = [e.position for e in everything if e.stream == "parts/P-1"]

    assert positions(shop, filter={"stream": "parts/P-1"}) == wanted
    assert positions(shop, filter={"resource": shop.name("parts/P-1")}) == wanted
    assert positions(shop, filter={"stream_prefix": "parts/P-1"}) != wanted  # The control.
    stock = [e.position for e in everything if e.stream == "stock/W01/P-1"]
    assert positions(shop, filter={"resource": shop.name("places/W01/stock/P-1")}) == stock != []


def test_entries_are_of_one_person_only(shop: FrontDesk) -> None:
    receipt = shop.add_part("P-7", actor="li").receipt

    assert positions(shop, filter={"actor": "li"}) == [receipt.first_position]
    assert positions(shop, filter={"actor": "zhao"}) == []


def test_a_subscription_is_of_one_stream_and_one_person_too(shop: FrontDesk) -> None:
    wanted = {"stream": "parts/P-7", "actor": "li"}
    events = shop.stream("Entry.SubscribeEntries", filter=wanted)
    others = shop.stream("Entry.SubscribeEntries", filter={**wanted, "actor": "zhao"})
    assert until_caught_up(events) == until_caught_up(others) == []

    shop.add_part("P-8", actor="li")
    receipt = shop.add_part("P-7", actor="li").receipt

    found: list[int] = []
    while not found:
        found += until_caught_up(events)
    assert found == [receipt.first_position]
    assert until_caught_up(others) == []
    events.cancel()
    others.cancel()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"resource": "books/BOOK/invoices/I-1"}, "filter.resource"),
        ({"resource": "books/other/parts/P-1"}, "filter.resource"),
        ({"resource": "books/BOOK/parts/P-1", "stream": "parts/P-1"}, "filter.resource"),
        ({"actor": "two  blanks"}, "filter.actor"),
        ({"resource": "books/BOOK/dealers/D01/statements/2025-07"}, "filter.resource"),
        ({"stream": "parts/\u200b"}, "filter.stream"),
    ],
)
def test_what_names_no_stream_and_nobody_is_refused(
    desk: FrontDesk, wanted: dict[str, str], field: str
) -> None:
    said = {name: value.replace("BOOK", desk.book) for name, value in wanted.items()}
    with pytest.raises(Refused) as refused:
        positions(desk, filter=said)

    assert refused.value.reason == "INVALID_VALUE"
    assert refused.value.facts["field"] == field
