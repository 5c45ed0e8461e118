"""No fold of a derived view reads a whole table: the follower's steps are small, and plan once.

Planned without the values of a step, a join may read all rows of a table in order of its key,
above all where the rows lie in that order, as they do here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from psycopg2.extensions import cursor

from projections.claims.pending_claims import CLAIM_MONTHS
from projections.engine.follower import AS_FOLLOWER
from projections.engine.prepared import prepared
from projections.engine.schemas import Schemas, schemas
from projections.engine.view import View
from projections.views import VIEWS
from tests.conftest import new_schema
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.conftest import opened_book
from tests.projections.engine.old_books import derive, write_many

LINES: Final = 40_000
STEP: Final = 20
# The lines of a step, once for each age, and some more.
MOST: Final = 200
DERIVED: Final = [view for view in VIEWS if view.derived]


@pytest.fixture(scope="module")
def many(database_url: str) -> Iterator[Bookkeeper]:
    """A year of lines, and derived views to the end of it but for one step."""
    with new_schema(database_url) as schema, opened_book(database_url, schema) as bookkeeper:
        at = schemas(bookkeeper.book)
        with bookkeeper.connect() as opened, opened.cursor() as c:
            write_many(c, at, LINES)
            derive(c, at, through=LINES // 2 - STEP)
            for view in DERIVED:
                c.execute(at.sql(f"CLUSTER {{views}}.{view.name} USING {view.name}_pkey"))
            for view in VIEWS:
                c.execute(at.sql(f"ANALYZE {{views}}.{view.name}"))
        yield bookkeeper


@contextmanager
def followed(many: Bookkeeper) -> Iterator[tuple[cursor, Schemas]]:
    with many.connect() as opened, opened.cursor() as c:
        c.execute(AS_FOLLOWER)
        yield c, schemas(many.book)
        opened.rollback()


def rows_read(c: cursor, at: Schemas, view: View, fold: str) -> int:
    """In the scan of a table that reads most, in the last step."""
    positions = {"after": LINES // 2 - STEP, "through": LINES // 2}
    step = prepared(c, at.sql(fold), positions, view.values)
    c.execute(b"EXPLAIN (ANALYZE, FORMAT JSON) " + step)
    ((found,),) = c.fetchall()
    assert "$1" in str(found)  # Planned without the values.
    return _most(found[0]["Plan"])


def _most(plan: dict[str, Any]) -> int:
    counts = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = sum(plan.get(count, 0) for count in counts) * plan["Actual Loops"]
    here = int(rows) if "Relation Name" in plan or "Index Name" in plan else 0
    return max([here, *map(_most, plan.get("Plans", []))])


@pytest.mark.parametrize("view", DERIVED, ids=lambda view: view.name)
def test_a_fold_reads_the_rows_of_its_step(many: Bookkeeper, view: View) -> None:
    with followed(many) as (c, at):
        assert rows_read(c, at, view, view.fold) <= MOST


def test_a_fold_that_joins_may_read_a_whole_table(many: Bookkeeper) -> None:
    """The control: it is LIMIT that keeps the rows from being joined in another way."""
    with followed(many) as (c, at):
        c.execute("SET LOCAL enable_nestloop = off")
        assert rows_read(c, at, CLAIM_MONTHS, CLAIM_MONTHS.fold) <= MOST
        joined = CLAIM_MONTHS.fold.replace("LIMIT 1", "")
        assert rows_read(c, at, CLAIM_MONTHS, joined) > LINES // 8
