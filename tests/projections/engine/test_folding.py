"""Views are the same however the log was cut into steps, and a fact counts once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection, cursor

from domain.storing import NO_REQUEST, RecordedEvent
from projections.books.journal import JOURNAL_LINES
from projections.engine import unreadable
from projections.engine.errors import FoldStuck, ViewsBehind, ViewsMissing
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, fold, index, log_size, step
from projections.engine.reading import reading
from projections.engine.rebuild import rebuild
from projections.engine.schemas import Connect, Schemas, building, schemas
from projections.engine.view import facts_read_by
from projections.views import VIEWS
from server.eventlog.migrations import migrate
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.projections.bookkeeping import Bookkeeper, terminate

DAYS = st.dates(date(2025, 1, 1), date(2025, 12, 31)).map(str)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
CODES = st.sampled_from(["W01", "W02", "consignment.D01", "@in-transit", "@sold"])
LAYERS = st.fixed_dictionaries(
    {
        "origin_on": DAYS,
        "arrived_on": DAYS,
        "quantity": st.integers(1, 10**6),
        "value_minor": st.integers(0, 10**15),
        "receipt": NAMES,
    },
    optional={"supplier": NAMES, "lot": NAMES, "serial": NAMES, "counts_from": DAYS},
)
MOVEMENTS = st.fixed_dictionaries(
    {"part": NAMES, "from": CODES, "to": CODES, "layers": st.lists(LAYERS, max_size=3)}
)
POSTINGS = st.fixed_dictionaries(
    {
        "account": st.sampled_from(["1122", "2241", "1405", "6001"]),
        "amount_minor": st.integers(-(10**15), 10**15),
        "currency": st.sampled_from(["CNY", "USD"]),
    },
    optional={"party": NAMES, "item": NAMES, "due_on": DAYS},
)
FACTS = st.fixed_dictionaries(
    {"effective_on": DAYS, "occurred_on": DAYS},
    optional={
        "document": NAMES,
        "statement_month": st.sampled_from(["2025-05", "2025-06"]),
        "movements": st.lists(MOVEMENTS, max_size=3),
        "postings": st.lists(POSTINGS, max_size=4),
        "dealer": NAMES,
    },
)
STREAMS = st.sampled_from(["stock/W01/P-1", "accounts/D01", "claims/C-1", "transfers/T-1"])


@pytest.fixture(scope="module", autouse=True)
def kinds_of_their_own() -> Iterator[None]:
    """The facts here are of no kind of the trade's, before which views would stop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unreadable, "_is_known", lambda topic: True)
        yield


TOPICS = st.sampled_from(["partsledger:Any.Submitted", "partsledger:Any.Approved"])
HISTORIES = st.lists(st.tuples(STREAMS, TOPICS, FACTS), min_size=1, max_size=12)
_LAYER = {
    "origin_on": "2025-05-01", "arrived_on": "2025-05-31", "quantity": 3, "value_minor": 20,
    "receipt": "purchases/PR-1",
}  # fmt: skip
_ITEM = {"account": "1122", "currency": "CNY", "party": "dealers/D01", "item": "sales/S-1"}
_RAISED = {**_ITEM, "amount_minor": 500, "due_on": "2025-06-30"}
_CLEARED = {**_ITEM, "amount_minor": -500}
_REVENUE = {"account": "6001", "amount_minor": -500, "currency": "CNY"}


def _of(stream: str, on: str, **lines: Any) -> tuple[str, str, dict[str, Any]]:
    return stream, "partsledger:Any.Submitted", {"effective_on": on, "occurred_on": on, **lines}


def _moved(on: str, out_of: str, into: str, *postings: Any) -> tuple[str, str, dict[str, Any]]:
    layers = [_LAYER, {**_LAYER, "lot": "L1"}]
    movement = {"part": "P-1", "from": out_of, "to": into, "layers": layers}
    lines = {"movements": [movement, movement], "postings": list(postings)}
    return _of("stock/W01/P-1", on, statement_month="2025-05", **lines)


# More facts than a step of seven takes: layers that go and come back, an item raised and cleared
# again and again, facts without lines between others.
NINE_FACTS = [
    _moved("2025-05-30", "@supplier", "W01"),
    _moved("2025-05-31", "W01", "@in-transit", _RAISED, _REVENUE),
    _moved("2025-06-01", "@in-transit", "W02"),
    _of("accounts/D01", "2025-05-31"),
    _of("claims/C-1", "2025-05-31", dealer="D01"),
    _moved("2025-06-01", "W02", "W01", _CLEARED),
    _moved("2025-05-31", "W01", "@sold", _RAISED, _REVENUE),
    _moved("2025-06-30", "@sold", "W01", _CLEARED),
    _moved("2025-07-01", "W01", "W02", _RAISED, _CLEARED, _RAISED),
]


def fingerprints(connect: Connect, at: Schemas, through: int) -> dict[str, tuple[int, str]]:
    with connect() as opened, opened.cursor() as c:
        return {view.name: fingerprint(c, at, view, through) for view in VIEWS}


@contextmanager
def log_of(database_url: str, book: str, history: list[Any]) -> Iterator[None]:
    """A new book whose log holds the facts of a history, in order."""
    versions: dict[str, int] = {}
    events = []
    for stream, topic, fact in history:
        versions[stream] = versions.get(stream, 0) + 1
        state = json.dumps(fact, ensure_ascii=False).encode()
        asked = datetime.now(UTC), "ann", "", NO_REQUEST
        events.append(RecordedEvent(stream, versions[stream], topic, state, *asked))
    migrate(database_url, book)
    datastore = Datastore(database_url, book)
    recorder = ApplicationRecorder(datastore)
    try:
        recorder.append(events)
        yield
    finally:
        recorder.close()
        datastore.close()


def fold_all(connect: Connect, at: Schemas, limit: int) -> None:
    with connect() as opened, opened.cursor() as c:
        create(c, at, VIEWS)
        index(c, at, VIEWS)
    done = None
    while done is None or not done.caught_up:  # A step that stands still fails.
        with connect() as opened, opened.cursor() as c:
            done = step(c, at, VIEWS, limit)


# Each example has a book of its own, whose name begins with the test's.
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(history=HISTORIES)
@example(history=NINE_FACTS)
def test_steps_of_any_size_fold_the_same_views(
    database_url: str, schema: str, connect: Connect, history: list[Any]
) -> None:
    book = f"{schema}_{uuid4().hex[:8]}"
    with log_of(database_url, book, history):
        found = []
        for limit in (1, 7, 10_000):
            at = Schemas(book, f"{book}_steps_of_{limit}")
            fold_all(connect, at, limit)
            found.append(fingerprints(connect, at, len(history)))
            with connect() as opened, opened.cursor() as c:
                c.execute(f"DROP SCHEMA {at.views} CASCADE")
        postings = sum(len(fact.get("postings", [])) for _, _, fact in history)
        layers = sum(
            len(movement["layers"])
            for _, _, fact in history
            for movement in fact.get("movements", [])
        )
    assert found[0] == found[1] == found[2]
    assert found[0]["journal_lines"][0] == postings
    assert found[0]["stock_lines"][0] == 2 * layers


def test_a_fingerprint_tells_any_change_of_a_row(bookkeeper: Bookkeeper) -> None:
    """The control of the test above: equal fingerprints mean equal rows."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    reached = bookkeeper.fold().reached
    at = schemas(bookkeeper.book)
    seen = {fingerprints(bookkeeper.connect, at, reached)["stock_lines"][1]}
    for change in ("quantity = quantity + 1", "lot = 'x'", "arrived_on = arrived_on + 1"):
        with bookkeeper.connect() as opened, opened.cursor() as c:
            c.execute(f"UPDATE {at.views}.stock_lines SET {change} WHERE place = 'W01'")
        seen.add(fingerprints(bookkeeper.connect, at, reached)["stock_lines"][1])
    assert len(seen) == 4


def half_done(bookkeeper: Bookkeeper) -> int:
    """A log with facts that were folded up to the middle; returns how many lines it will have."""
    bookkeeper.open_for_business()
    bookkeeper.fold()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    return 2


def lines(bookkeeper: Bookkeeper) -> int:
    with bookkeeper.look() as now:
        ((count,),) = now.select("SELECT count(*) FROM {views}.journal_lines", {})
    return int(count)


def test_a_step_that_is_killed_before_its_commit_counts_nothing_twice(
    bookkeeper: Bookkeeper, database_url: str
) -> None:
    expected = half_done(bookkeeper)
    with pytest.raises(psycopg2.OperationalError):
        step_and_die(bookkeeper, database_url)
    assert lines(bookkeeper) == expected


def test_a_view_whose_position_commits_apart_counts_twice(bookkeeper: Bookkeeper) -> None:
    """The control: the same kill, where rows are committed before their position."""
    expected = half_done(bookkeeper)
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        size = log_size(c, at)
        # Without keys, as nothing else would notice; the fold without its position.
        c.execute(at.sql("ALTER TABLE {views}.journal_lines DROP CONSTRAINT journal_lines_pkey"))
        alone = JOURNAL_LINES.fold.replace("{facts}", f"({facts_read_by([JOURNAL_LINES])})")
        c.execute(at.sql(alone), {"after": 0, "through": size})
    assert lines(bookkeeper) == 2 * expected


def step_and_die(bookkeeper: Bookkeeper, database_url: str) -> None:
    """Folds everything, and loses the connection before it can commit."""
    with bookkeeper.connect() as opened, opened.cursor() as c:
        step(c, schemas(bookkeeper.book), VIEWS, 10_000)
        terminate(database_url, opened.info.backend_pid)


def test_a_reading_does_not_see_what_is_folded_while_it_lasts(bookkeeper: Bookkeeper) -> None:
    expected = half_done(bookkeeper)
    count = "SELECT count(*) FROM {views}.journal_lines"
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        before = now.position
        bookkeeper.fold()
        assert now.select(count, {}) == [(0,)]
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        assert now.position > before
        assert now.select(count, {}) == [(expected,)]


def test_a_reading_refuses_a_position_that_is_not_folded_yet(bookkeeper: Bookkeeper) -> None:
    half_done(bookkeeper)
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        reached = now.position
    with (
        pytest.raises(ViewsBehind) as refused,
        reading(bookkeeper.connect, bookkeeper.book, VIEWS, reached + 1),
    ):
        pass
    assert (refused.value.position, refused.value.reached) == (reached + 1, reached)


def test_a_look_that_has_to_include_more_than_is_folded_is_refused(bookkeeper: Bookkeeper) -> None:
    """As after a crash of the database, which may take the last steps from the views."""
    bookkeeper.open_for_business()
    bookkeeper.fold()
    size = bookkeeper.ledger.recorder.max_notification_id() or 0

    with reading(bookkeeper.connect, bookkeeper.book, VIEWS, at_least=size) as now:
        assert now.position == size
    with (
        pytest.raises(ViewsBehind) as refused,
        reading(bookkeeper.connect, bookkeeper.book, VIEWS, at_least=size + 1),
    ):
        pass
    assert (refused.value.position, refused.value.reached) == (size + 1, size)


def test_a_reading_without_a_transaction_is_refused(bookkeeper: Bookkeeper) -> None:
    @contextmanager
    def autocommitting() -> Iterator[connection]:
        with bookkeeper.connect() as opened:
            opened.rollback()
            opened.autocommit = True
            yield opened

    with (
        pytest.raises(ValueError, match="autocommit"),
        reading(autocommitting, bookkeeper.book, VIEWS),
    ):
        pass


def test_a_book_without_views_says_so(connect: Connect, schema: str) -> None:
    with connect() as opened, opened.cursor() as c:
        c.execute("SELECT 1")
    with pytest.raises(ViewsMissing), reading(connect, schema, VIEWS):
        pass


def test_views_are_only_brought_forward(bookkeeper: Bookkeeper) -> None:
    half_done(bookkeeper)
    reached = bookkeeper.fold().reached
    with bookkeeper.connect() as opened, opened.cursor() as c:
        for view in VIEWS:
            fold(c, view, schemas(bookkeeper.book), reached, reached)
    assert bookkeeper.fold().reached == reached
    assert building(bookkeeper.book, VIEWS).shadow != schemas(bookkeeper.book).views


def test_a_view_that_was_folded_by_another_definition_is_left_as_it_is(
    bookkeeper: Bookkeeper,
) -> None:
    """It is built again from the start: what it has would not go with what is added."""
    half_done(bookkeeper)
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        other = "UPDATE {views}.positions SET definition = 'x' WHERE view = 'journal_lines'"
        c.execute(at.sql(other))

    reached = bookkeeper.fold().reached

    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(at.sql("SELECT view FROM {views}.positions WHERE position < %s"), (reached,))
        assert c.fetchall() == [("journal_lines",)]
        c.execute(at.sql("SELECT count(*) FROM {views}.journal_lines"))
        assert c.fetchall() == [(0,)]


def test_a_step_that_cannot_advance_fails_instead_of_being_called_for_ever(
    bookkeeper: Bookkeeper,
) -> None:
    half_done(bookkeeper)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        assert step(c, schemas(bookkeeper.book), VIEWS, 1).reached > 0  # The control.
        with pytest.raises(FoldStuck):
            step(c, schemas(bookkeeper.book), VIEWS, 0)


def test_views_that_stand_at_different_positions_are_each_folded_from_their_own(
    bookkeeper: Bookkeeper,
) -> None:
    half_done(bookkeeper)
    at, ahead = schemas(bookkeeper.book), [view for view in VIEWS if not view.derived][::2]
    with bookkeeper.connect() as opened, opened.cursor() as c:
        ((reached,),) = positions(c, at)
        for number, view in enumerate(ahead):
            fold(c, view, at, reached, reached + 1 + number % 2)
        assert len(positions(c, at)) == 3  # The control.

    size = bookkeeper.fold().reached

    with bookkeeper.connect() as opened, opened.cursor() as c:
        assert positions(c, at) == [(size,)]
    assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS).same


def positions(c: cursor, at: Schemas) -> list[tuple[int]]:
    """Where views stand, each once."""
    c.execute(at.sql("SELECT DISTINCT position FROM {views}.positions ORDER BY position"))
    return c.fetchall()
