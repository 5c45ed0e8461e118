"""What is stored in an older form is read as facts of today, and nothing else is touched."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.dealer_account import DealerAccount
from domain.errors import EntryUnreadable
from domain.facts import Fact
from domain.ledger import Ledger
from domain.purchase_receipt import PurchaseLine
from domain.stock_item import StockItem
from domain.storing import NO_REQUEST, RecordedEvent, SeveralFacts
from domain.upcasting import UPCASTERS, Fields, Readings, formerly, upcast, upcast_as_one
from domain.use_cases import purchasing, selling
from tests.domain.desk import Desk, on
from tests.older_forms import BEGUN, COUNTER, EXCHANGED, OLDER_FORMS, PAID, aged
from tests.small_maker import SMALL_MAKER

STATEMENT_OF_JULY = {"effective_on": "2025-07-14", "occurred_on": "2025-07-14"}


@pytest.fixture
def upcasters(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for topic, upcaster in OLDER_FORMS.items():
        monkeypatch.setitem(UPCASTERS, topic, upcaster)
    return monkeypatch


@pytest.fixture
def traded() -> Desk:
    """Ten pieces came and four of them went on one day, some on others; D01 has paid twice."""
    desk = Desk()
    for use_case, fields in SMALL_MAKER.use_cases():
        desk.do(use_case, **fields)
    bought(desk, "R-1", 1, 10)
    sold(desk, "S-1", 1, 4)
    bought(desk, "R-2", 2, 5)
    bought(desk, "R-3", 3, 5)
    sold(desk, "S-2", 4, 11)
    paid(desk, "PM-1", COUNTER)
    paid(desk, "PM-2", "BANK-2")
    return desk


def bought(desk: Desk, number: str, day: int, quantity: int) -> None:
    line = PurchaseLine(part="P-1", quantity=quantity, value_minor=quantity * (600 + day))
    fields: dict[str, Any] = {"supplier": "S01", "to_place": "W01", "lines": (line,)}
    desk.do(purchasing.receive_purchase, number=number, occurrence=on(7, day, number), **fields)


def sold(desk: Desk, number: str, day: int, quantity: int) -> None:
    fields: dict[str, Any] = {
        "dealer": "D01",
        "from_place": "W01",
        "lines": (selling.WantedLine("P-1", quantity),),
    }
    desk.do(selling.sell_parts, number=number, occurrence=on(7, day, number), **fields)


def paid(desk: Desk, number: str, document: str) -> None:
    fields: dict[str, Any] = {"dealer": "D01", "amount_minor": 5000, "currency": "CNY"}
    desk.do(selling.receive_payment, number=number, occurrence=on(7, 9, document), **fields)


def history(desk: Desk) -> list[RecordedEvent]:
    """What is stored, stream by stream."""
    stored = [
        event for name in desk.streams() for event in desk.ledger.recorder.select_events(name)
    ]
    return [event for event in stored if isinstance(event, RecordedEvent)]


def state(ledger: Ledger, stream: str) -> dict[str, Any]:
    """What an aggregate holds, but for how many facts that took."""
    held = dict(vars(loaded(ledger, stream)))
    del held["_version"]
    return held


def loaded(ledger: Ledger, stream: str) -> Any:
    return ledger.repository.get(stream)


def older_ledger(desk: Desk) -> Ledger:
    ledger = Ledger()
    ledger.recorder.insert_events(list(aged(history(desk))))
    return ledger


def test_the_older_history_has_each_of_the_older_forms(traded: Desk) -> None:
    older, newer = list(aged(history(traded))), history(traded)

    assert OLDER_FORMS.keys() <= {event.topic for event in older}
    assert len(older) == len(newer) - 1  # One fact for two.


def test_aggregates_are_the_same_whatever_form_their_facts_have(
    traded: Desk, upcasters: pytest.MonkeyPatch
) -> None:
    ledger = older_ledger(traded)

    for stream in ("accounts/D01", "accounts/D02", "stock/W01/P-1"):
        assert state(ledger, stream) == state(traded.ledger, stream)


@pytest.mark.parametrize("forgotten", [PAID, BEGUN, EXCHANGED])
def test_without_one_of_the_upcasters_its_facts_cannot_be_read(
    traded: Desk, upcasters: pytest.MonkeyPatch, forgotten: str
) -> None:
    """The control: it is the upcaster that reads them."""
    ledger = older_ledger(traded)
    upcasters.delitem(UPCASTERS, forgotten)

    stream = "stock/W01/P-1" if forgotten == EXCHANGED else "accounts/D01"
    with pytest.raises(EntryUnreadable, match=forgotten):
        state(ledger, stream)


def test_an_upcaster_that_forgets_the_field_reads_something_else(
    traded: Desk, upcasters: pytest.MonkeyPatch
) -> None:
    """The control of the comparison: today, a payment without a document has none."""
    upcasters.setitem(
        UPCASTERS, PAID, lambda stored: [(DealerAccount.PaymentReceived.TOPIC, stored)]
    )
    ledger = older_ledger(traded)

    assert state(ledger, "accounts/D01") != state(traded.ledger, "accounts/D01")


def test_a_fact_that_is_read_as_two_has_one_version(
    traded: Desk, upcasters: pytest.MonkeyPatch
) -> None:
    ledger = older_ledger(traded)
    [_, exchanged, *_] = ledger.events.get("stock/W01/P-1")

    assert isinstance(exchanged, SeveralFacts)
    assert [type(fact) for fact in exchanged.facts] == [StockItem.Received, StockItem.Issued]
    assert {fact.originator_version for fact in exchanged.facts} == {2}
    versions = [loaded(each, "stock/W01/P-1").version for each in (traded.ledger, ledger)]
    assert versions == [6, 5]

    asked = ledger.fact(StockItem.Issued, "stock/W01/P-1", 2)
    assert asked.movements[0].to_place == "@sold"


def test_the_stream_goes_on_at_the_next_version(
    traded: Desk, upcasters: pytest.MonkeyPatch
) -> None:
    older = Desk(older_ledger(traded))
    before = loaded(older.ledger, "stock/W01/P-1").version
    for desk in (traded, older):
        sold(desk, "S-3", 10, 2)

    assert loaded(older.ledger, "stock/W01/P-1").version == before + 1
    for stream in ("accounts/D01", "stock/W01/P-1"):
        assert state(older.ledger, stream)["_id"] == stream
    held, was = state(older.ledger, "stock/W01/P-1"), state(traded.ledger, "stock/W01/P-1")
    assert held["layers"] == was["layers"]


def test_a_form_that_changed_again_is_read_step_by_step(upcasters: pytest.MonkeyPatch) -> None:
    oldest = "partsledger:DealerAccount.Started"

    def renamed(stored: Fields) -> Readings:
        return [(BEGUN, {"account": stored["name"]})]

    upcasters.setitem(UPCASTERS, oldest, renamed)

    [(topic, read)] = upcast(oldest, '{"name":"经销商/CNY"}'.encode())
    assert topic == DealerAccount.Opened.TOPIC
    assert json.loads(read) == {"dealer": "经销商", "currency": "CNY"}
    assert "经销商".encode() in read


def test_what_is_read_as_two_is_one_row_with_the_lines_of_both(
    upcasters: pytest.MonkeyPatch,
) -> None:
    stored = {
        **STATEMENT_OF_JULY,
        "came": {"document": "R-1", "movements": ["in"], "postings": [1, -1]},
        "went": {"document": "S-1", "movements": ["out"], "postings": [2, -2]},
    }
    topic, read = upcast_as_one(EXCHANGED, json.dumps(stored).encode())

    assert topic == StockItem.Issued.TOPIC
    assert json.loads(read) == {
        **STATEMENT_OF_JULY, "document": "S-1", "movements": ["in", "out"],
        "postings": [1, -1, 2, -2],
    }  # fmt: skip


def test_each_older_topic_has_one_upcaster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UPCASTERS, PAID, OLDER_FORMS[PAID])

    with pytest.raises(ValueError, match="PaymentTaken has an upcaster already"):
        formerly(PAID)(OLDER_FORMS[PAID])


def test_what_it_becomes_is_checked_as_strictly_as_what_is_stored(
    upcasters: pytest.MonkeyPatch,
) -> None:
    at = datetime(2025, 7, 1, tzinfo=UTC)
    asked = at, "ann", "", NO_REQUEST
    mapper = Ledger().mapper
    state = b'{"account":"D01/CNY","caused_by":"dealers/D01","caused_by_version":1}'
    read = mapper.to_domain_event(RecordedEvent("accounts/D01", 1, BEGUN, state, *asked))
    assert isinstance(read, Fact)
    assert (read.TOPIC, read.timestamp, read.actor) == (DealerAccount.Opened.TOPIC, at, "ann")

    upcasters.setitem(UPCASTERS, BEGUN, lambda _: [(DealerAccount.Opened.TOPIC, {"dealer": 1})])
    with pytest.raises(EntryUnreadable, match="Expected `str`, got `int`"):
        mapper.to_domain_event(RecordedEvent("accounts/D01", 1, BEGUN, b"{}", *asked))
