"""Statements that a connection keeps: prepared once, and carried out for any values."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from server.postgres.prepared import PreparingConnection

WITHOUT_VALUES = "SET LOCAL plan_cache_mode = force_generic_plan"


@pytest.fixture
def opened(database_url: str) -> Iterator[PreparingConnection]:
    with closing(psycopg2.connect(database_url, connection_factory=PreparingConnection)) as opened:
        yield opened


def rows(opened: PreparingConnection, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with opened, opened.cursor() as c:
        c.execute(WITHOUT_VALUES)
        c.execute(opened.prepared(statement, values, {"most": 9}))
        return c.fetchall()


def planned(opened: PreparingConnection) -> int:
    """How many statements it keeps, none of which was ever planned for its values."""
    with opened, opened.cursor() as c:
        c.execute("SELECT count(*), coalesce(sum(custom_plans), 0) FROM pg_prepared_statements")
        ((count, custom),) = c.fetchall()
        assert custom == 0
        return int(count)


def test_a_statement_is_prepared_once_whatever_its_values(opened: PreparingConnection) -> None:
    numbers = "SELECT n FROM generate_series(1, %(most)s) AS n WHERE n %% %(by)s = %(rest)s"
    assert rows(opened, numbers, by=4, rest=1, unused="x") == [(1,), (5,), (9,)]
    assert rows(opened, numbers, by=5, rest=0) == [(5,)]
    assert planned(opened) == 1
    assert rows(opened, "SELECT 'it''s'") == rows(opened, "SELECT 'it''s'") == [("it's",)]
    assert planned(opened) == 2


def test_without_the_setting_it_is_planned_for_its_values(opened: PreparingConnection) -> None:
    """The control."""
    with opened, opened.cursor() as c:
        c.execute(opened.prepared("SELECT %(n)s::integer", {"n": 1}))
    with pytest.raises(AssertionError):
        planned(opened)


def test_preparing_leaves_the_rows_of_an_earlier_question_alone(
    opened: PreparingConnection,
) -> None:
    with opened, opened.cursor() as c:
        c.execute("SELECT 7")
        opened.prepared("SELECT 8", {})
        assert c.fetchall() == [(7,)]


def test_a_statement_that_cannot_be_prepared_is_not_kept(opened: PreparingConnection) -> None:
    for _ in range(2):
        with pytest.raises(psycopg2.errors.UndefinedTable):
            rows(opened, "SELECT * FROM nothing")
    assert planned(opened) == 0
