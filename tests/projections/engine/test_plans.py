"""No question reads all lines: each finds its own through an index, or needs none.

What is asked often is planned once, without its values: then that plan is looked at.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg2
import pytest
from psycopg2.extensions import connection, cursor

from projections.books.account_lines import LinePlace, account_lines
from projections.books.documents import Wanted, list_documents, steps_of_number
from projections.books.trial_balance import trial_balance
from projections.dealers.dealer_statement import statement_as_read
from projections.dealers.entries_of_party import entries_of_party
from projections.dealers.open_items import open_items
from projections.engine.reading import Reading, reading
from projections.engine.schemas import schemas
from projections.stock.inventory_ageing import Age, inventory_ageing
from projections.stock.layers_on_hand import layers_on_hand
from projections.stock.on_hand import stock_quantities
from projections.stock.stock_card import CardPlace, stock_card
from projections.views import VIEWS
from server.postgres.prepared import PreparingConnection
from tests.conftest import new_schema
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.conftest import opened_book
from tests.projections.engine.old_books import derive, write_many

LINES: Final = 40_000
BIG: Final = (
    "journal_lines", "stock_lines", "statement_rows", "claim_steps", "claim_spans", "claim_months",
    "dealer_items", "document_steps", "stated_items", "closed_stock",
)  # fmt: skip

MONTH_END, MID_MONTH = date(2025, 12, 31), date(2025, 12, 11)

LONG_AGO: Final = date(2025, 3, 11)


class Question(NamedTuple):
    ask: Callable[[Reading, date], Any]
    most: int  # Rows of a big table that it reads in one scan, asked of the present.


# As autovacuum does, soon after lines were written.
SUMMARIZED: Final = """
    SELECT brin_summarize_new_values(c.oid)
    FROM pg_class AS c JOIN pg_am AS a ON a.oid = c.relam
    WHERE a.amname = 'brin' AND c.relkind = 'i' AND c.relnamespace = %(views)s::regnamespace
"""


def _begin(day: date) -> LinePlace:
    return LinePlace(day.replace(day=1), 0, 0)


QUESTIONS: Final = {
    "entries of a party": Question(
        lambda now, _: entries_of_party(now, "dealers/D7", 0, now.position, 100), 800
    ),
    "trial balance": Question(trial_balance, 0),
    "trial balance by party": Question(lambda now, day: trial_balance(now, day, by_party=True), 0),
    "ageing": Question(inventory_ageing, 2_000),  # So many layers lie there, and half a month.
    "dwell": Question(lambda now, day: inventory_ageing(now, day, Age.ARRIVAL), 2_000),
    "ageing, long ago": Question(lambda now, _: inventory_ageing(now, LONG_AGO), 2_000),
    "ageing at a month's end, long ago": Question(
        lambda now, _: inventory_ageing(now, date(2025, 3, 31)), 2_000
    ),
    "ageing of a place": Question(lambda now, day: inventory_ageing(now, day, places=["W1"]), 100),
    "ageing of a place by part": Question(
        lambda now, day: inventory_ageing(now, day, by_part=True, places=["W1"]), 400
    ),
    "ageing of a part": Question(lambda now, day: inventory_ageing(now, day, parts=["P-7"]), 100),
    "stock of a part": Question(lambda now, day: layers_on_hand(now, day, parts=["P-7"]), 100),
    "ageing of a part, long ago": Question(
        lambda now, _: inventory_ageing(now, LONG_AGO, parts=["P-7"]), 100
    ),
    "ageing of a place by part, long ago": Question(
        lambda now, _: inventory_ageing(now, LONG_AGO, by_part=True, places=["W1"]), 200
    ),
    "page of stock": Question(
        lambda now, _: stock_quantities(now, place="W1", limit=5, show_empty=False), 50
    ),
    "page of stock on a day": Question(
        lambda now, day: stock_quantities(now, as_of=day, place="W1", limit=5, show_empty=False), 50
    ),
    "page of stock, long ago": Question(
        lambda now, _: stock_quantities(now, as_of=LONG_AGO, place="W1", limit=5, show_empty=False),
        50,
    ),
    "page of stock with what is gone": Question(
        lambda now, day: stock_quantities(
            now, as_of=day, place="W1", show_empty=True, after=("W1", "P-4"), limit=5
        ),
        50,
    ),
    "where a part lies": Question(
        lambda now, _: stock_quantities(now, part="P-7", show_empty=False), 50
    ),
    "where a part lay": Question(
        lambda now, _: stock_quantities(now, as_of=LONG_AGO, part="P-7", show_empty=True), 50
    ),
    "statement": Question(lambda now, day: statement_as_read(now, "D7", str(day)[:7]), 100),
    "last month's statement": Question(lambda now, _: statement_as_read(now, "D7", "2025-11"), 100),
    "statement of long ago": Question(lambda now, _: statement_as_read(now, "D7", "2025-03"), 100),
    "open items": Question(open_items, 3_000),  # So many are open.
    "open items of a dealer": Question(lambda now, day: open_items(now, day, "D7"), 100),
    "open items of long ago": Question(lambda now, _: open_items(now, LONG_AGO), 3_500),  # A month.
    "open items of a dealer, long ago": Question(
        lambda now, _: open_items(now, LONG_AGO, "D7"), 100
    ),
    "ledger of an account": Question(
        lambda now, day: account_lines(now, "1122", to=day, after=_begin(day), limit=50),
        4_000,  # All lines of a month.
    ),
    "ledger of a dealer": Question(
        lambda now, day: account_lines(
            now, "1122", "dealers/D7", to=day, after=_begin(day), limit=50
        ),
        4_000,
    ),
    "stock card": Question(
        lambda now, day: stock_card(now, "P-7", to=day, after=CardPlace(day), limit=50), 100
    ),
    "page of claims": Question(
        lambda now, _: list_documents(now, "claims", after=(None, "C-998"), limit=5), 20
    ),
    "claims on a paper": Question(
        lambda now, _: list_documents(now, "claims", Wanted(paper="WO-998"), limit=5), 20
    ),
    "page of a dealer's claims": Question(
        lambda now, _: list_documents(now, "claims", Wanted(dealer="D7"), limit=5), 20
    ),
    "steps of a document": Question(lambda now, _: steps_of_number(now, "C-998"), 10),
    "steps on a paper": Question(lambda now, _: steps_of_number(now, "WO-998"), 20),
}
LATELY: Final = LINES // 2 - 100  # The last line's position is half their number.
OF_THE_PAST: Final = LINES // 6  # Also what came in the months that are not closed yet.


class ExplainingCursor(cursor):
    """Has each statement explained while it is carried out, once more before it is."""

    plans: Final[list[dict[str, Any]]] = []

    def execute(self, query: Any, values: Any = None) -> None:
        text = self.mogrify(query, values).decode()
        asks = text.lstrip().startswith(("SELECT", "WITH")) and "views_of_" in text
        if asks or text.startswith("EXECUTE"):
            super().execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}")
            ((found,),) = self.fetchall()
            self.plans.append(found[0]["Plan"] | {"Kept": text.startswith("EXECUTE")})
        super().execute(text)


def rows_read(plan: dict[str, Any]) -> int:
    """Of the big tables, their indexes and their arrays, in the scan that reads most: used or
    thrown away."""
    name = str(plan.get("Relation Name") or plan.get("Index Name"))
    counts = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = sum(plan.get(count, 0) for count in counts) * plan["Actual Loops"]
    here = int(rows) if name.startswith(BIG) or plan["Node Type"] == "Function Scan" else 0
    return max([here, *map(rows_read, plan.get("Plans", []))])


@pytest.fixture(scope="module")
def many(database_url: str) -> Iterator[Bookkeeper]:
    """A year of lines, as in a book that has been kept for long. It is only looked at."""
    with new_schema(database_url) as schema, opened_book(database_url, schema) as bookkeeper:
        at = schemas(bookkeeper.book)
        with bookkeeper.connect() as opened, opened.cursor() as c:
            write_many(c, at, LINES)
            derive(c, at, through=LINES)
            for view in VIEWS:
                c.execute(f"ANALYZE {at.views}.{view.name}")
            c.execute(SUMMARIZED, {"views": at.views})
        yield bookkeeper


def test_reading_all_of_a_big_table_would_be_more_than_any_question_may(many: Bookkeeper) -> None:
    with many.connect() as opened, opened.cursor() as c:
        for table in BIG:
            c.execute(f"SELECT count(*) FROM {schemas(many.book).views}.{table}")
            ((rows,),) = c.fetchall()
            assert rows > max(question.most for question in QUESTIONS.values()), table


def explained(
    many: Bookkeeper, database_url: str, day: date, position: int
) -> dict[str, list[dict[str, Any]]]:
    """The plans of each question, carried out."""

    @contextmanager
    def connect() -> Iterator[connection]:
        opened = psycopg2.connect(database_url, connection_factory=PreparingConnection)
        opened.cursor_factory = ExplainingCursor
        with closing(opened), opened:
            yield opened

    plans = {}
    for name, question in QUESTIONS.items():
        ExplainingCursor.plans.clear()
        with reading(connect, many.book, VIEWS, position) as now:
            question.ask(now, day)
        assert ExplainingCursor.plans
        plans[name] = list(ExplainingCursor.plans)
    return plans


def reading_many(many: Bookkeeper, database_url: str, day: date, position: int) -> dict[str, int]:
    """The questions that read more rows of a big table than they should, and how many."""
    found = {}
    for name, plans in explained(many, database_url, day, position).items():
        rows = max(map(rows_read, plans))
        if rows > (QUESTIONS[name].most if position == LINES else OF_THE_PAST):
            found[name] = rows
    return found


@pytest.mark.parametrize("day", [MONTH_END, MID_MONTH])
@pytest.mark.parametrize("position", [LINES, LATELY])
def test_no_question_reads_more_lines_than_it_is_about(
    many: Bookkeeper, database_url: str, day: date, position: int
) -> None:
    assert reading_many(many, database_url, day, position) == {}


def kept_questions(many: Bookkeeper, database_url: str, position: int) -> set[str]:
    """Those of which a plan was explained that was made without values. Before PostgreSQL 17, other
    plans have a "$1", too: it stands for a result of theirs."""
    plans = explained(many, database_url, MID_MONTH, position)
    return {
        name for name, of in plans.items() if any(plan["Kept"] and "$1" in str(plan) for plan in of)
    }


def test_what_is_asked_often_is_explained_as_it_is_kept(
    many: Bookkeeper, database_url: str
) -> None:
    often = {name for name in QUESTIONS if "statement" in name or "trial balance" in name}
    often |= {"ageing", "dwell", "ageing of a place", "open items of a dealer",
              "open items of a dealer, long ago"}  # fmt: skip
    assert kept_questions(many, database_url, LINES) == often
    assert kept_questions(many, database_url, LATELY) == set()  # Planned for their values.


def test_where_a_part_lies_is_found_by_the_part(many: Bookkeeper, database_url: str) -> None:
    """There are as many balances as items: before PostgreSQL 18 their key does not lead to it."""
    plans = explained(many, database_url, MID_MONTH, LINES)
    assert "item_balances_part_place_idx" in str(plans["where a part lies"])
    assert "item_balances_part_place_idx" not in str(plans["page of stock"])


@pytest.fixture
def bare(many: Bookkeeper) -> Iterator[Bookkeeper]:
    """The same book without indexes, until they are made again."""
    at = schemas(many.book)
    with many.connect() as opened, opened.cursor() as c:
        for view in VIEWS:
            for name in _indexes(c, at.views, view.name):
                c.execute(f"DROP INDEX {at.views}.{name}")
    yield many
    again = [each for view in VIEWS for each in view.indexes.split(";") if " INDEX ON " in each]
    with many.connect() as opened, opened.cursor() as c:
        for statement in again:
            c.execute(at.sql(statement))


def test_without_its_indexes_a_question_has_to(bare: Bookkeeper, database_url: str) -> None:
    """The control: for want of an index, all lines are read."""
    found = reading_many(bare, database_url, MID_MONTH, LINES)
    by_keys_alone = {
        "trial balance", "trial balance by party", "page of stock", "where a part lies",
        "ageing at a month's end, long ago",
    }  # fmt: skip
    assert set(found) == set(QUESTIONS) - by_keys_alone


def _indexes(c: cursor, views: str, table: str) -> list[str]:
    c.execute(
        """
        SELECT i.relname FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
        WHERE x.indrelid = %s::regclass AND NOT x.indisprimary
        """,
        (f"{views}.{table}",),
    )
    return [str(name) for (name,) in c.fetchall()]
