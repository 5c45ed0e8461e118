"""The follower keeps up, says where it stands, and outlives the loss of its database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psycopg2
import pytest
from psycopg2.extensions import connection

from projections.books.trial_balance import trial_balance
from projections.engine import follower as follower_module
from projections.engine.errors import FollowerStopped, ViewsBehind
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, index, step
from projections.engine.follower import Follower
from projections.engine.reading import reading
from projections.engine.schemas import building, schemas
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper, terminate

SECONDS = 20.0


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
