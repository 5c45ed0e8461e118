"""Questions that a connection keeps are asked of whatever the views are by then."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date

import psycopg2
import pytest
from psycopg2.extensions import connection

from projections.books.trial_balance import trial_balance
from projections.engine.reading import reading
from projections.engine.rebuild import rebuild
from projections.engine.schemas import schemas
from projections.views import VIEWS
from server.postgres.prepared import PreparingConnection
from tests.projections.bookkeeping import Bookkeeper

DAY = date(2025, 12, 31)


@pytest.fixture
def opened(database_url: str) -> Iterator[PreparingConnection]:
    with closing(psycopg2.connect(database_url, connection_factory=PreparingConnection)) as opened:
        yield opened


def planned(opened: PreparingConnection) -> int:
    """How many statements it keeps."""
    with opened, opened.cursor() as c:
        c.execute("SELECT count(*) FROM pg_prepared_statements")
        ((count,),) = c.fetchall()
        return int(count)


def test_what_a_connection_keeps_finds_views_that_were_rebuilt(
    bookkeeper: Bookkeeper, opened: PreparingConnection
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
    rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, accept_difference=True)
    assert difference() == {"CNY": 0}
    assert difference(1) == {}
    assert planned(opened) == 1  # A question of the past is planned for itself.
