"""Entries of an older form over the API: their bytes as stored, their lines as read today."""

import json
import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from domain.dealer_account import DealerAccount
from domain.storing import FORM, RecordedEvent
from domain.upcasting import UPCASTERS
from server.app import App
from server.eventlog.migrations import migrate
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.conftest import new_book
from tests.older_forms import BEGUN, COUNTER, EXCHANGED, OLDER_FORMS, PAID, aged
from tests.on_the_wire import money, on
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving, size

FOLDING = "projections.engine.folding"


@pytest.fixture
def older_book(database_url: str, desk: FrontDesk, app: App) -> Iterator[str]:
    """A day on which pieces came and went and D01 paid at the counter, in the older forms."""
    desk.open_for_business()
    desk.buy("B-1", "2025-07-01", "P-1", 10, 6)
    desk.sell("S-1", "2025-07-01", "P-1", 3, "D01")
    pay(desk, "PM-1", COUNTER)
    history = app.reads.log.select_notifications(start=1, limit=1_000)
    with new_book(database_url) as book:
        schema = f"book_{book}"
        migrate(database_url, schema)
        older = [event for event in history if isinstance(event, RecordedEvent)]
        # The book's own record names the book.
        renamed = [_of_book(event, desk.book, book) for event in aged(older)]
        datastore = Datastore(database_url, schema)
        log = ApplicationRecorder(datastore)
        log.append(renamed)
        log.close()
        datastore.close()
        yield book


def _of_book(event: RecordedEvent, was: str, book: str) -> RecordedEvent:
    stream = str(event.originator_id)
    named = f"books/{book}" if stream == f"books/{was}" else stream
    recorded = event.recorded_at, event.actor, event.principal, event.request_id
    return RecordedEvent(named, event.originator_version, event.topic, event.state, *recorded)


def pay(desk: FrontDesk, number: str, document: str) -> Any:
    payment = {"dealer": desk.name("dealers/D01"), "amount": money(5)}
    return desk.call(
        "Payment.CreatePayment",
        payment_id=number, payment=payment, occurrence=on("2025-07-01", document),
    )  # fmt: skip


@pytest.fixture
def upcasters(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As in a version to which these forms are older: its own form is the next one."""
    for topic, upcaster in OLDER_FORMS.items():
        monkeypatch.setitem(UPCASTERS, topic, upcaster)
    for module in ("server.eventlog.append", "server.eventlog.migrations", FOLDING):
        monkeypatch.setattr(f"{module}.FORM", FORM + 1)
    return monkeypatch


def entries(desk: FrontDesk, topic: str) -> Any:
    return desk.call("Entry.ListEntries", filter={"topics": [topic]}).entries


def test_a_book_of_older_facts_is_served_and_shows_them_as_stored(
    older_book: str,
    upcasters: pytest.MonkeyPatch,
    database_url: str,
    desk: FrontDesk,
    app: App,
) -> None:
    with (
        serving(database_url, older_book) as served,
        grpc.insecure_channel(served.address) as channel,
    ):
        older = FrontDesk(channel, older_book)
        [begun, _], [paid], [exchanged] = (
            entries(older, topic) for topic in (BEGUN, PAID, EXCHANGED)
        )
        assert json.loads(begun.state)["account"] == "D01/CNY"
        assert "document" not in json.loads(paid.state)
        assert {"came", "went"} <= json.loads(exchanged.state).keys()

        assert paid.document == COUNTER  # As it is read today.
        assert [moved.to_place.rpartition("/")[2] for moved in exchanged.movements] == [
            "W01", "@sold"
        ]  # fmt: skip
        assert len(exchanged.postings) == 4
        for each in (older, desk):  # And the books go on from there.
            each.sell("S-2", "2025-07-02", "P-1", 7, "D01")
        for method, fields in REPORTS.items():
            told = [
                _told(each.call(method, **fields(each), min_position=size(of)), each)
                for each, of in ((older, served), (desk, app))
            ]
            assert told[0] == told[1], method
        assert not entries(older, DealerAccount.PaymentReceived.TOPIC)


REPORTS: dict[str, Any] = {
    "Statement.GetTrialBalance": lambda _: {},
    "Ageing.GetInventoryAgeing": lambda _: {},
    "Stock.GetStockItem": lambda desk: {"name": desk.name("places/W01/stock/P-1")},
}


WHERE = re.compile("position|etag|time|seconds|nanos")


def _told(message: Any, desk: FrontDesk) -> str:
    """What a report says, whichever book it is of and wherever that stands."""
    lines = str(message).replace(desk.parent, "books/any").splitlines()
    return "\n".join(line for line in lines if not WHERE.search(line))
