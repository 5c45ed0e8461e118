"""Questions that a connection keeps: planned once, and asked of whatever the views are by then."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection

from projections.books.trial_balance import trial_balance
from projections.engine.prepared import BY_INDEX, kept
from projections.engine.reading import reading
from projections.engine.rebuild import rebuild
from projections.engine.schemas import schemas
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper

DAY = date(2025, 12, 31)


@pytest.fixture
def opened(database_url: str) -> Iterator[connection]:
    with closing(psycopg2.connect(database_url)) as opened:
        yield opened


def rows(opened: connection, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with opened, opened.cursor() as c:
        c.execute(BY_INDEX)
        c.execute(kept(c, statement, values, {"most": 9}))
        return c.fetchall()


def planned(opened: connection) -> int:
    """How many statements it keeps, none of which was ever planned for its values."""
    with opened, opened.cursor() as c:
        c.execute("SELECT count(*), coalesce(sum(custom_plans), 0) FROM pg_prepared_statements")
        ((count, custom),) = c.fetchall()
        assert custom == 0
        return int(count)


def test_a_statement_is_prepared_once_whatever_its_values(opened: connection) -> None:
    numbers = "SELECT n FROM generate_series(1, %(most)s) AS n WHERE n %% %(by)s = %(rest)s"
    assert rows(opened, numbers, by=4, rest=1, unused="x") == [(1,), (5,), (9,)]
    assert rows(opened, numbers, by=5, rest=0) == [(5,)]
    assert planned(opened) == 1
    assert rows(opened, "SELECT 'it''s'") == rows(opened, "SELECT 'it''s'") == [("it's",)]
    assert planned(opened) == 2


def test_without_the_setting_it_is_planned_for_its_values(opened: connection) -> None:
    """The control."""
    with opened, opened.cursor() as c:
        c.execute(kept(c, "SELECT %(n)s::integer", {"n": 1}))
    with pytest.raises(AssertionError):
        planned(opened)


def test_a_statement_that_cannot_be_prepared_is_not_kept(opened: connection) -> None:
    for _ in range(2):
        with pytest.raises(psycopg2.errors.UndefinedTable):
            rows(opened, "SELECT * FROM nothing")
    assert planned(opened) == 0


def test_what_a_connection_keeps_finds_views_that_were_rebuilt(
    bookkeeper: Bookkeeper, opened: connection
) -> None:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.fold()

    @contextmanager
    def always_this_one() -> Iterator[connection]:
        with opened:
            yield opened

    def difference(position: int | None = None) -> dict[str, int]:
        with reading(always_this_one, bookkeeper.book, VIEWS, position) as now:
            return trial_balance(now, DAY).difference_minor

    assert difference() == {"CNY": 0}
    assert planned(opened) == 1
    with bookkeeper.connect() as other, other.cursor() as c:
        spoil = "UPDATE {views}.account_months SET debit_minor = debit_minor + 1"
        c.execute(schemas(bookkeeper.book).sql(spoil))
        assert c.rowcount > 0
    assert difference() != {"CNY": 0}  # The control: it is asked of the views that are there.
    rebuild(bookkeeper.connect, bookkeeper.book, VIEWS)
    assert difference() == {"CNY": 0}
    assert difference(1) == {}
    assert planned(opened) == 1  # A question of the past is planned for itself.
