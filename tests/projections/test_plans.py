"""No question reads all lines: each finds its own through an index, or needs none.

What is asked often is planned once, without its values: then that plan is looked at.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any, Final

import psycopg2
import pytest
from psycopg2.extensions import connection, cursor

from projections.dealer_statement import dealer_statement
from projections.folding import VIEWS
from projections.inventory_ageing import Age, inventory_ageing
from projections.open_items import open_items
from projections.reading import Reading, reading
from projections.stock_lines import stock_on_hand, stock_quantities
from projections.trial_balance import trial_balance
from projections.view import sql, views_schema
from tests.conftest import new_schema
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.conftest import kept
from tests.projections.old_books import derive, write_many

LINES: Final = 40_000
# From end to end, or through an index up to where the views stand, which is the same.
BIG: Final = re.compile(
    r"Seq Scan on (journal_lines|stock_lines|statement_rows|claim_steps|claim_spans)\w*"
    r"|Index Cond: \(\"position\" <= [^()]*\)$",
    re.MULTILINE,
)

MONTH_END, MID_MONTH = date(2025, 12, 31), date(2025, 12, 11)
QUESTIONS: Final[dict[str, Callable[[Reading, date], Any]]] = {
    "trial balance": trial_balance,
    "trial balance by party": lambda now, day: trial_balance(now, day, by_party=True),
    "ageing": inventory_ageing,
    "dwell": lambda now, day: inventory_ageing(now, day, Age.ARRIVAL),
    "ageing of a place": lambda now, day: inventory_ageing(now, day, places=["W1"]),
    "ageing of a place by part": lambda now, day: inventory_ageing(
        now, day, by_part=True, places=["W1"]
    ),
    "ageing of a part": lambda now, day: inventory_ageing(now, day, parts=["P-7"]),
    "stock of a part": lambda now, day: stock_on_hand(now, day, parts=["P-7"]),
    "page of stock": lambda now, day: stock_quantities(now, as_of=day, place="W1", limit=5),
    "statement": lambda now, day: dealer_statement(now, "D7", str(day)[:7]),
    "last month's statement": lambda now, _: dealer_statement(now, "D7", "2025-11"),
    "open items": open_items,
    "open items of a dealer": lambda now, day: open_items(now, day, "D7"),
}


class ExplainingCursor(cursor):
    """Asks how each statement would be carried out before it is."""

    plans: Final[list[str]] = []

    def execute(self, query: Any, values: Any = None) -> None:
        text = self.mogrify(query, values).decode()
        asks = text.lstrip().startswith(("SELECT", "WITH")) and "_views" in text
        if asks or text.startswith("EXECUTE"):
            super().execute(f"EXPLAIN (COSTS OFF) {text}")
            self.plans.append("\n".join(line for (line,) in self.fetchall()))
        super().execute(text)


@pytest.fixture(scope="module")
def many(database_url: str) -> Iterator[Bookkeeper]:
    """A year of lines, as in a book that has been kept for long. It is only looked at."""
    with new_schema(database_url) as schema, kept(database_url, schema) as bookkeeper:
        views = views_schema(bookkeeper.book)
        with bookkeeper.connect() as opened, opened.cursor() as c:
            write_many(c, views, LINES)
            derive(c, bookkeeper.book, views, through=LINES)
            for view in VIEWS:
                c.execute(f"ANALYZE {views}.{view.name}")
        yield bookkeeper


def scans(many: Bookkeeper, database_url: str, day: date, position: int) -> dict[str, str]:
    """The questions that read a big table from end to end, each with its plan."""

    @contextmanager
    def connect() -> Iterator[connection]:
        opened = psycopg2.connect(database_url, cursor_factory=ExplainingCursor)
        with closing(opened), opened:
            yield opened

    found = {}
    for name, ask in QUESTIONS.items():
        ExplainingCursor.plans.clear()
        with reading(connect, many.book, position) as now:
            ask(now, day)
        assert ExplainingCursor.plans
        bad = [plan for plan in ExplainingCursor.plans if BIG.search(plan)]
        if bad:
            found[name] = "\n".join(bad)
    return found


@pytest.mark.parametrize("day", [MONTH_END, MID_MONTH])
@pytest.mark.parametrize("position", [LINES, LINES // 2 - 100])
def test_no_question_reads_all_lines(
    many: Bookkeeper, database_url: str, day: date, position: int
) -> None:
    assert scans(many, database_url, day, position) == {}


@pytest.fixture
def bare(many: Bookkeeper) -> Iterator[Bookkeeper]:
    """The same book without indexes, until they are made again."""
    views = views_schema(many.book)
    with many.connect() as opened, opened.cursor() as c:
        for view in VIEWS:
            for name in _indexes(c, views, view.name):
                c.execute(f"DROP INDEX {views}.{name}")
    yield many
    again = [each for view in VIEWS for each in view.indexes.split(";") if " INDEX ON " in each]
    with many.connect() as opened, opened.cursor() as c:
        for statement in again:
            c.execute(sql(statement, views))


def test_without_its_indexes_a_question_has_to(bare: Bookkeeper, database_url: str) -> None:
    """The control: the lines are so many that they are read in full only for want of an index."""
    found = scans(bare, database_url, MID_MONTH, LINES)
    # Sums alone answer those that are left out.
    assert set(found) == set(QUESTIONS) - {"trial balance", "trial balance by party"}


def _indexes(c: cursor, views: str, table: str) -> list[str]:
    c.execute(
        """
        SELECT i.relname FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
        WHERE x.indrelid = %s::regclass AND NOT x.indisprimary
        """,
        (f"{views}.{table}",),
    )
    return [str(name) for (name,) in c.fetchall()]
