"""Views, snapshots and accounts of a log that begins with facts of an older form."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.dealer_account import DealerAccount
from domain.stock_item import StockItem
from domain.storing import FORM, RecordedEvent
from domain.upcasting import UPCASTERS
from domain.use_cases.booking import Occurrence
from projections.books.trial_balance import trial_balance
from projections.dealers.dealer_statement import dealer_statement
from projections.dealers.open_items import open_items
from projections.engine import older
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import prepare, step
from projections.engine.older import read_older
from projections.engine.rebuild import rebuild
from projections.engine.schemas import schemas, share_views
from projections.engine.view import Views
from projections.stock.inventory_ageing import inventory_ageing
from projections.views import VIEWS
from server.eventlog.recorders import ApplicationRecorder
from tests.conftest import new_schema
from tests.older_forms import BEGUN, COUNTER, EXCHANGED, OLDER_FORMS, PAID, aged
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.conftest import opened_book

STOCK = "stock/W01/P-1"
LAST_DAY = date(2025, 8, 31)


@pytest.fixture
def upcasters(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for topic, upcaster in OLDER_FORMS.items():
        monkeypatch.setitem(UPCASTERS, topic, upcaster)
    return monkeypatch


def log_of(books: Bookkeeper) -> ApplicationRecorder:
    assert isinstance(books.ledger.recorder, ApplicationRecorder)
    return books.ledger.recorder


def trade(books: Bookkeeper) -> None:
    """On five days pieces come and go, and D01 pays at the counter; July is stated."""
    books.open_for_business()
    for day in range(1, 6):
        on = date(2025, 7, day)
        books.buy(f"R-{day}", on, "P-1", 10, 600 + day)
        books.sell(f"S-{day}", on, "P-1", 7)
        books.pay(f"PM-{day}", on, 1000 * day, occurrence=Occurrence(on, COUNTER))
    books.state("2025-07")


def go_on(books: Bookkeeper) -> None:
    """What follows is recorded as facts of today, on what is there in an older form."""
    books.sell("S-10", date(2025, 8, 1), "P-1", 9)
    books.pay("PM-10", date(2025, 8, 2), 9000)
    books.buy("R-10", date(2025, 8, 3), "P-1", 20, 700)


@pytest.fixture
def newer(database_url: str) -> Iterator[Bookkeeper]:
    """The trade as it is recorded today."""
    with new_schema(database_url) as schema, opened_book(database_url, schema) as books:
        trade(books)
        yield books


@contextmanager
def aged_book(database_url: str, history: Bookkeeper, through: int | None = None) -> Any:
    """The same history in the older forms, in a log that a later version has taken over."""
    facts = log_of(history).select_notifications(start=1, limit=10_000, stop=through)
    with new_schema(database_url) as schema, opened_book(database_url, schema) as books:
        log_of(books).append(list(aged(e for e in facts if isinstance(e, RecordedEvent))))
        with pytest.MonkeyPatch.context() as later:
            later.setattr("server.eventlog.append.FORM", FORM + 1)
            log_of(books).claim_epoch()
            yield books


@pytest.fixture
def aged_books(database_url: str, newer: Bookkeeper, upcasters: Any) -> Iterator[Bookkeeper]:
    with aged_book(database_url, newer) as books:
        yield books


def reports(books: Bookkeeper) -> dict[str, Any]:
    """What finance reads; positions and versions left out, since two facts may be one."""
    with books.look() as now:
        statement = dealer_statement(now, "D01", "2025-07")
        assert statement is not None
        assert statement.issued is not None
        assert statement.content_hash == statement.issued.statement.content_hash
        return {
            "trial balance": trial_balance(now, LAST_DAY, by_party=True).accounts,
            "ageing": inventory_ageing(now, LAST_DAY).rows,
            "open": [item[:6] for item in open_items(now, LAST_DAY).items],
            "rows": [
                (row.effective_on, row.document, row.debit_minor, row.credit_minor)
                for row in statement.rows
            ],
            "hash": statement.content_hash,
        }


def prints(books: Bookkeeper) -> dict[str, tuple[int, str]]:
    """Rows and fingerprint of each view at the end of the log."""
    done = books.fold()
    with books.connect() as opened, opened.cursor() as c:
        at = schemas(books.book)
        return {view.name: fingerprint(c, at, view, done.reached) for view in VIEWS}


def test_reports_are_the_same_whatever_form_the_facts_have(
    newer: Bookkeeper, aged_books: Bookkeeper
) -> None:
    stored = {event.topic for event in log_of(aged_books).select_notifications(1, 1_000)}
    assert OLDER_FORMS.keys() <= stored
    for books in (newer, aged_books):
        go_on(books)

    assert reports(aged_books) == reports(newer)
    assert [row for row in reports(newer)["rows"] if row[1] == COUNTER]


@pytest.mark.parametrize("limit", [1, 10_000])
@pytest.mark.parametrize("most", [1, older.MOST_OLDER])
def test_followed_views_are_those_of_a_rebuild(
    aged_books: Bookkeeper, monkeypatch: pytest.MonkeyPatch, limit: int, most: int
) -> None:
    """However many facts a step takes, and however few of them may be of an older form."""
    monkeypatch.setattr(older, "MOST_OLDER", most)
    go_on(aged_books)
    aged_books.fold(limit)

    compared = rebuild(aged_books.connect, aged_books.book, VIEWS)

    assert compared.same
    assert {view.name: view.rows for view in compared.views}["stock_lines"] == 32


def test_a_follower_that_prepares_its_folds_makes_the_same_rows(aged_books: Bookkeeper) -> None:
    go_on(aged_books)
    at = schemas(aged_books.book)
    while True:
        with aged_books.connect() as opened, opened.cursor() as c:
            share_views(c, at, VIEWS)
            if step(c, at, VIEWS, 7, prepared=True).caught_up:
                break

    assert rebuild(aged_books.connect, aged_books.book, VIEWS).same


@pytest.mark.parametrize(
    ("forgotten", "differs"), [(PAID, "statement_rows"), (EXCHANGED, "stock_lines")]
)
def test_without_the_upcaster_views_lose_what_it_reads(
    aged_books: Bookkeeper, upcasters: pytest.MonkeyPatch, forgotten: str, differs: str
) -> None:
    """The control: rebuilt without it, a view has other rows than were followed with it."""
    aged_books.fold()
    upcasters.delitem(UPCASTERS, forgotten)

    compared = rebuild(aged_books.connect, aged_books.book, VIEWS)

    assert differs in {view.name for view in compared.views if not view.same}


def test_before_the_log_is_taken_over_all_of_it_may_be_older(
    database_url: str, newer: Bookkeeper, upcasters: pytest.MonkeyPatch
) -> None:
    """A server follows the log before it takes it over."""
    with aged_book(database_url, newer) as books:
        with books.connect() as opened, opened.cursor() as c:
            c.execute("RESET ROLE")
            c.execute(f"UPDATE {books.book}.head SET form = {FORM}, older_through = 0")
        with upcasters.context() as later:
            later.setattr("projections.engine.folding.FORM", FORM + 1)
            books.fold()
            before = prints(books)
            assert rebuild(books.connect, books.book, VIEWS).same
        log_of(books).claim_epoch()
        assert prints(books) == before
        assert rebuild(books.connect, books.book, VIEWS).same  # The control: found by their mark.


def test_without_the_upcaster_a_field_that_was_split_stops_the_fold(
    aged_books: Bookkeeper, upcasters: pytest.MonkeyPatch
) -> None:
    """The control for the third kind: the account is not there, so its statement is not."""
    upcasters.delitem(UPCASTERS, BEGUN)

    with aged_books.look() as now:
        assert dealer_statement(now, "D01", "2025-07") is None


def test_a_new_upcaster_builds_the_views_of_the_log_again(
    newer: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their rows may have been folded by a version that read the bytes otherwise."""
    with newer.connect() as opened, opened.cursor() as c:
        assert prepare(c, newer.book, VIEWS) == ()  # The control.
    monkeypatch.setitem(UPCASTERS, PAID, OLDER_FORMS[PAID])
    afresh: dict[str, Any] = {}
    for view in VIEWS:
        sources = tuple(afresh[source.name] for source in view.sources)
        afresh[view.name] = replace(view, sources=sources)

    with newer.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, newer.book, Views(afresh.values()))

    assert len(outdated) == len(VIEWS)


def test_where_no_fact_is_older_nothing_is_looked_up(
    newer: Bookkeeper, aged_books: Bookkeeper
) -> None:
    """A fold of facts of today costs what it did: not even a query is made."""
    size = log_of(aged_books).head().size
    go_on(aged_books)
    with aged_books.connect() as opened, opened.cursor() as c:
        at = schemas(aged_books.book)
        c.execute(at.sql("SELECT older_through FROM {log}.head"))
        assert c.fetchall() == [(size,)]
        assert len(read_older(c, at, 0, size + 5, size).rows) == 12  # The control.
        asked = c.query
        assert read_older(c, at, size, size + 5, size).rows == ()
        assert read_older(c, at, 0, size, 0).rows == ()
        assert c.query == asked


def test_long_streams_load_from_snapshots_of_older_facts(
    newer: Bookkeeper, aged_books: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StockItem, "SNAPSHOT_EVERY", 5)
    monkeypatch.setattr(DealerAccount, "SNAPSHOT_EVERY", 5)
    loaded = {}
    for books in (newer, aged_books):
        taken = [
            books.ledger.mapper.to_stored_event(type(books.ledger).snapshot_class.take(aggregate))
            for aggregate in (books.ledger.get(StockItem, "W01/P-1"),
                              books.ledger.get(DealerAccount, "D01"))
        ]  # fmt: skip
        log_of(books).append([], snapshots=taken)
        go_on(books)
        books.ledger.forget()
        streams = log_of(books).load_streams([STOCK, "accounts/D01"])
        assert not isinstance(streams[STOCK][0], RecordedEvent)  # It begins with the snapshot.
        stock = books.ledger.get(StockItem, "W01/P-1")
        account = books.ledger.get(DealerAccount, "D01")
        loaded[books.book] = (stock.layers, account.items, account.stated_minor)

    assert loaded[newer.book] == loaded[aged_books.book]


def test_a_snapshot_of_another_form_is_not_read(newer: Bookkeeper, database_url: str) -> None:
    held = newer.ledger.get(StockItem, "W01/P-1")
    [event] = [newer.ledger.mapper.to_stored_event(newer.ledger.snapshot_class.take(held))]
    spoilt = event.state.replace(b'"quantity":', b'"pieces":')
    assert spoilt != event.state
    log = log_of(newer)
    with pytest.MonkeyPatch.context() as later:
        later.setattr("server.eventlog.rows.FORM", FORM + 1)
        log.append([], snapshots=[replace(event, state=spoilt)])
    newer.ledger.forget()

    assert isinstance(log.load_streams([STOCK])[STOCK][0], RecordedEvent)
    assert newer.ledger.get(StockItem, "W01/P-1").layers == held.layers
    assert newer.ledger.snapshots is not None
    assert list(newer.ledger.snapshots.get(STOCK)) == []

    newer.sell("S-10", date(2025, 8, 1), "P-1", 1)
    held = newer.ledger.get(StockItem, "W01/P-1")
    [event] = [newer.ledger.mapper.to_stored_event(newer.ledger.snapshot_class.take(held))]
    log.append([], snapshots=[replace(event, state=spoilt)])
    newer.ledger.forget()
    with pytest.raises(ValueError, match="pieces"):  # The control: of this form, it is read.
        newer.ledger.get(StockItem, "W01/P-1")


def test_what_is_stored_stays_as_it_was_written(aged_books: Bookkeeper) -> None:
    before = [entry.state for entry in log_of(aged_books).entries.read(0, 1_000)]
    go_on(aged_books)
    rebuild(aged_books.connect, aged_books.book, VIEWS)

    after = log_of(aged_books).entries.read(0, 1_000)
    assert [entry.state for entry in after[: len(before)]] == before
    [opened, *_] = [json.loads(entry.state) for entry in after if entry.topic == BEGUN]
    assert opened == {
        "account": "D01/CNY", "caused_by": "dealers/D01", "caused_by_version": 1,
    }  # fmt: skip
