"""What was folded step by step is what the log gives when it is folded anew."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date

import psycopg2
import pytest
from psycopg2.extensions import connection

from projections.books.trial_balance import trial_balance
from projections.engine.ahead import views_ahead
from projections.engine.difference import MOST_ROWS, differences
from projections.engine.errors import RebuildUnderWay, ViewsBehind
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, prepare
from projections.engine.follower import Follower
from projections.engine.reading import reading
from projections.engine.rebuild import drop_leftover, rebuild
from projections.engine.schemas import building, drop_views, schemas, standing
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper


def a_small_history(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.fold(limit=3)
    bookkeeper.dispatch("T-1", date(2025, 2, 10), "P-1", 30)
    bookkeeper.sell("S-1", date(2025, 2, 11), "P-1", 10)
    bookkeeper.pay("Z-1", date(2025, 2, 12), 5_000)
    bookkeeper.state("2025-02")
    bookkeeper.fold(limit=1)


def test_rebuilt_views_are_the_live_ones(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    told: list[tuple[int, int]] = []
    with bookkeeper.look() as now:
        before = trial_balance(now, date(2025, 12, 31))
    result = rebuild(
        bookkeeper.connect, bookkeeper.book, VIEWS,
        progress=lambda done, total: told.append((done, total)), step_facts=5,
    )  # fmt: skip
    assert result.same
    assert result.position == before.as_of_position
    assert [view.name for view in result.views] == [view.name for view in VIEWS]
    rows = {view.name: view.rows for view in result.views}
    assert rows["journal_lines"] == 11
    assert rows["issued_statements"] == 1
    with bookkeeper.look() as now:
        assert trial_balance(now, date(2025, 12, 31)) == before
    assert told == sorted(told)
    of_the_log = sum(not view.derived for view in VIEWS)
    assert told[0][0] == 5 * of_the_log
    assert {result.position * of_the_log, result.position * len(VIEWS)} <= {at for at, _ in told}
    assert {total for _, total in told} == {3 * result.position * len(VIEWS)}
    assert told[-2:] == [told[-1]] * 2, "what is folded and compared is all there is to do"
    assert told[-1][0] == told[-1][1]


def corrupt(bookkeeper: Bookkeeper) -> None:
    with bookkeeper.connect() as opened, opened.cursor() as c:
        one = "UPDATE {views}.journal_lines SET amount_minor = 1 WHERE account = '1002'"
        c.execute(schemas(bookkeeper.book).sql(one))
        assert c.rowcount == 1


def bank(bookkeeper: Bookkeeper) -> int:
    with bookkeeper.look() as now:
        rows = now.select(
            "SELECT amount_minor FROM {views}.journal_lines WHERE account = '1002'", {}
        )
    ((amount,),) = rows
    return int(amount)


def shadows(bookkeeper: Bookkeeper) -> int:
    with bookkeeper.connect() as opened, opened.cursor() as c:
        shadow = building(bookkeeper.book, VIEWS).shadow
        c.execute("SELECT FROM pg_namespace WHERE nspname = %s", (shadow,))
        return c.rowcount


def test_a_corrupted_row_is_found_and_named_and_nothing_is_replaced(
    bookkeeper: Bookkeeper,
) -> None:
    """The control: a fingerprint that cannot differ proves nothing."""
    a_small_history(bookkeeper)
    corrupt(bookkeeper)

    found = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)

    assert (found.same, found.differs, found.went_live) == (False, True, False)
    [differing] = [view for view in found.views if not view.same]
    assert differing.name == "journal_lines"
    rows = [(of_rebuilt, json.loads(row)) for of_rebuilt, row in differing.differences]
    assert [(of_rebuilt, row["account"], row["amount_minor"]) for of_rebuilt, row in rows] == [
        (False, "1002", 1), (True, "1002", 5_000),
    ]  # fmt: skip
    assert rows[0][1]["position"] == rows[1][1]["position"]
    assert bank(bookkeeper) == 1  # As it was.
    assert shadows(bookkeeper) == 0


def test_a_difference_that_is_accepted_is_healed(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    corrupt(bookkeeper)

    accepted = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, accept_difference=True)

    assert (accepted.differs, accepted.went_live) == (True, True)
    assert bank(bookkeeper) == 5_000
    again = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)
    assert (again.same, again.differs, again.went_live) == (True, False, True)


def test_each_view_tells_in_which_rows_it_differs(bookkeeper: Bookkeeper) -> None:
    """Whatever it is made of: an empty twin lacks each of its rows."""
    a_small_history(bookkeeper)
    at, empty = schemas(bookkeeper.book), building(bookkeeper.book, VIEWS)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        create(c, empty, tuple(VIEWS))
        reached = standing(c, at, VIEWS).reached
        for view in VIEWS:
            count, _ = fingerprint(c, at, view, reached)
            told = differences(c, at, empty, view, reached)
            assert [of_rebuilt for of_rebuilt, _ in told] == [False] * min(count, MOST_ROWS)
            assert differences(c, at, at, view, reached) == ()  # The control.
        drop_views(c, empty.shadow)


def test_a_view_that_is_ahead_of_the_log_differs_even_where_its_rows_do_not(
    bookkeeper: Bookkeeper,
) -> None:
    a_small_history(bookkeeper)
    bookkeeper.fold()
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        assert views_ahead(c, bookkeeper.book) == []
        c.execute(at.sql("UPDATE {views}.positions SET position = position + 3"))
        ahead = views_ahead(c, bookkeeper.book)
        assert {(view.size, view.by) for view in ahead} == {(ahead[0].size, 3)}
        assert len(ahead) == len(VIEWS)

    refused = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)
    assert {view.ahead for view in refused.views} == {3}
    assert (refused.differs, refused.went_live) == (True, False)

    rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, accept_difference=True)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        assert views_ahead(c, bookkeeper.book) == []
    assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS).same


def test_views_of_another_version_are_replaced(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        older = "UPDATE {views}.positions SET definition = 'older' WHERE view = 'claim_steps'"
        c.execute(at.sql(older))
        c.execute(at.sql("ALTER TABLE {views}.claim_steps DROP COLUMN position"))
    result = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)
    assert [(view.name, view.live) for view in result.views if not view.same] == [
        ("claim_steps", None)
    ]
    with bookkeeper.connect() as opened, opened.cursor() as c:
        assert prepare(c, bookkeeper.book, VIEWS) == ()  # No longer outdated.


def test_a_book_that_never_had_views_gets_them(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(f"DROP SCHEMA {schemas(bookkeeper.book).views} CASCADE")
    result = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)
    assert {view.live for view in result.views} == {None}
    with bookkeeper.look() as now:
        assert trial_balance(now, date(2025, 12, 31)).accounts


def test_a_rebuild_that_was_cut_off_leaves_nothing_and_is_begun_anew(
    bookkeeper: Bookkeeper,
) -> None:
    a_small_history(bookkeeper)

    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, progress=fail)
    assert shadows(bookkeeper) == 0
    with bookkeeper.look() as now:
        assert trial_balance(now, date(2025, 12, 31)).accounts
    assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS).same


def test_what_a_killed_rebuild_leaves_is_dropped_and_not_what_another_needs(
    bookkeeper: Bookkeeper, database_url: str
) -> None:
    a_small_history(bookkeeper)
    seen = []

    def killed(done: int, total: int) -> None:
        with closing(psycopg2.connect(database_url)) as opened, opened.cursor() as c:
            c.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0)",
                [f"rebuild of {bookkeeper.book}"],
            )

    def looked_at(done: int, total: int) -> None:
        drop_leftover(bookkeeper.connect, bookkeeper.book)
        seen.append(shadows(bookkeeper))

    with pytest.raises(psycopg2.Error):
        rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, progress=killed)
    assert shadows(bookkeeper) == 1  # The control: it could not drop it itself.
    drop_leftover(bookkeeper.connect, bookkeeper.book)
    assert shadows(bookkeeper) == 0

    assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, progress=looked_at).same
    assert set(seen[:-1]) == {1}, "while it is under way it stays"


def test_only_one_rebuild_of_a_book_runs_at_a_time(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    refused = []

    def another(done: int, total: int) -> None:
        with pytest.raises(RebuildUnderWay):
            rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)
        refused.append(done)

    rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, progress=another)
    assert refused


def test_a_snapshot_without_the_lock_would_see_emptied_views(bookkeeper: Bookkeeper) -> None:
    """The control of the next test: what a reading would see if it did not keep the views."""
    a_small_history(bookkeeper)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        c.execute("SELECT 1")  # The snapshot is taken here.
        assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS).same
        c.execute(schemas(bookkeeper.book).sql("SELECT FROM {views}.journal_lines"))
        assert c.rowcount == 0


def test_views_are_followed_and_read_while_they_are_rebuilt(bookkeeper: Bookkeeper) -> None:
    """Facts come in all the time; whoever looks sees books that balance, at no lower position."""
    a_small_history(bookkeeper)
    over = threading.Event()
    seen: list[int] = []
    wrong: list[object] = []

    def watch() -> None:
        while not over.is_set():
            with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
                report = trial_balance(now, date(2026, 12, 31))
            if not report.accounts or any(report.difference_minor.values()):
                wrong.append(report)
            seen.append(now.position)

    watcher = threading.Thread(target=watch)
    with Follower(bookkeeper.connect, bookkeeper.book, VIEWS, poll_seconds=0.01) as follower:
        watcher.start()
        try:
            for number in range(5):
                bookkeeper.sell(f"S-1{number}", date(2025, 3, 1), "P-1", 1)
                assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, step_facts=10).same
        finally:
            over.set()
            watcher.join()
        size = bookkeeper.ledger.recorder.max_notification_id() or 0
        follower.wait_for(size, 20)
    assert wrong == []
    assert seen == sorted(seen)
    assert len(seen) > 5
    with pytest.raises(ViewsBehind), bookkeeper.look(size + 1):
        pass


def test_a_rebuild_drops_what_a_killed_one_has_left_and_ends_its_lock(
    bookkeeper: Bookkeeper, database_url: str
) -> None:
    """On a connection that is used again, as those of a pool are."""
    a_small_history(bookkeeper)
    shadow = building(bookkeeper.book, ()).shadow
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(f"CREATE SCHEMA {shadow}")
        c.execute(f"CREATE TABLE {shadow}.positions ()")
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    held: list[int] = []
    with closing(psycopg2.connect(database_url)) as kept, kept.cursor() as c:
        c.execute("SET SESSION ROLE partsledger_service")
        kept.commit()

        def look(done: int, total: int) -> None:
            c.execute(locks)
            held.extend(count for (count,) in c.fetchall())

        @contextmanager
        def connect() -> Iterator[connection]:
            with kept:
                yield kept

        assert rebuild(connect, bookkeeper.book, VIEWS, progress=look).same
        c.execute(locks)
        assert c.fetchall() == [(0,)]
    assert min(held) == 1  # The control.
    assert shadows(bookkeeper) == 0


@pytest.mark.parametrize("name", ["claim_months", "issued_statements"])
def test_a_view_may_be_rebuilt_by_itself(bookkeeper: Bookkeeper, name: str) -> None:
    a_small_history(bookkeeper)
    result = rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, [name])
    assert name in [view.name for view in result.views]
    assert result.same
