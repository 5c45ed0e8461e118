"""The follower keeps up, says where it stands, and outlives the loss of its database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

import psycopg2
import pytest
from eventsourcing.persistence import PersistenceError
from psycopg2.extensions import connection

from domain.errors import EntryUnreadable
from projections.books.trial_balance import trial_balance
from projections.engine import follower as follower_module
from projections.engine.errors import EntryStops, FollowerStopped, ViewsBehind, ViewsMissing
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import Step, create, index, step
from projections.engine.follower import Follower
from projections.engine.reading import reading
from projections.engine.schemas import building, schemas
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper, terminate

SECONDS = 20.0
UNREADABLE = EntryUnreadable("parts/P-1", 1, "partsledger:Part.Weighed", "not known")
AWAY = [
    psycopg2.OperationalError("away"), PersistenceError("away"), OSError("away"),
    ViewsMissing("away"), EntryStops(1, UNREADABLE),
]  # fmt: skip


def log_size(bookkeeper: Bookkeeper) -> int:
    return bookkeeper.ledger.recorder.max_notification_id() or 0


def test_what_was_appended_can_be_read_once_waited_for(bookkeeper: Bookkeeper) -> None:
    with Follower(bookkeeper.connect, bookkeeper.book, VIEWS, poll_seconds=60) as follower:
        bookkeeper.open_for_business()
        bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
        size = log_size(bookkeeper)
        assert follower.wait_for(size, SECONDS) == size  # It wakes the follower by itself.
        assert follower.position() == size
        with reading(bookkeeper.connect, bookkeeper.book, VIEWS, size) as now:
            assert len(trial_balance(now, date(2025, 1, 31)).accounts) == 2


def test_a_follower_that_is_told_follows_without_being_waited_for(bookkeeper: Bookkeeper) -> None:
    with Follower(
        bookkeeper.connect, bookkeeper.book, VIEWS, poll_seconds=60, step_facts=3
    ) as follower:
        bookkeeper.open_for_business()
        follower.wake()
        reaches(follower, log_size(bookkeeper))


def test_a_follower_that_nobody_tells_looks_by_itself(bookkeeper: Bookkeeper) -> None:
    with Follower(bookkeeper.connect, bookkeeper.book, VIEWS, poll_seconds=0.05) as follower:
        bookkeeper.open_for_business()
        reaches(follower, log_size(bookkeeper))


def test_a_follower_says_how_many_facts_it_is_behind(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    size = log_size(bookkeeper)
    held = threading.Event()
    asked = threading.Event()

    @contextmanager
    def connect() -> Iterator[connection]:
        if follower.position() == 3 and not held.is_set():
            asked.set()
            assert held.wait(SECONDS)
        with bookkeeper.connect() as opened:
            yield opened

    follower = Follower(connect, bookkeeper.book, VIEWS, step_facts=3)
    with follower:
        try:
            assert asked.wait(SECONDS)
            assert follower.lag() == size - 3
        finally:
            held.set()
        follower.wait_for(size, SECONDS)
        assert follower.lag() == 0


def reaches(follower: Follower, position: int, seconds: float = SECONDS) -> None:
    """Watches without waking it."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if follower.position() >= position:
            return
        pause.wait(0.02)
    raise AssertionError(f"still at {follower.position()}, not at {position}")


def test_waiting_for_what_was_never_written_ends(bookkeeper: Bookkeeper) -> None:
    with (
        Follower(bookkeeper.connect, bookkeeper.book, VIEWS) as follower,
        pytest.raises(ViewsBehind) as refused,
    ):
        follower.wait_for(1_000, timeout=0.1)
    assert (refused.value.position, refused.value.reached) == (1_000, 0)


def test_a_stopped_follower_can_be_waited_for_no_more(bookkeeper: Bookkeeper) -> None:
    with Follower(bookkeeper.connect, bookkeeper.book, VIEWS) as follower:
        pass
    follower.stop()  # Twice is as good as once.
    assert f"follower of {bookkeeper.book}" not in [each.name for each in threading.enumerate()]
    with pytest.raises(FollowerStopped):
        follower.wait_for(1, timeout=SECONDS)


def test_a_follower_that_dies_of_a_bug_says_of_which(bookkeeper: Bookkeeper) -> None:
    broken = threading.Event()

    @contextmanager
    def connect() -> Iterator[connection]:
        if broken.is_set():
            raise LookupError("a bug")
        with bookkeeper.connect() as opened:
            yield opened

    with Follower(connect, bookkeeper.book, VIEWS) as follower:
        broken.set()
        with pytest.raises(FollowerStopped) as stopped:
            follower.wait_for(1_000, SECONDS)
    assert isinstance(stopped.value.__cause__, LookupError)
    assert follower.failure is stopped.value.__cause__


def test_two_followers_of_a_book_count_nothing_twice(bookkeeper: Bookkeeper) -> None:
    with (
        Follower(bookkeeper.connect, bookkeeper.book, VIEWS, step_facts=1) as first,
        Follower(bookkeeper.connect, bookkeeper.book, VIEWS, step_facts=2) as second,
    ):
        bookkeeper.open_for_business()
        for number in range(10):
            bookkeeper.buy(f"R-{number}", date(2025, 1, 10), "P-1", 100, 800)
            first.wake()
            second.wake()
        first.wait_for(log_size(bookkeeper), SECONDS)
        second.wait_for(log_size(bookkeeper), SECONDS)
    with bookkeeper.look() as now:
        assert now.select("SELECT count(*) FROM {views}.journal_lines", {}) == [(20,)]


def test_a_follower_whose_connections_are_killed_goes_on(
    bookkeeper: Bookkeeper, database_url: str
) -> None:
    dying = threading.Event()
    died = threading.Event()

    @contextmanager
    def connect() -> Iterator[connection]:
        with bookkeeper.connect() as opened:
            if dying.is_set():
                terminate(database_url, opened.info.backend_pid)
                died.set()
            yield opened

    with Follower(connect, bookkeeper.book, VIEWS, poll_seconds=0.02) as follower:
        bookkeeper.open_for_business()
        dying.set()
        bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
        assert died.wait(SECONDS)
        with pytest.raises(ViewsBehind):
            follower.wait_for(log_size(bookkeeper), timeout=0.2)
        assert isinstance(follower.failure, psycopg2.Error)
        dying.clear()
        follower.wait_for(log_size(bookkeeper), SECONDS)
        assert follower.failure is None
    with bookkeeper.look() as now:
        assert now.select("SELECT count(*) FROM {views}.journal_lines", {}) == [(2,)]


def test_prepared_folds_fold_the_same_and_are_planned_once(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    bookkeeper.fold()
    shadow, planned = building(bookkeeper.book, VIEWS), []
    with bookkeeper.connect() as connection, connection.cursor() as c:
        create(c, shadow, VIEWS)
        index(c, shadow, VIEWS)
        for _ in range(3):
            assert not step(c, shadow, VIEWS, 2, prepared=True).caught_up
            c.execute("SELECT count(*) FROM pg_prepared_statements")
            planned += c.fetchall()
        step(c, shadow, VIEWS, 1_000, prepared=True)
        size = log_size(bookkeeper)
        live = schemas(bookkeeper.book)
        for view in VIEWS:
            assert fingerprint(c, shadow, view, size) == fingerprint(c, live, view, size)

    statements = 1 + sum(view.derived for view in VIEWS)  # All that read the log are one.
    assert planned == [(statements,)] * 3


def test_between_steps_nobody_waits_for_a_moment_passes(
    bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it never ends by itself: what is waited for is folded all the same, at once."""
    monkeypatch.setattr(follower_module, "_BREATH", 10 * SECONDS)
    with Follower(bookkeeper.connect, bookkeeper.book, VIEWS, poll_seconds=0.01) as follower:
        follower.wait_for(0, SECONDS)
        bookkeeper.open_for_business()
        follower.wait_for(log_size(bookkeeper), SECONDS)
        reached = follower.position()
        bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
        follower.wake()
        with pytest.raises(AssertionError):
            reaches(follower, reached + 1, seconds=0.3)
        assert follower.wait_for(log_size(bookkeeper), SECONDS) > reached


class Line:
    """A way to the database that counts how often it is taken, and may be held or be broken."""

    def __init__(self, bookkeeper: Bookkeeper) -> None:
        self.taken = 0
        self.free = threading.Event()
        self.free.set()
        self.broken: list[Exception] = []  # The last one is raised first.
        self._connect = bookkeeper.connect

    @contextmanager
    def connect(self) -> Iterator[connection]:
        self.taken += 1
        if self.broken:
            raise self.broken.pop()
        assert self.taken == 1 or self.free.wait(SECONDS)  # The first is that of the start.
        with self._connect() as opened:
            yield opened

    def waits_for(self, taken: int) -> None:
        deadline = time.monotonic() + SECONDS
        while self.taken < taken:
            assert time.monotonic() < deadline, f"taken {self.taken} times"
            time.sleep(0.01)


def test_a_follower_says_from_the_start_where_it_stands(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    reached = bookkeeper.fold().reached
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    size, line = log_size(bookkeeper), Line(bookkeeper)
    assert size > reached + 1
    line.free.clear()
    follower = Follower(line.connect, bookkeeper.book, VIEWS)
    assert (follower.position(), follower.lag(), follower.size()) == (0, 0, 0)
    with pytest.raises(FollowerStopped):
        follower.require(1)
    try:
        assert follower.start() == ()
        assert (follower.position(), follower.lag()) == (reached, size - reached)
        assert follower.size() == size
        with pytest.raises(ViewsBehind):
            follower.require(reached + 1)
    finally:
        line.free.set()
        follower.stop()


def test_a_follower_that_was_never_started_may_be_stopped(bookkeeper: Bookkeeper) -> None:
    Follower(bookkeeper.connect, bookkeeper.book, VIEWS).stop()


def test_whoever_waits_is_called_back_in_the_order_of_positions_and_then_of_coming(
    bookkeeper: Bookkeeper,
) -> None:
    """Where the views are already, it is at once, even while nothing moves them."""
    bookkeeper.open_for_business()
    line, told = Line(bookkeeper), list[str]()
    line.free.clear()
    follower = Follower(line.connect, bookkeeper.book, VIEWS, step_facts=3)
    follower.start()
    try:
        for position, name in ((3, "third"), (2, "first"), (9, "last"), (2, "second"), (0, "now")):
            follower.when(position, partial(told.append, name))
            assert told == (["now"] if name == "now" else [])
        follower._arrived(Step(3, 3))
        assert told == ["now", "first", "second", "third"]
        assert (follower.position(), follower.lag()) == (3, 0)
        follower._arrived(Step(5, 3))  # A log that was restored may be shorter.
        assert (follower.position(), follower.lag(), len(told)) == (5, 0, 4)
    finally:
        line.free.set()
        follower.stop()
    assert told == ["now", "first", "second", "third", "last"]


def test_a_follower_rests_where_nothing_is_appended_and_after_it_was_woken(
    bookkeeper: Bookkeeper,
) -> None:
    bookkeeper.open_for_business()
    line = Line(bookkeeper)
    with Follower(line.connect, bookkeeper.book, VIEWS, poll_seconds=60) as follower:
        for _ in range(2):
            follower.wait_for(log_size(bookkeeper), SECONDS)
            time.sleep(0.2)
            taken = line.taken
            time.sleep(0.3)
            assert line.taken == taken
            follower.wake()  # The control: then it looks.
            line.waits_for(taken + 1)
            bookkeeper.buy(f"R-{taken}", date(2025, 1, 10), "P-1", 100, 800)


def test_a_follower_with_nothing_to_fold_waits_for_nobody(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    bookkeeper.fold()
    line = Line(bookkeeper)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(schemas(bookkeeper.book).sql("SELECT * FROM {views}.positions FOR UPDATE"))
        with Follower(line.connect, bookkeeper.book, VIEWS, poll_seconds=0.01) as follower:
            line.waits_for(5)
            assert follower.failure is None
            opened.rollback()


@pytest.mark.parametrize("reason", AWAY, ids=lambda reason: type(reason).__name__)
def test_a_follower_tries_again_and_says_so(
    bookkeeper: Bookkeeper, reason: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(bookkeeper)
    with Follower(line.connect, bookkeeper.book, VIEWS, poll_seconds=0.01) as follower:
        bookkeeper.open_for_business()
        follower.wait_for(log_size(bookkeeper), SECONDS)
        assert "followed again" not in caplog.text
        line.broken.append(reason)
        bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
        line.waits_for(line.taken + 3)  # One fails, one does not, and with the next that is over.
        follower.wait_for(log_size(bookkeeper), SECONDS)
        assert follower.failure is None
    assert "trying again in 0.1 s" in caplog.text
    assert caplog.text.count("are followed again") == 1


def test_the_pauses_between_tries_grow_up_to_the_longest(
    bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(follower_module, "_FIRST_DELAY", 0.25)
    monkeypatch.setattr(follower_module, "_LONGEST_DELAY", 0.75)
    line = Line(bookkeeper)
    with Follower(line.connect, bookkeeper.book, VIEWS, poll_seconds=0.01) as follower:
        line.waits_for(2)
        line.broken = [OSError("away") for _ in range(4)]
        line.waits_for(line.taken + 5)
        bookkeeper.open_for_business()
        follower.wait_for(log_size(bookkeeper), SECONDS)
    told = [text.partition("again in ")[2][:4] for text in caplog.messages if "again in" in text]
    assert told == ["0.25", "0.5 ", "0.75", "0.75"]


def test_a_pause_ends_when_the_follower_is_stopped(
    bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "_FIRST_DELAY", 10 * SECONDS)
    line = Line(bookkeeper)
    follower = Follower(line.connect, bookkeeper.book, VIEWS, poll_seconds=0.01)
    follower.start()
    line.waits_for(2)
    line.broken = [OSError("away") for _ in range(3)]
    began = time.monotonic()
    line.waits_for(line.taken + 1)
    time.sleep(0.2)
    assert len(line.broken) == 2
    follower.stop()
    assert time.monotonic() - began < SECONDS
