"""Rows that leave when they become zero, and rows that stay: the same however the log was cut."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import Any, Final

import pytest
from psycopg2.extensions import cursor
from psycopg2.extras import execute_values

from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, fold, index
from projections.engine.partitions import make_partitions
from projections.engine.rebuild import rebuild
from projections.engine.schemas import Schemas
from projections.engine.view import View
from projections.stock.balances import ITEM_BALANCES, PLACE_BALANCES
from projections.stock.inventory_ageing import inventory_ageing
from projections.stock.lines import STOCK_LINES
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper

BALANCES: Final = (PLACE_BALANCES, ITEM_BALANCES)
LAST: Final = 120
DAYS: Final = (date(2025, 1, 10), date(2025, 1, 11))
PLACES: Final = ("W01", "W02")

Balances = dict[tuple[str, str, date], tuple[int, int]]


def few_pieces(chance: random.Random) -> list[tuple[Any, ...]]:
    """A line a position, of one piece that comes or goes, so that sums become zero all the time."""
    lines = []
    for position in range(1, LAST + 1):
        sign = chance.choice((-1, 1))
        on, origin, arrived = (chance.choice(DAYS) for _ in range(3))
        item = (chance.choice(PLACES), "P-1", "purchases/PR-1", "", "")
        lines.append((position, 1, sign, 5 * sign, on, origin, arrived, arrived, *item))
    return lines


def added_up(lines: list[tuple[Any, ...]]) -> Balances:
    """What lies there by age, without what is gone."""
    sums: Balances = {}
    for _, _, pieces, worth, _, origin, arrived, _, place, *_ in lines:
        for key in ((place, "origin_on", origin), (place, "arrived_on", arrived)):
            quantity, value = sums.get(key, (0, 0))
            sums[key] = (quantity + pieces, value + worth)
    return {key: both for key, both in sums.items() if both != (0, 0)}


@contextmanager
def written(
    bookkeeper: Bookkeeper, lines: list[tuple[Any, ...]]
) -> Iterator[tuple[cursor, Schemas]]:
    """The lines, and balances that nothing was added to yet."""
    at = Schemas(bookkeeper.book, f"{bookkeeper.book}_apart_views")
    of: tuple[View, ...] = (STOCK_LINES, *BALANCES)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        create(c, at, of)
        index(c, at, of)
        make_partitions(c, at, of, 0, LAST)
        execute_values(c, at.sql("INSERT INTO {views}.stock_lines VALUES %s"), lines)
        yield c, at
        opened.rollback()


def steps(c: cursor, at: Schemas, size: int, through: int = LAST) -> Iterator[int]:
    """Adds the lines to the balances, so many positions at a time; yields how far it has come."""
    for after in range(0, through, size):
        for view in BALANCES:
            fold(c, view, at, after, min(after + size, through))
        yield min(after + size, through)


def place_balances(c: cursor, at: Schemas) -> Balances:
    columns = "place, age, since, quantity, value_minor::bigint"
    c.execute(at.sql(f"SELECT {columns} FROM {{views}}.place_balances"))
    return {(place, age, since): (pieces, value) for place, age, since, pieces, value in c}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_are_the_same_for_steps_of_any_size(bookkeeper: Bookkeeper, seed: int) -> None:
    lines = few_pieces(random.Random(seed))
    found = []
    for size in (1, 7, LAST):
        with written(bookkeeper, lines) as (c, at):
            for reached in steps(c, at, size):
                assert place_balances(c, at) == added_up(lines[:reached])
            found.append([fingerprint(c, at, view, LAST) for view in BALANCES])
    assert found[0] == found[1] == found[2]


def test_balances_become_zero_and_come_back_often() -> None:
    """Otherwise the test above would show nothing."""
    lines = few_pieces(random.Random(1))
    there = [added_up(lines[:position]).keys() for position in range(LAST + 1)]
    left = sum(len(before - after) for before, after in pairwise(there))
    came = sum(len(after - before) for before, after in pairwise(there))
    assert left > 10
    assert came > 2 * len(set[object]().union(*there))


@pytest.mark.parametrize("through", [1, 40, 41, 42, 43, LAST - 1])
def test_rows_at_a_past_position_are_those_of_a_view_folded_up_to_there(
    bookkeeper: Bookkeeper, through: int
) -> None:
    lines = few_pieces(random.Random(4))
    with written(bookkeeper, lines) as (c, at):
        assert list(steps(c, at, 7, through))[-1] == through
        then = [fingerprint(c, at, view, through) for view in BALANCES]
    with written(bookkeeper, lines) as (c, at):
        assert list(steps(c, at, 7))[-1] == LAST
        assert [fingerprint(c, at, view, through) for view in BALANCES] == then
        now = [fingerprint(c, at, view, LAST) for view in BALANCES]
        assert [number for number in range(len(BALANCES)) if now[number] == then[number]] == []


def test_a_balance_of_money_without_pieces_stays(bookkeeper: Bookkeeper) -> None:
    """The control: a balance leaves when neither is left."""
    days, item = [DAYS[0]] * 4, ("W01", "P-1", "purchases/PR-1", "", "")
    with written(bookkeeper, [(1, 1, 1, 5, *days, *item), (2, 1, -1, -6, *days, *item)]) as (c, at):
        assert list(steps(c, at, 1, 2)) == [1, 2]
        assert set(place_balances(c, at).values()) == {(0, -1)}


def test_sums_that_are_rebuilt_alone_are_compared_while_their_lines_go_on(
    bookkeeper: Bookkeeper,
) -> None:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", DAYS[0], "P-1", 100, 800)
    bookkeeper.sell("S-1", DAYS[1], "P-1", 10)
    bookkeeper.fold()
    derived = [view.name for view in VIEWS if view.derived]
    sales = iter([90])

    def go_on(done: int, total: int) -> None:
        for quantity in sales:  # When something was folded, once.
            bookkeeper.sell("S-2", DAYS[1], "P-1", quantity)
            bookkeeper.fold()

    assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS, derived, go_on).same
    with bookkeeper.look() as now:
        assert inventory_ageing(now, DAYS[1]).rows == ()
