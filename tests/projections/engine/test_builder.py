"""A view that is new or was changed is built by itself, while everything else goes on."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Final

import psycopg2
import pytest
from eventsourcing.persistence import PersistenceError
from psycopg2.extensions import connection

from domain.errors import EntryUnreadable
from projections.books.trial_balance import trial_balance
from projections.engine import builder as builder_module
from projections.engine.builder import Builder
from projections.engine.errors import EntryStops, ViewNotBuilt
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import prepare
from projections.engine.follower import Follower
from projections.engine.reading import reading
from projections.engine.rebuild import rebuild
from projections.engine.schemas import building, schemas, table_exists
from projections.engine.status import view_status
from projections.engine.view import View, Views, facts_read_by
from projections.stock.inventory_ageing import inventory_ageing
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper

SECONDS: Final = 20.0
PARTS: Final = View(
    name="part_registrations",
    table="CREATE TABLE {views}.part_registrations (position bigint NOT NULL, class text NOT NULL)",
    fold="""
    INSERT INTO {views}.part_registrations
    SELECT position, part_class FROM {facts} AS f WHERE topic = 'partsledger:Part.Registered'
    """,
    indexes="ALTER TABLE {views}.part_registrations ADD PRIMARY KEY (position)",
    reads={"part_class": "text"},
)
CLASSES: Final = View(
    name="part_classes",
    table="CREATE TABLE {views}.part_classes (class text PRIMARY KEY, parts bigint NOT NULL)",
    fold="""
    INSERT INTO {views}.part_classes AS c
    SELECT class, count(*) FROM {views}.part_registrations
    WHERE position > %(after)s AND position <= %(through)s GROUP BY class
    ON CONFLICT (class) DO UPDATE SET parts = c.parts + excluded.parts
    """,
    indexes="",
    sources=(PARTS,),
    rows="""
    SELECT class, count(*) AS parts FROM {views}.part_registrations
    WHERE position <= %(through)s GROUP BY class
    """,
    row_order="class",
)
COUNT: Final = "SELECT parts FROM {views}.part_classes"


@pytest.fixture
def busy(bookkeeper: Bookkeeper) -> Bookkeeper:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.fold()
    return bookkeeper


def with_views(*more: View) -> Views:
    return Views((*VIEWS, *more))


def tables(bookkeeper: Bookkeeper) -> dict[str, int]:
    """The tables of the live views as PostgreSQL numbers them: a rebuilt one is another."""
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(
            "SELECT relname, oid FROM pg_class WHERE relnamespace = %s::regnamespace",
            (schemas(bookkeeper.book).views,),
        )
        return dict(c.fetchall())


@contextmanager
def followed(bookkeeper: Bookkeeper, views: Views) -> Iterator[Follower]:
    """A program with these views at work: it follows what there is and builds what there is not."""
    follower = Follower(bookkeeper.connect, bookkeeper.book, views, poll_seconds=0.01)
    builder = Builder(bookkeeper.connect, bookkeeper.book, views, follower.wake)
    try:
        builder.start(follower.start())
        yield follower
    finally:
        builder.stop()
        follower.stop()


def when_built(bookkeeper: Bookkeeper, views: Views, query: str) -> list[tuple[object, ...]]:
    pause = threading.Event()
    for _ in range(int(SECONDS / 0.02)):
        try:
            with reading(bookkeeper.connect, bookkeeper.book, views) as now:
                return now.select(query, {})
        except ViewNotBuilt:
            pause.wait(0.02)
    raise AssertionError(f"not built after {SECONDS} seconds")


def test_a_new_view_is_built_and_no_other_one_is_touched(busy: Bookkeeper) -> None:
    views, before = with_views(PARTS, CLASSES), tables(busy)
    with followed(busy, views):
        assert when_built(busy, views, COUNT) == [(2,)]
        after = tables(busy)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {
        "part_registrations", "part_registrations_pkey", "part_classes", "part_classes_pkey",
    }  # fmt: skip


def test_a_changed_view_is_built_again_with_what_derives_from_it_alone(busy: Bookkeeper) -> None:
    views = with_views(PARTS, CLASSES)
    with followed(busy, views):
        when_built(busy, views, COUNT)
    before = tables(busy)
    modules = replace(PARTS, fold=PARTS.fold.replace("part_class FROM", "upper(part_class) FROM"))
    changed = with_views(modules, replace(CLASSES, sources=(modules,)))
    with followed(busy, changed):
        when_built(busy, changed, COUNT)
        assert when_built(busy, changed, "SELECT class, parts FROM {views}.part_classes") == [
            ("STANDARD", 2)
        ]
    after = tables(busy)
    assert {name for name, oid in after.items() if before[name] != oid} == {
        "part_registrations", "part_registrations_pkey", "part_classes", "part_classes_pkey",
    }  # fmt: skip


def test_what_derives_from_a_changed_view_is_not_read_before_it_is_built_again(
    busy: Bookkeeper,
) -> None:
    views = with_views(PARTS, CLASSES)
    rebuild_missing(busy, views)
    modules = replace(PARTS, fold=PARTS.fold.replace("part_class FROM", "upper(part_class) FROM"))
    changed = with_views(modules, replace(CLASSES, sources=(modules,)))

    with busy.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, busy.book, changed)

    assert [view.name for view in outdated] == ["part_registrations", "part_classes"]
    with (
        reading(busy.connect, busy.book, changed) as now,
        pytest.raises(ViewNotBuilt, match="part_classes is being built: it has 0 of"),
    ):
        now.select(COUNT, {})


def rebuild_missing(bookkeeper: Bookkeeper, views: Views) -> None:
    with bookkeeper.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, bookkeeper.book, views)
    rebuild(bookkeeper.connect, bookkeeper.book, views, [view.name for view in outdated])


def test_a_view_that_is_no_more_leaves(busy: Bookkeeper) -> None:
    before = tables(busy)
    rebuild_missing(busy, with_views(PARTS, CLASSES))
    assert tables(busy) != before  # The control.
    with busy.connect() as opened, opened.cursor() as c:
        assert prepare(c, busy.book, VIEWS) == ()
    assert tables(busy) == before
    assert busy.fold().caught_up  # Its position holds nobody back.


def test_while_a_view_is_built_facts_are_recorded_followed_and_read(busy: Bookkeeper) -> None:
    """Its building is held up at each step: meanwhile everything else goes on."""
    views = with_views(PARTS, CLASSES)
    seen: list[tuple[int, int]] = []

    def meanwhile(done: int, total: int) -> None:
        if done == total:  # It is there now.
            return
        number = len(seen)
        busy.buy(f"R-1{number}", date(2025, 1, 11), "P-1", 1, 800)
        follower.wait_for(busy.ledger.recorder.max_notification_id() or 0, SECONDS)
        with reading(busy.connect, busy.book, views) as now:
            assert trial_balance(now, date(2025, 12, 31)).difference_minor == {"CNY": 0}
            assert inventory_ageing(now, date(2025, 12, 31)).total.quantity == 101 + number
            with pytest.raises(ViewNotBuilt) as refused:
                now.select(COUNT, {})
        seen.append((refused.value.position, refused.value.size))

    with Follower(busy.connect, busy.book, views, poll_seconds=0.01) as follower:
        names = ["part_registrations", "part_classes"]
        rebuild(busy.connect, busy.book, views, names, meanwhile, step_facts=2)
    assert len(seen) > 4
    assert seen[0][0] == 0 < seen[-1][0] <= seen[-1][1]
    assert when_built(busy, views, COUNT) == [(2,)]
    with busy.connect() as opened, opened.cursor() as c:
        live = fingerprints_of(c, busy, views)
    assert rebuild(busy.connect, busy.book, views).same
    with busy.connect() as opened, opened.cursor() as c:
        assert fingerprints_of(c, busy, views) == live


def fingerprints_of(c: object, bookkeeper: Bookkeeper, views: Views) -> dict[str, object]:
    size = bookkeeper.ledger.recorder.max_notification_id() or 0
    at = schemas(bookkeeper.book)
    return {view.name: fingerprint(c, at, view, size) for view in views}  # type: ignore[arg-type]


def test_the_status_tells_which_views_are_being_built_and_how_far_they_are(
    busy: Bookkeeper,
) -> None:
    views = with_views(PARTS, CLASSES)
    told: list[dict[str, tuple[bool, int]]] = []
    without: list[list[str]] = []  # A fingerprint.

    def look(done: int, total: int) -> None:
        with reading(busy.connect, busy.book, views) as now:
            told.append({s.name: (s.built, s.position) for s in view_status(now, views)})
            without.append([s.name for s in view_status(now, views, True) if not s.fingerprint])

    with busy.connect() as opened, opened.cursor() as c:
        prepare(c, busy.book, views)
    rebuild(busy.connect, busy.book, views, ["part_registrations"], look, step_facts=2)
    size = busy.ledger.recorder.max_notification_id() or 0
    assert told[0]["part_registrations"] == (False, 2)
    assert told[0]["journal_lines"] == (True, size)
    assert (without[0], without[-1]) == (["part_classes", "part_registrations"], [])
    with reading(busy.connect, busy.book, views) as now:
        statuses = view_status(now, views, with_fingerprints=True)
    assert all(status.built and status.fingerprint for status in statuses)


def test_a_builder_waits_for_another_one_and_finds_its_work_done(
    busy: Bookkeeper, caplog: pytest.LogCaptureFixture
) -> None:
    views = with_views(PARTS, CLASSES)
    finished = threading.Event()
    with busy.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, busy.book, views)
    builder = Builder(busy.connect, busy.book, views, finished.set)

    def begin(done: int, total: int) -> None:
        if not caplog.messages:
            builder.start(outdated)
        deadline = time.monotonic() + SECONDS
        while "building again soon" not in caplog.text:
            assert not finished.wait(0.01)
            assert time.monotonic() < deadline, "the builder does not say that it waits"

    try:
        rebuild(busy.connect, busy.book, views, [view.name for view in outdated], begin)
    finally:
        builder._thread.join(SECONDS)
        builder.stop()
    assert not finished.is_set()  # The other one had built it.
    assert when_built(busy, views, COUNT) == [(2,)]


def test_a_builder_tries_again_when_the_database_was_away(
    busy: Bookkeeper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(builder_module, "_DELAY", 0.1)
    unreadable = EntryUnreadable("parts/P-1", 1, "partsledger:Part.Weighed", "not known")
    views = with_views(PARTS, CLASSES)
    with busy.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, busy.book, views)
    away: list[Exception] = [
        PersistenceError("away"), OSError("away"), psycopg2.Error("away"),
        EntryStops(1, unreadable),
    ]  # fmt: skip
    done = threading.Event()

    def connect() -> AbstractContextManager[connection]:
        if away:
            raise away.pop()
        return busy.connect()

    builder = Builder(connect, busy.book, views, done.set)
    builder.start(outdated)
    try:
        assert when_built(busy, views, COUNT) == [(2,)]
        assert done.wait(SECONDS)
    finally:
        builder.stop()
    assert not away
    assert "are being built: part_registrations, part_classes" in caplog.text
    assert caplog.text.count("building again soon") == 4


def test_a_builder_that_waits_for_the_database_can_be_stopped(
    busy: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder_module, "_DELAY", 10 * SECONDS)
    tries: list[float] = []

    def connect() -> AbstractContextManager[connection]:
        tries.append(time.monotonic())
        raise OSError("away")

    builder = Builder(connect, busy.book, VIEWS)
    builder.start(())
    time.sleep(0.3)
    builder.stop()
    assert len(tries) == 1
    assert time.monotonic() - tries[0] < SECONDS
    assert not builder._thread.is_alive()


def test_a_builder_that_was_never_started_may_be_stopped(busy: Bookkeeper) -> None:
    Builder(busy.connect, busy.book, VIEWS).stop()


def test_a_builder_is_stopped_in_the_middle_of_a_statement(
    busy: Bookkeeper, database_url: str
) -> None:
    slow = "length(pg_sleep(90)::text), part_class"
    views = with_views(replace(PARTS, fold=PARTS.fold.replace("position, part_class", slow)))
    with busy.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, busy.book, views)
    builder = Builder(busy.connect, busy.book, views)
    builder.start(outdated)
    asleep = (
        "SELECT count(*) > 0 FROM pg_stat_activity"
        " WHERE wait_event = 'PgSleep' AND datname = current_database()"
    )
    deadline = time.monotonic() + SECONDS
    with closing(psycopg2.connect(database_url)) as watching, watching.cursor() as c:
        watching.autocommit = True
        c.execute(asleep)
        while c.fetchone() != (True,):
            assert time.monotonic() < deadline, "nothing sleeps"
            time.sleep(0.05)
            c.execute(asleep)
    began = time.monotonic()
    builder.stop()
    assert time.monotonic() - began < SECONDS
    assert builder._opened is None, "it is not cancelled again in other hands"
    with busy.connect() as opened, opened.cursor() as c:
        assert not table_exists(c, building(busy.book, ()).shadow, "positions")


def test_a_builder_drops_what_a_killed_one_has_left_even_if_there_is_nothing_to_build(
    busy: Bookkeeper, caplog: pytest.LogCaptureFixture
) -> None:
    shadow = building(busy.book, ()).shadow
    with busy.connect() as opened, opened.cursor() as c:
        c.execute(f"CREATE SCHEMA {shadow}")
        c.execute(f"CREATE TABLE {shadow}.positions ()")
    builder = Builder(busy.connect, busy.book, VIEWS)
    builder.start(())
    builder._thread.join(SECONDS)
    builder.stop()
    with busy.connect() as opened, opened.cursor() as c:
        assert not table_exists(c, shadow, "positions")
    assert caplog.text == ""


def test_a_builder_that_is_stopped_leaves_the_rest_to_the_next_start(busy: Bookkeeper) -> None:
    views = with_views(PARTS, CLASSES)
    with busy.connect() as opened, opened.cursor() as c:
        outdated = prepare(c, busy.book, views)
    entered, stopped = threading.Event(), threading.Event()

    @contextmanager
    def slow() -> Iterator[object]:
        entered.set()
        assert stopped.wait(SECONDS)
        with busy.connect() as opened:
            yield opened

    builder = Builder(slow, busy.book, views)  # type: ignore[arg-type]
    builder.start(outdated)
    assert entered.wait(SECONDS)
    threading.Timer(0.1, stopped.set).start()
    builder.stop()

    with reading(busy.connect, busy.book, views) as now, pytest.raises(ViewNotBuilt):
        now.select(COUNT, {})
    with followed(busy, views):  # The control.
        assert when_built(busy, views, COUNT) == [(2,)]


def test_a_book_whose_every_view_has_changed_says_so_and_gets_them_all(busy: Bookkeeper) -> None:
    with busy.connect() as opened, opened.cursor() as c:
        c.execute(schemas(busy.book).sql("UPDATE {views}.positions SET definition = 'older'"))
    with pytest.raises(ViewNotBuilt), reading(busy.connect, busy.book, VIEWS, at_least=3):
        pass
    with followed(busy, VIEWS) as follower:
        when_built(busy, VIEWS, "SELECT count(*) FROM {views}.closed_stock")
        busy.buy("R-2", date(2025, 1, 11), "P-1", 1, 800)
        follower.wait_for(busy.ledger.recorder.max_notification_id() or 0, SECONDS)
    with busy.look() as now:
        assert inventory_ageing(now, date(2025, 12, 31)).total.quantity == 101


def test_a_rebuild_of_some_views_compares_and_replaces_these_and_what_derives_from_them(
    busy: Bookkeeper,
) -> None:
    before = tables(busy)
    result = rebuild(busy.connect, busy.book, VIEWS, ["stock_lines"])
    after = tables(busy)

    names = ["stock_lines", "place_balances", "item_balances", "closed_stock"]
    assert [view.name for view in result.views] == names
    assert result.same
    assert {name for name in VIEWS.definitions if before[name] != after[name]} == set(names)
    assert building(busy.book, VIEWS).shadow not in before


def test_views_that_contradict_each_other_are_refused() -> None:
    number = replace(CLASSES, name="other", sources=(), reads={"part_class": "json"})
    with pytest.raises(ValueError, match="reads part_class as json"):
        Views((PARTS, number))
    with pytest.raises(ValueError, match="before a view it derives from"):
        Views((CLASSES, PARTS))
    with pytest.raises(ValueError, match="stands twice"):
        Views((PARTS, PARTS))
    assert len(Views((PARTS, CLASSES))) == 2  # The control.


def test_the_definition_of_a_view_is_of_nothing_but_itself() -> None:
    more = replace(PARTS, name="more", reads={"part_class": "text", "document": "text"})

    assert Views((PARTS, more)).definitions["part_registrations"] == PARTS.definition
    for change in ({"fold": "SELECT 1"}, {"reads": {"part_class": "json"}}, {"indexes": ""}):
        assert replace(PARTS, **change).definition != PARTS.definition


def test_the_definition_of_a_view_is_made_the_same_way_for_ever() -> None:
    """Books hold it: made in another way, it would have every view built again."""
    of_facts = (PARTS.table, PARTS.fold, PARTS.indexes, repr(facts_read_by([PARTS])), "[]")
    of_a_view = (CLASSES.table, CLASSES.fold, CLASSES.indexes, "['part_registrations']", "[]")

    for view, parts in ((PARTS, of_facts), (CLASSES, of_a_view)):
        assert view.definition == hashlib.sha256("\0".join(parts).encode()).hexdigest()
