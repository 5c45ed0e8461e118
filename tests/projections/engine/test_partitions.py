"""Each generation of the log has a partition of the lines, made without making anyone wait."""

from datetime import date

import pytest
from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import cursor

from projections.books.journal import JOURNAL_LINES
from projections.books.trial_balance import trial_balance
from projections.engine.partitions import make_partitions
from projections.engine.reading import reading
from projections.engine.schemas import schemas
from projections.engine.view import GENERATION_POSITIONS
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper

_PARTITIONS = """
    SELECT c.relname FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
    WHERE inhparent = %s::regclass ORDER BY 1
"""
_PARTITION_OF = """
    CREATE TABLE {views}.journal_lines_9 PARTITION OF {views}.journal_lines
    FOR VALUES FROM (9000001) TO (10000001)
"""


def partitions(c: cursor, views: str) -> list[str]:
    c.execute(_PARTITIONS, (f"{views}.journal_lines",))
    return [name for (name,) in c.fetchall()]


def test_a_partition_is_made_when_its_first_position_is_folded(bookkeeper: Bookkeeper) -> None:
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        assert partitions(c, at.views) == []
        make_partitions(c, at, [JOURNAL_LINES], 0, GENERATION_POSITIONS)
        assert partitions(c, at.views) == ["journal_lines_0"]
        make_partitions(c, at, [JOURNAL_LINES], 7, GENERATION_POSITIONS)
        assert partitions(c, at.views) == ["journal_lines_0"]
        last = 2 * GENERATION_POSITIONS + 1
        make_partitions(c, at, [JOURNAL_LINES], GENERATION_POSITIONS, last)
        assert partitions(c, at.views) == [f"journal_lines_{number}" for number in range(3)]
        line = "INSERT INTO {views}.journal_lines VALUES (%s, 0, 1, %s, NULL, '', '', '', '', '')"
        for position in (1, GENERATION_POSITIONS, GENERATION_POSITIONS + 1, last):
            c.execute(at.sql(line), (position, date(2025, 1, 1)))
        c.execute(at.sql("SELECT count(*) FROM {views}.journal_lines_1"))
        assert c.fetchone() == (1,)


def test_a_new_partition_waits_for_no_reader(bookkeeper: Bookkeeper) -> None:
    at = schemas(bookkeeper.book)
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.fold()
    read = "SELECT count(*) FROM {views}.journal_lines"
    with (
        reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now,
        bookkeeper.connect() as opened,
        opened.cursor() as c,
    ):
        assert now.select(read, {}) == [(2,)]
        c.execute("SET LOCAL lock_timeout = '200ms'")
        last = GENERATION_POSITIONS + 1
        make_partitions(c, at, [JOURNAL_LINES], GENERATION_POSITIONS, last)
        opened.commit()
        assert now.select(read, {}) == [(2,)]
        assert trial_balance(now, date(2025, 1, 31)).accounts
        # The control: made the short way it waits, and all later readers wait behind it.
        c.execute("SET LOCAL lock_timeout = '200ms'")
        with pytest.raises(LockNotAvailable):
            c.execute(at.sql(_PARTITION_OF))
        opened.rollback()
