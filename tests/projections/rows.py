"""Rows put into a view by hand: such as no command makes, or more than a test has time to make."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg2.extras import execute_values

from projections.engine.partitions import make_partitions
from projections.engine.reading import Reading, reading
from projections.engine.schemas import schemas
from projections.engine.view import View
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper


@contextmanager
def rows_of(
    bookkeeper: Bookkeeper, view: View, rows: Sequence[tuple[Any, ...]], through: int
) -> Iterator[Reading]:
    """A look at an empty book, all of whose views stand at a position, with these rows in one."""
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        make_partitions(c, at, VIEWS, 0, through)
        execute_values(c, at.sql(f"INSERT INTO {{views}}.{view.name} VALUES %s"), rows)
        c.execute(at.sql("UPDATE {views}.positions SET position = %s"), (through,))
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        yield now
